"""The made corpus has the answer that its docstring gives, and the files it promises."""

import hashlib
import io
import time

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from mmsenti.datasets import load_manifest, make_posts

MODALITIES = ["text", "image", "audio"]


def digest(posts):
    cells = posts.map(lambda cell: cell if isinstance(cell, bytes) else str(cell).encode())
    return hashlib.sha256(b"|".join(cells.to_numpy().ravel())).hexdigest()


# Plain measurements, none of them this package's own


def read_text(cell, analyzer=SentimentIntensityAnalyzer()):  # noqa: B008
    return [analyzer.polarity_scores(cell)["compound"]]


def read_image(cell):
    return np.asarray(Image.open(io.BytesIO(cell)).convert("RGB"), float).mean(axis=(0, 1))


def read_audio(cell):
    signal, rate = soundfile.read(io.BytesIO(cell))
    spectrum = np.abs(np.fft.rfft(signal)) ** 2
    centroid = np.fft.rfftfreq(len(signal), 1 / rate) @ spectrum / spectrum.sum()
    return [np.log(np.mean(signal**2)), np.log(centroid), len(signal)]


READERS = {"text": read_text, "image": read_image, "audio": read_audio}


@pytest.fixture(scope="module")
def measured():
    posts, cues = make_posts(900, random_state=0, n_groups=30, return_cues=True)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    probabilities = {
        name: cross_val_predict(
            model,
            [READERS[name](cell) for cell in posts[name]],
            posts["label"],
            groups=posts["author"],
            cv=GroupKFold(6),
            method="predict_proba",
        )[:, 1]
        for name in MODALITIES
    }
    return posts, cues, pd.DataFrame(probabilities)


# The known answer


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.4])
def test_cues_mislead_as_often_as_noise_says_each_by_itself(noise):
    posts, cues = make_posts(
        4000, modalities=["text"], noise=noise, random_state=1, return_cues=True
    )
    wrong = (cues["text"] != posts["label"]).mean()
    # Four standard deviations of a binomial share.
    assert abs(wrong - noise) <= 4 * np.sqrt(noise * (1 - noise) / 4000)


def test_misleading_cues_are_independent_and_the_majority_is_as_right_as_the_formula(measured):
    posts, cues, _ = measured
    wrong = cues.ne(posts["label"], axis=0)
    for a, b in (("text", "image"), ("image", "audio"), ("text", "audio")):
        assert abs(np.corrcoef(wrong[a], wrong[b])[0, 1]) < 4 / np.sqrt(len(posts))
    majority = wrong.sum(axis=1) <= 1
    # p^3 + 3 p^2 (1 - p) with p = 0.8
    assert abs(majority.mean() - 0.896) < 4 * np.sqrt(0.896 * 0.104 / len(posts))


@pytest.mark.parametrize("name", MODALITIES)
def test_each_modality_shows_its_cue_to_plain_measurements(measured, name):
    posts, cues, probabilities = measured
    seen = np.where(probabilities[name] > 0.5, "positive", "negative")
    assert (seen == cues[name]).mean() > 0.95
    assert abs((seen == posts["label"]).mean() - 0.8) < 0.06


def test_no_modality_alone_reaches_what_all_do_together(measured):
    posts, _, probabilities = measured
    positive = posts["label"] == "positive"
    alone = max(((probabilities[name] > 0.5) == positive).mean() for name in MODALITIES)
    together = ((probabilities.mean(axis=1) > 0.5) == positive).mean()
    assert together > alone + 0.05
    assert abs(together - 0.896) < 0.04


def test_neutral_texts_say_nothing_emotional():
    posts, cues = make_posts(
        600, modalities=["text"], n_classes=3, random_state=0, return_cues=True
    )
    compound = np.array([read_text(text)[0] for text in posts["text"]])
    assert (compound[cues["text"] == "neutral"] == 0).all()
    assert (compound[cues["text"] == "positive"] > 0).mean() > 0.97
    assert (compound[cues["text"] == "negative"] < 0).mean() > 0.97


def test_regression_cues_correlate_as_noise_says():
    posts, cues = make_posts(
        4000,
        modalities=["text"],
        task="regression",
        noise=0.3,
        random_state=0,
        return_cues=True,
    )
    assert posts["label"].dtype == float
    assert posts["label"].between(-1, 1).all()
    assert abs(np.corrcoef(posts["label"], cues["text"])[0, 1] - 0.7) < 0.05


def test_authors_share_the_posts_and_say_nothing_of_the_label(measured):
    posts, _, _ = measured
    assert set(posts["author"].value_counts()) == {30}
    share = posts.groupby("author")["label"].apply(lambda labels: (labels == "positive").mean())
    # The share of a fair coin over 30 throws has a standard deviation of 0.09.
    assert share.std() < 2 * np.sqrt(0.25 / 30)


