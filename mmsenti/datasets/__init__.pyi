from ._manifest import load_manifest
from ._synthetic import make_posts

__all__ = ["load_manifest", "make_posts"]
