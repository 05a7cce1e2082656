"""Run the benchmarks of speed and print one table.

    python benchmarks/run.py [image audio text import] [--sizes 1 100] [--json FILE]

Each row is work that ours and its peers do in turns, in one process and with one thread, after
their numbers were found equal. A ratio above 1 says that the peer takes longer; *% of limit* is
what share of our time the unavoidable part takes alone. Peers come with the extra ``bench``; one
that is not installed is left out, by name. Set OMP_NUM_THREADS=1. At the size 10,000 a peer may
take minutes.
"""

import argparse
import importlib
import json
import os
import sys
import warnings
from dataclasses import asdict

from pairs import measure, print_table

NAMES = ("image", "audio", "text", "import")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100], metavar="N")
    parser.add_argument("--seconds", type=float, default=2.0, help="to spend on each row")
    parser.add_argument("--json", metavar="FILE", help="write the rows there too")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(NAMES)}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.simplefilter("ignore")  # of what the peers import
    rows = []
    for name in arguments.names or NAMES:
        module = importlib.import_module(f"bench_{name}")
        for size in arguments.sizes:
            for case in module.cases(size):
                rows.append(measure(case, arguments.seconds))
                print(f"  {name}: {rows[-1].work}, {size}", file=sys.stderr)
    print_table(rows)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([asdict(row) for row in rows], file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
