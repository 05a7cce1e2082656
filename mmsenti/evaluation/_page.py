"""Write a page from a template: what comes from data is text in it, never markup."""

from typing import Any

__all__ = ["render"]


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
