"""TextFeatures: the extractor of the text modality."""

from numbers import Integral
from typing import Any

from mmsenti._base import Extractor, name_descriptors
from mmsenti._descriptor import Descriptor
from mmsenti._params import Interval
from mmsenti.text._document import Document
from mmsenti.text._emoji import Emoji
from mmsenti.text._emphasis import Emphasis
from mmsenti.text._lexicon import Lexicon
from mmsenti.text._surface import Surface

__all__ = ["TextFeatures", "make_text_features"]


class TextFeatures(Extractor):
    """Describe each text of a column by handcrafted features.

    Parameters
    ----------
    descriptors : list of (str, Descriptor), default=None
        None is the standard list: ``lexicon``, ``emphasis``, ``surface``, ``emoji``. The string
        "drop" in the place of a descriptor leaves it out.
    on_error : {"raise", "missing"}, default="raise"
        Without effect, and there so that all extractors can be set alike: a text is never
        unreadable. A cell that is no str, and a text that is too long, are errors always, as they
        are to `TextTfidf`.
    max_characters : int, default=1_000_000
        Longest text accepted; a stretch without any blank may be a tenth of it, 10,000
        characters at least.
    n_jobs : int, default=None
        Number of parallel jobs, as in joblib; None is one.
    store : str, path-like or FeatureStore, default=None
        File in which features are kept for other processes and later runs; see `FeatureStore`.
        None remembers them for the length of the process.
    verbose : int, default=0
        1 shows progress on stderr.

    Attributes
    ----------
    errors_ : list
        Empty, after `transform` with ``on_error="missing"``.

    See Also
    --------
    make_text_features : The same, with the names given for you.
    TextTfidf : Word and character n-grams, learned from the column.

    Examples
    --------
    >>> features = TextFeatures().set_params(emphasis="drop", surface="drop", emoji="drop")
    >>> features.get_feature_names_out().tolist()
    ['lexicon_pos', 'lexicon_neg', 'lexicon_neu', 'lexicon_compound']
    >>> features.transform(["I love it", None]).round(3)
    array([[0.677, 0.   , 0.323, 0.637],
           [  nan,   nan,   nan,   nan]], dtype=float32)
    """

    _cells_are_text = True
    _parameter_constraints = {
        **Extractor._parameter_constraints,
        "max_characters": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        descriptors: list[tuple[str, Descriptor]] | None = None,
        *,
        on_error: str = "raise",
        max_characters: int = 1_000_000,
        n_jobs: int | None = None,
        store: Any = None,
        verbose: int = 0,
    ) -> None:
        self.descriptors = descriptors
        self.on_error = on_error
        self.max_characters = max_characters
        self.n_jobs = n_jobs
        self.store = store
        self.verbose = verbose

    @staticmethod
    def _standard_descriptors() -> list[Descriptor]:
        return [Lexicon(), Emphasis(), Surface(), Emoji()]

    def _make_sample(self, cell: Any) -> Document:
        return Document(cell, max_characters=self.max_characters)

    def __sklearn_tags__(self) -> Any:
        """Say that the input is strings."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


def make_text_features(*descriptors: Descriptor, **params: Any) -> TextFeatures:
    """Build a `TextFeatures` from descriptors, naming each after its class.

    Parameters
    ----------
    *descriptors : Descriptor
        None at all is the standard list.
    **params : dict
        Further parameters of `TextFeatures`.

    Returns
    -------
    TextFeatures

    Examples
    --------
    >>> from mmsenti.text import Emoji, Lexicon
    >>> [name for name, _ in make_text_features(Lexicon(), Emoji()).descriptors]
    ['lexicon', 'emoji']
    """
    return TextFeatures(name_descriptors(descriptors) if descriptors else None, **params)
