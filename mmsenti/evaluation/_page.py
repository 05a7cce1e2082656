"""Write a page from a template: what comes from data is text in it, never markup."""

import json
from typing import Any

__all__ = ["render", "script_json"]


def render(template: str, **values: Any) -> str:
    """Fill in a template of this room.

    Parameters
    ----------
    template : str
        Name of its file.
    **values : dict
        Each is escaped, but for SVG that is drawn here and JSON.

    Returns
    -------
    str
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mmsenti.evaluation", "."),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(**values)


def script_json(data: Any) -> str:
    r"""Write JSON that can stand in a script element: nothing in it ends one.

    Parameters
    ----------
    data : object

    Returns
    -------
    str

    Examples
    --------
    >>> print(script_json({"text": "</script>"}))
    {"text":"\u003c/script\u003e"}
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
