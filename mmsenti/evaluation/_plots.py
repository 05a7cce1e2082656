"""The plots of a report, as SVG that takes its colours from the page.

Colours are Okabe and Ito's, which colour-blind readers tell apart, by way of CSS variables: the
page has a light and a dark set of them.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mmsenti._optional import import_optional

__all__ = ["bars", "calibration", "curve", "forest", "roc", "scatter"]

# What is drawn in one of these is shown in a colour of the page.
_INK = "#010203"
_COLOURS = [f"#0102{i:02x}" for i in range(16, 23)]
_WIDTH = 4.6  # inches; the page scales it
_LINES = ("-", "--", "-.", ":")


def _drawn(draw: Callable[[Any], None], name: str, height: float = 3.2, **axes: Any) -> str:
    """Draw into one pair of axes, and return the SVG."""
    import_optional("matplotlib", "report", "The report")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
    }
    for key in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        settings[key] = _INK
    with rc_context(settings):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        ax = figure.add_subplot()
        draw(ax)
        ax.set(**axes)
        figure.patch.set_alpha(0)
        ax.patch.set_alpha(0)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _themed(file.getvalue(), name)


def _themed(svg: str, name: str) -> str:
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    for i, colour in enumerate(_COLOURS):
        svg = svg.replace(colour, f"var(--c{i})")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'font: ([^;"]*) ?sans-serif', r"font: \1 inherit", svg)
    svg = re.sub(r"font: (\d+px)[^;\"]*", r"font-size: \1", svg)
    # Names are unique in the page: plots point at their own parts only.
    svg = re.sub(r'\bid="(?!figure|axes)', f'id="{name}-', svg)
    svg = re.sub(r' id="(figure|axes)[^"]*"', "", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', 'role="img"', svg, count=1)


def _interval(drawn: np.ndarray) -> tuple[float, float, float]:
    low, high = np.nanquantile(drawn[1:] if len(drawn) > 1 else drawn, [0.025, 0.975])
    return float(drawn[0]), float(low), float(high)


def forest(rows: Sequence[tuple[str, float, float, float, int]], label: str) -> str:
    """Draw a point with its interval for each row.

    Parameters
    ----------
    rows : list of (str, float, float, float, int)
        Name, value, low and high end, and colour.
    label : str
        Of the axis.

    Returns
    -------
    str
        SVG.
    """

    def draw(ax: Any) -> None:
        for place, (_, value, low, high, colour) in enumerate(rows):
            ax.plot([low, high], [place, place], color=_COLOURS[colour], linewidth=2)
            ax.plot(value, place, "o", color=_COLOURS[colour], markersize=5)
        ax.set_yticks(range(len(rows)), [row[0] for row in rows])
        ax.invert_yaxis()
        ax.grid(axis="x", alpha=0.25)

    return _drawn(draw, "forest", 0.7 + 0.24 * len(rows), xlabel=label)


def roc(y: np.ndarray, probabilities: np.ndarray, classes: Sequence[Any]) -> str:
    """Draw the ROC curve of each class against the rest.

    Parameters
    ----------
    y : ndarray of int of shape (n_samples,)
    probabilities : ndarray of shape (n_samples, n_classes)
    classes : sequence of str

    Returns
    -------
    str
        SVG.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    def draw(ax: Any) -> None:
        ax.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, alpha=0.4)
        for i, label in enumerate(classes):
            if len(classes) == 2 and i == 0:  # the other one mirrored
                continue
            if not 0 < (y == i).sum() < len(y):
                continue
            x, up, _ = roc_curve(y == i, probabilities[:, i])
            area = roc_auc_score(y == i, probabilities[:, i])
            style = {"color": _COLOURS[i % 7], "linestyle": _LINES[i % 4]}
            ax.plot(x, up, label=f"{label} ({area:.2f})", **style)
        ax.legend(loc="lower right")
        ax.set_aspect("equal")

    return _drawn(draw, "roc", xlabel="false positive rate", ylabel="true positive rate")