# What is returned


def test_columns_classes_and_balance():
    posts = make_posts(9, n_classes=3, random_state=0)
    assert posts.columns.tolist() == ["id", "text", "image", "audio", "label", "author"]
    assert posts["label"].value_counts().to_dict() == {"negative": 3, "neutral": 3, "positive": 3}
    assert posts["id"].is_unique
    assert set(make_posts(5, random_state=0)["label"]) == {"negative", "positive"}


def test_pictures_and_voices_are_what_is_promised():
    posts = make_posts(40, random_state=0)
    formats = set()
    for cell in posts["image"]:
        with Image.open(io.BytesIO(cell)) as picture:
            picture.load()
            assert picture.mode == "RGB"
            assert all(96 <= side <= 128 for side in picture.size)
            formats.add(picture.format)
    assert formats == {"JPEG", "PNG"}
    for cell in posts["audio"]:
        info = soundfile.info(io.BytesIO(cell))
        assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
        assert 0.6 <= info.duration <= 1.0
        assert np.abs(soundfile.read(io.BytesIO(cell))[0]).max() < 1.0
    assert posts["image"].nunique() == posts["audio"].nunique() == 40


def test_the_same_seed_makes_the_same_bytes():
    first = make_posts(12, random_state=3, missing_rate=0.2)
    again = make_posts(12, random_state=np.random.RandomState(3), missing_rate=0.2)
    assert digest(first) == digest(again)
    assert digest(first) != digest(make_posts(12, random_state=4, missing_rate=0.2))


def test_fewer_modalities_or_cells_change_nothing_that_stays():
    posts = make_posts(12, random_state=0)
    alone = make_posts(12, modalities=["audio"], random_state=0)
    assert alone.columns.tolist() == ["id", "audio", "label", "author"]
    assert alone["audio"].tolist() == posts["audio"].tolist()
    holes = make_posts(12, missing_rate=0.5, random_state=0)
    there = holes["image"].notna()
    assert holes["image"][there].tolist() == posts["image"][there].tolist()
    assert holes["label"].tolist() == posts["label"].tolist()


def test_missing_cells_are_none_and_never_all_of_a_post():
    posts = make_posts(600, missing_rate=0.6, random_state=0)
    missing = posts[MODALITIES].isna()
    assert all(cell is None for name in MODALITIES for cell in posts[name][missing[name]])
    assert not missing.all(axis=1).any()
    # Of 0.6 a third of the share of empty posts, 0.6^3, is given back: 0.528.
    expected = 0.6 - 0.6**3 / 3
    assert (missing.mean() - expected).abs().max() < 4 * np.sqrt(0.25 / 600)
    assert not make_posts(50, modalities=["text"], missing_rate=0.9)["text"].isna().any()


def test_files_are_read_back_by_the_manifest(tmp_path):
    options = {"n_samples": 15, "missing_rate": 0.3, "random_state": 0, "n_classes": 3}
    posts = make_posts(folder=tmp_path / "new" / "corpus", **options)
    folder = tmp_path / "new" / "corpus"
    loaded = load_manifest(folder / "manifest.csv", check_files=True, groups="author")
    pd.testing.assert_frame_equal(loaded, posts)
    cells = make_posts(**options)
    for name in ("image", "audio"):
        for path, cell in zip(posts[name], cells[name], strict=True):
            assert (path is None) == (cell is None)
            if path is not None:
                with open(path, "rb") as file:
                    assert file.read() == cell
    assert sorted(entry.name for entry in folder.iterdir()) == ["audio", "images", "manifest.csv"]


def test_intensities_are_read_back(tmp_path):
    posts = make_posts(
        6, task="regression", modalities=["text"], folder=str(tmp_path), random_state=0
    )
    loaded = load_manifest(tmp_path / "manifest.csv", numeric_label=True, groups="author")
    pd.testing.assert_frame_equal(loaded, posts)


def test_it_is_quick():
    make_posts(2)
    start = time.process_time()
    make_posts(300, random_state=0)
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    "options",
    [
        {"n_samples": 0},
        {"n_classes": 4},
        {"noise": 0.6},
        {"missing_rate": 1.0},
        {"task": "ranking"},
        {"modalities": "text"},
        {"folder": 3},
        {"n_groups": 0},
    ],
)
def test_parameters_are_checked(options):
    with pytest.raises(ValueError, match=f"The '{next(iter(options))}' parameter of make_posts"):
        make_posts(**options)


@pytest.mark.parametrize("modalities", [[], ["text", "text"], ["video"]])
def test_modalities_are_checked(modalities):
    with pytest.raises(ValueError, match="modalities must be some of"):
        make_posts(modalities=modalities)
