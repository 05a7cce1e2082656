import pytest

from mmsenti import load, save
from mmsenti.text import TextTfidf
from mmsenti.text._vocabulary import pack_terms, unpack_terms


def test_terms_of_any_character_come_back_from_a_file(tmp_path):
    texts = ['a\x00b "quoted" \\ back', "caf\u00e9 \u2028 \U0001f600", "half \ud83d of a pair"]
    tfidf = TextTfidf(analyzer="char", ngram_range=(1, 2), lowercase=False).fit(texts)
    save(tfidf, tmp_path / "tfidf.skops")
    loaded = load(tmp_path / "tfidf.skops")
    assert loaded.vocabulary_ == tfidf.vocabulary_
    assert {"\x00", '"', "\\", "\U0001f600", "\ud83d"} <= set(loaded.vocabulary_)
    assert abs(loaded.transform(texts) - tfidf.transform(texts)).max() == 0


def test_only_the_file_holds_packed_terms(tmp_path):
    tfidf = TextTfidf().fit(["good film", "bad film"])
    assert tfidf.__getstate__()["vocabulary_"] is tfidf.vocabulary_
    save(tfidf, tmp_path / "tfidf.skops")
    assert tfidf.vocabulary_ == {"good": 2, "film": 1, "bad": 0}


@pytest.mark.parametrize("packed", ['{"a": 0}', '["a", 1]', '["a", "a"]', '["a"', "7"])
def test_what_is_no_list_of_different_terms_is_refused(packed):
    with pytest.raises(ValueError, match=r"vocabulary|delimiter|Expecting"):
        unpack_terms(packed)


def test_a_term_keeps_its_number():
    assert pack_terms({"b": 0, "a": 1}) == '["b","a"]'
    assert unpack_terms('["b","a"]') == {"b": 0, "a": 1}