def calibration(y: np.ndarray, probabilities: np.ndarray, n_bins: int = 10) -> str:
    """Draw how often the predicted class is right, by how probable it was said to be.

    Parameters
    ----------
    y : ndarray of int of shape (n_samples,)
    probabilities : ndarray of shape (n_samples, n_classes)
    n_bins : int, default=10
        Of equal numbers of rows.

    Returns
    -------
    str
        SVG.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    parts = [p for p in np.array_split(np.argsort(confidence, kind="stable"), n_bins) if len(p)]

    def draw(ax: Any) -> None:
        ax.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, alpha=0.4)
        said = [confidence[part].mean() for part in parts]
        ax.plot(said, [right[part].mean() for part in parts], "o-", color=_COLOURS[0])
        low = min(1 / probabilities.shape[1], min(said)) - 0.05
        ax.set(xlim=(max(0, low), 1.02), ylim=(max(0, low), 1.02))

    said, right_share = "probability of the predicted class", "share that is right"
    return _drawn(draw, "calibration", xlabel=said, ylabel=right_share)


def scatter(y: np.ndarray, values: np.ndarray) -> str:
    """Draw predicted over true values.

    Parameters
    ----------
    y, values : ndarray of shape (n_samples,)

    Returns
    -------
    str
        SVG, of at most 2,000 points.
    """
    chosen = np.random.default_rng(0).permutation(len(y))[:2000]

    def draw(ax: Any) -> None:
        ends = [min(y.min(), values.min()), max(y.max(), values.max())]
        ax.plot(ends, ends, color=_INK, linewidth=0.8, alpha=0.4)
        ax.plot(y[chosen], values[chosen], ".", color=_COLOURS[0], alpha=0.5)

    return _drawn(draw, "scatter", xlabel="true value", ylabel="predicted value")


def bars(left_out: dict[str, np.ndarray], permuted: dict[str, np.ndarray], metric: str) -> str:
    """Draw what is lost without each modality, and with each permuted.

    Parameters
    ----------
    left_out, permuted : dict of str to ndarray of shape (n_draws,)
    metric : str

    Returns
    -------
    str
        SVG.
    """

    def draw(ax: Any) -> None:
        places = np.arange(len(left_out))
        kinds = (("left out", left_out, 0, -0.2), ("permuted", permuted, 1, 0.2))
        for label, losses, colour, shift in kinds:
            values, lows, highs = np.array([_interval(d) for d in losses.values()]).T
            ends = [np.maximum(values - lows, 0), np.maximum(highs - values, 0)]
            style = {"color": _COLOURS[colour], "label": label, "error_kw": {"ecolor": _INK}}
            ax.barh(places + shift, values, 0.36, xerr=ends, **style)
        ax.axvline(0, color=_INK, linewidth=0.8)
        ax.set_yticks(places, list(left_out))
        ax.invert_yaxis()
        ax.figure.legend(loc="outside upper center", ncol=2)

    return _drawn(draw, "bars", 1.4 + 0.6 * len(left_out), xlabel=f"loss of {metric}")


def curve(points: Sequence[tuple[float, np.ndarray]], name: str, label: str, metric: str) -> str:
    """Draw a metric over shares, with its interval as a band.

    Parameters
    ----------
    points : list of (float, ndarray of shape (n_draws,))
    name : str
        Of the plot, unique in the page.
    label : str
        Of the shares.
    metric : str

    Returns
    -------
    str
        SVG.
    """

    def draw(ax: Any) -> None:
        shares = [100 * share for share, _ in points]
        values, lows, highs = np.array([_interval(drawn) for _, drawn in points]).T
        ax.fill_between(shares, lows, highs, color=_COLOURS[0], alpha=0.2, linewidth=0)
        ax.plot(shares, values, "o-", color=_COLOURS[0])
        ax.grid(alpha=0.25)
        ax.xaxis.set_major_formatter("{x:.0f} %")

    return _drawn(draw, name, 2.8, xlabel=label, ylabel=metric)
