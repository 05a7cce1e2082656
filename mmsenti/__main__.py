"""``python -m mmsenti``, the same as the command ``mmsenti``."""

import sys

from mmsenti.cli import main

if __name__ == "__main__":
    sys.exit(main())
