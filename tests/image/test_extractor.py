import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmsenti.image import (
    GLCM,
    HOG,
    LBP,
    Affect,
    ColorHistogram,
    ColorMoments,
    Composition,
    ImageFeatures,
    Picture,
    make_image_features,
)


def test_standard_list(scene):
    extractor = ImageFeatures()
    features = extractor.fit_transform([scene, None, scene[:, ::-1]])
    names = extractor.get_feature_names_out()
    assert features.shape == (3, len(names)) == (3, 72 + 19 + 23 + 81 + 18 + 12 + 62)
    assert features.dtype == np.float32
    assert len(set(names)) == len(names)
    assert np.isnan(features[1]).all()
    assert np.isfinite(features[[0, 2]]).all()


def test_features_are_those_of_the_descriptors(scene):
    picture = Picture(scene)
    standard = [
        ColorHistogram(),
        ColorMoments(),
        Affect(),
        HOG(pixels_per_cell=42, cells_per_block=3),
        LBP(n_points=16, radius=2),
        GLCM(),
        Composition(),
    ]
    expected = np.concatenate([d.compute(picture) for d in standard]).astype(np.float32)
    np.testing.assert_array_equal(ImageFeatures().transform([scene])[0], expected)


def test_nested_parameters_reach_a_descriptor_in_a_pipeline(scene):
    pipeline = make_pipeline(ImageFeatures(), StandardScaler())
    pipeline.set_params(
        imagefeatures__hog__orientations=4,
        imagefeatures__colormoments="drop",
        imagefeatures__composition="drop",
        imagefeatures__size=64,
    )
    pipeline.fit([scene, scene[::-1]])
    assert pipeline[0].get_params()["hog__orientations"] == 4
    assert len(pipeline[0].get_feature_names_out()) == 72 + 23 + 9 * 4 + 18 + 12


def test_sizes_and_draft_reach_the_picture(tmp_path, scene, encode):
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(np.kron(scene, np.ones((10, 10, 1), dtype=np.uint8)), "JPEG"))
    lbp = make_image_features(LBP(), size=50)
    expected = LBP().compute(Picture(path, size=50)).astype(np.float32)
    np.testing.assert_array_equal(lbp.transform([path])[0], expected)
    drafted = LBP().compute(Picture(path, size=50, draft=True)).astype(np.float32)
    assert (drafted != expected).any()
    np.testing.assert_array_equal(lbp.set_params(draft=True).transform([path])[0], drafted)
    with pytest.raises(ValueError, match="more than max_pixels=1000"):
        lbp.set_params(max_pixels=1000).transform([path])


def test_an_error_names_row_and_path(tmp_path, scene, encode):
    path = tmp_path / "cut.png"
    path.write_bytes(encode(scene, "PNG")[:60])
    message = (
        r"^ImageFeatures, row 1, '.*cut\.png': not a readable image \(PNG cut short\)\. "
        r"Repair or remove the file, or pass on_error=\"missing\""
    )
    with pytest.raises(ValueError, match=message):
        ImageFeatures().transform([scene, path])
    features = ImageFeatures(on_error="missing").transform([scene, path])
    assert np.isnan(features).all(axis=1).tolist() == [False, True]


def test_the_callers_mistake_is_never_a_missing_picture(scene):
    with pytest.raises(TypeError, match="row 1"):
        ImageFeatures(on_error="missing").transform([scene, {"path": "a.png"}])


@pytest.mark.parametrize(
    "params",
    [
        {"size": 0},
        {"size": 12.5},
        {"max_pixels": 0},
        {"draft": "yes"},
        {"hog__orientations": 0},
        {"hog__pixels_per_cell": 1.5},
        {"lbp__radius": 0},
        {"colorhistogram__hue_bins": 257},
    ],
)
def test_parameters_are_declared(scene, params):
    name = next(iter(params)).rpartition("__")[2]
    with pytest.raises(ValueError, match=f"The {name!r} parameter of .* must be"):
        ImageFeatures().set_params(**params).fit([scene])


def test_a_block_larger_than_the_size_is_told_before_decoding():
    with pytest.raises(ValueError, match="HOG: a block of 2 cells of 99 pixels needs a size of"):
        make_image_features(HOG(pixels_per_cell=99)).transform(["no/such/file.png"])


def test_number_of_jobs_changes_no_bit(scene):
    pictures = [np.roll(scene, i, axis=1) for i in range(60)]
    one = ImageFeatures().transform(pictures)
    np.testing.assert_array_equal(clone(ImageFeatures(n_jobs=2)).transform(pictures), one)


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (2, 8000), (64, 64)])
def test_constant_and_tiny_pictures_have_finite_features(shape, level):
    features = ImageFeatures().transform([np.full(shape, level, dtype=np.uint8)])
    assert np.isfinite(features).all()


def test_samples_and_descriptors_load_numpy_and_pillow_alone():
    code = (
        "import sys, numpy as np\n"
        "from mmsenti.image import HOG, LBP, ColorHistogram, ColorMoments, Picture\n"
        "picture = Picture(np.zeros((9, 9), dtype=np.uint8))\n"
        "for family in (HOG, LBP, ColorHistogram, ColorMoments): family().compute(picture)\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'skimage', 'librosa', 'nltk', 'joblib'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
