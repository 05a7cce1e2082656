"""An explanation as lines for a terminal."""

from typing import Any

import numpy as np

__all__ = ["format_explanation"]

_BAR = 20
_N_WORDS = 8
_N_FEATURES = 6


def format_explanation(why: Any) -> str:
    """Lay out an explanation.

    Parameters
    ----------
    why : Explanation

    Returns
    -------
    str
    """
    lines = [_headline(why), "", f"What each modality adds, in {why.unit}:"]
    names = list(why.contributions)
    left = max(len(name) for name in (*names, "without any"))
    scale = max([abs(value) for value in why.contributions.values()] + [1e-9])
    lines.append(f"  {'without any':<{left}}  {why.base:+7.2f}")
    for name, value in why.contributions.items():
        bar = "#" * round(_BAR * abs(value) / scale) if why.present[name] else "missing"
        lines.append(f"  {name:<{left}}  {value:+7.2f}  {bar}".rstrip())
    lines.append(f"  {'together':<{left}}  {why.total:+7.2f}")
    for name, words in why.words.items():
        strong = sorted(words, key=lambda word: -abs(word[3]))[:_N_WORDS]
        said = "  ".join(f"{word} {effect:+.2f}" for word, *_, effect in strong)
        lines += ["", f"Words of {name}, by what is lost without them:", f"  {said}"]
    for name, regions in why.regions.items():
        lines += ["", f"Regions of {name}, by what is lost when they are painted over:"]
        lines += ["  " + " ".join(f"{effect:+6.2f}" for effect in line) for line in regions]
    lines += _features(why)
    return "\n".join(lines)


def _headline(why: Any) -> str:
    if why.probabilities is None:
        return f"Predicted: {_short(why.prediction)}"
    shares = ", ".join(f"{label} {p:.2f}" for label, p in why.probabilities.items())
    return f"Predicted: {why.prediction}  ({shares})"


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float | np.floating) else str(value)


def _features(why: Any) -> list[str]:
    lines = []
    for name in why.contributions:
        strong = why.features[why.features["modality"] == name].head(_N_FEATURES)
        strong = strong[strong["effect"] != 0]
        if strong.empty:
            continue
        lines += ["", f"Features of {name}, above (^) or below (v) their average:"]
        left = strong["feature"].str.len().max()
        for feature, value, average, effect in strong[
            ["feature", "value", "average", "effect"]
        ].itertuples(index=False):
            side = "^" if value > average else "v"
            lines.append(f"  {side} {feature:<{left}}  {effect:+7.2f}")
    return lines
