"""Evaluation: how good predictions are, in the measures that papers of this field report.

Conventions
-----------
Labels and intensities are of shape (n_samples,), probabilities of shape (n_samples, n_classes) in
the order of the sorted labels. Sentiment intensities lie in [-3, 3], 0 being neutral.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
