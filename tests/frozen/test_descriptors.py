"""Every descriptor that mmsenti has can be frozen, alone, and is known again by its probe."""

import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from mmsenti import Descriptor, audio, freeze, image, text
from mmsenti.audio import AudioFeatures, GroupStandardScaler
from mmsenti.fusion import FusionClassifier

ROOMS = {"text": text, "image": image, "audio": audio}
MAKERS = {
    "text": text.make_text_features,
    "image": image.make_image_features,
    "audio": audio.make_audio_features,
}
EVERY = [
    (modality, name)
    for modality, room in ROOMS.items()
    for name in room.__all__
    if isinstance(getattr(room, name), type) and issubclass(getattr(room, name), Descriptor)
]


def test_there_are_descriptors_of_every_room():
    assert {modality for modality, _ in EVERY} == set(ROOMS)


@pytest.mark.parametrize(("modality", "name"), EVERY)
def test_each_descriptor(posts, assert_equal, modality, name):
    extractor = MAKERS[modality](getattr(ROOMS[modality], name)())
    pipeline = make_pipeline(extractor, SimpleImputer(keep_empty_features=True))
    some = posts.iloc[:16]
    model = FusionClassifier([(modality, pipeline, modality)]).fit(some, some["label"])
    assert_equal(model, some).check_features()


def test_a_scaler_of_groups_is_refused_by_name(posts, tmp_path):
    voice = make_pipeline(AudioFeatures(), SimpleImputer(), GroupStandardScaler())
    some = posts.iloc[:16]
    model = FusionClassifier([("audio", voice, "audio")]).fit(some, some["label"])
    with pytest.raises(TypeError, match=r"step 'groupstandardscaler' is .*GroupStandardScaler"):
        freeze(model, tmp_path / "model.frozen")
