"""Measure something of your own: a descriptor is a class with two methods.

python examples/own_descriptor.py
"""

import numpy as np

from mmsenti import Descriptor
from mmsenti.audio import MFCC, make_audio_features
from mmsenti.datasets import make_posts
from mmsenti.evaluation import explain
from mmsenti.fusion import FusionClassifier, default_modalities


class Pauses(Descriptor):
    """Share and number of the silent stretches of a sound.

    Parameters
    ----------
    below : float, default=0.1
        Frames quieter than this share of the loudest are silent.
    """

    _parameter_constraints = {"below": [float]}

    def __init__(self, *, below=0.1):
        self.below = below

    def get_names(self):
        return ["pauses_share", "pauses_count"]

    def compute(self, clip):
        loudness = np.sqrt(clip.power.sum(axis=1))
        silent = loudness < self.below * loudness.max()
        return [silent.mean(), np.count_nonzero(np.diff(silent.astype(int)) == 1)]


def main():
    posts = make_posts(80, modalities=("text", "audio"), random_state=0)
    features = make_audio_features(MFCC(), Pauses(below=0.2)).set_output(transform="pandas")
    print(features.transform(posts["audio"][:3]).iloc[:, -2:].round(3).to_string())

    # Into the standard list, and as a parameter of it.
    model = FusionClassifier(default_modalities(posts))
    standard = [(name, d) for name, d in make_audio_features(MFCC()).descriptors]
    model.set_params(audio__extract__descriptors=[*standard, ("pauses", Pauses())])
    model.set_params(audio__extract__pauses__below=0.2).fit(posts, posts["label"])
    effects = explain(model, posts, row=0).features
    print("\nWhat the pauses add to the prediction of the first post, in log-odds:")
    print(effects[effects["feature"].str.startswith("pauses")].round(3).to_string(index=False))


if __name__ == "__main__":
    main()
