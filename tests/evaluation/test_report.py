"""The report as a file: whole, safe, and right in its numbers."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from mmsenti.datasets import make_posts
from mmsenti.evaluation import Report, compare
from mmsenti.evaluation._report import Report as Here
from mmsenti.fusion import FusionClassifier, FusionRegressor


@pytest.fixture(scope="module")
def page(compared):
    return Report(compared, title="<i>Title</i>").to_html()


def samples(page):
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_nothing_is_asked_of_the_network(page):
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page) == []
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert "url(" not in re.sub(r"url\(#", "", page)


def test_data_is_text(page):
    assert "<i>Title</i>" not in page
    assert "<b>author</b>" not in page
    # The hostile text's end of a script element would end the data.
    assert page.count("</script>") == 2
    texts = [sample.get("text", "") for sample in samples(page)["samples"]]
    assert any("<script>document.title" in text for text in texts)


def test_every_row_is_there_with_its_prediction(compared, page):
    study = compared.study_
    cards = samples(page)["samples"]
    assert sorted(card["row"] for card in cards) == list(range(60))
    place = compared["strategy"].tolist().index("voting")
    predictions = study.predictions[place]
    for card in cards:
        at = int(np.flatnonzero(predictions.rows == card["row"])[0])
        assert card["said"] == study.classes[predictions.said[at]]
        assert card["right"] == (card["truth"] == card["said"])
        assert card["probabilities"] == pytest.approx(predictions.probabilities[at], abs=1e-3)
        p = card["p"]
        total = card["base"] + sum(value or 0 for _, value in card["parts"])
        assert total == pytest.approx(np.log(p / (1 - p)), abs=0.02)


def test_errors_come_first_and_the_surest_of_them(page):
    cards = samples(page)["samples"]
    right = [card["right"] for card in cards]
    assert right == sorted(right)
    wrong = [card for card in cards if not card["right"]]
    own = [card["probabilities"][samples(page)["classes"].index(card["truth"])] for card in wrong]
    assert own == sorted(own)


def test_words_stand_where_they_are(page):
    for card in samples(page)["samples"]:
        words = [card["text"][a:b] for a, b, _ in card["words"]] if "text" in card else []
        assert words == (card.get("text", "").split() if words else [])


def test_what_could_not_be_read_is_said(page):
    assert "1 cells could not be read" in page or "1 cell could not be read" in page
    card = next(card for card in samples(page)["samples"] if card["row"] == 7)
    assert "image" not in card
    assert "gone.jpg: no such file" in card["names"]["image"]


def test_duplicates_are_said(compared, page):
    sets = [one for one in compared.study_.duplicates if one["rows"] == [8, 9]]
    assert len(sets) == 1
    assert "sets of equal cells" in page


def test_pictures_and_sounds_stop_at_the_limit(compared, page):
    whole = len(page)
    small = Report(compared, max_bytes=whole - 60_000).to_html()
    assert len(small) <= whole - 60_000
    cards, all_cards = (samples(one)["samples"] for one in (small, page))
    assert len(cards) == 60
    # Pictures go in first, sounds as far as there is room, from the first row on.
    assert sum("image" in card for card in cards) == sum("image" in card for card in all_cards)
    sounds = [card["row"] for card in cards if "sound" in card]
    assert sounds == [card["row"] for card in all_cards if "sound" in card][: len(sounds)]
    assert 0 < len(sounds) < 50
    assert all(card["names"] for card in cards if "sound" not in card and card["parts"][2][1])


def test_plots_have_no_names_in_common(page):
    names = re.findall(r'\bid="([^"]*)"', page)
    assert len(names) == len(set(names))
    pointed = re.findall(r'(?:href="#|url\(#)([^")]*)', page)
    assert set(pointed) <= set(names)


def test_it_is_written_whole(compared, tmp_path):
    path = tmp_path / "report.html"
    Report(compared).save(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_values_and_single_modalities():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    modalities = [(name, StandardScaler(), [name]) for name in X]
    table = compare(FusionRegressor(modalities), X, X["a"] + X["b"], cv=3, strategies=["feature"])
    page = Report(table).to_html()
    assert "Predicted and true values" in page
    assert "confusion" not in page.lower()
    alone = compare(FusionRegressor(modalities[:1]), X, X["a"] + X["b"], cv=3)
    assert "The best single modality is a" in Report(alone).to_html()


def test_a_classifier_without_probabilities():
    from sklearn.svm import LinearSVC

    posts = make_posts(40, modalities=("text",), random_state=0)
    table = compare(
        FusionClassifier(estimator=LinearSVC()), posts, posts["label"], cv=2, strategies=["feature"]
    )
    assert "macro-F1" in Report(table).to_html()


def test_only_whole_comparisons(compared):
    with pytest.raises(TypeError, match="the table that compare"):
        Report(compared[["modalities"]])
    assert Here is Report


def test_a_fusion_of_some_of_the_modalities():
    # The best fusion lacks the modality that tells nothing; so does the closer look at it.
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 120)
    X = pd.DataFrame({name: y + rng.normal(size=120) for name in ("a", "b")})
    X["noise"] = rng.normal(size=120)
    modalities = [(name, StandardScaler(), [name]) for name in X]
    subsets = [["a", "noise"], ["a", "b"]]
    table = compare(
        FusionClassifier(modalities), X, y, cv=3, strategies=["voting"], modalities=subsets
    )
    report = Report(table)
    assert table["modalities"][report.row] == "a + b"
    page = report.to_html()
    assert [[name for name, _ in card["parts"]] for card in samples(page)["samples"]] == (
        [["a", "b"]] * 120
    )
    assert "<option>noise</option>" not in page
    chosen = Report(table, row=3).to_html()  # another row may be chosen
    assert "The best fusion: a + noise, voting" in chosen
