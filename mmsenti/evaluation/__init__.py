"""Evaluation: which modality carries a prediction, whether a gain is real, and why.

`compare` predicts out of fold by subsets of modalities under strategies, beside controls; `Report`
makes a page of it. `explain` and `ablation` look into a fitted fusion. `metrics` are the measures
that papers of this field report.

Conventions
-----------
Labels and intensities are of shape (n_samples,), probabilities of shape (n_samples, n_classes) in
the order of the sorted labels. Sentiment intensities lie in [-3, 3], 0 being neutral. Scores are of
rows that no model has seen, in folds that split no group; intervals are of 95 %, from a bootstrap
over groups. Contributions to a class are in log-odds.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["metrics"],
    submod_attrs={
        "_ablation": ["ablation"],
        "_compare": ["compare"],
        "_comparison": ["Comparison"],
        "_display": ["ModalityImportanceDisplay"],
        "_explain": ["Explanation", "explain"],
        "_report": ["Report"],
    },
)
