"""A manifest is read as it was meant, or the error says where it is wrong."""

import csv
import json
import os

import numpy as np
import pytest

from mmsenti.datasets import load_manifest


@pytest.fixture
def write(tmp_path):
    def write(content, name="m.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def records(frame):
    return frame.to_dict("records")


# What is read


def test_cells_are_strings_and_blanks_are_missing(write):
    frame = load_manifest(write('id,text,label\n01,NA,1\n2,null,2\n3," ",1\n4,"a, ""b""\nc",2\n'))
    assert records(frame) == [
        {"id": "01", "text": "NA", "label": "1"},
        {"id": "2", "text": "null", "label": "2"},
        {"id": "3", "text": None, "label": "1"},
        {"id": "4", "text": 'a, "b"\nc', "label": "2"},
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark(write, end, mark):
    frame = load_manifest(write(mark + end.join(["id,text", "1,a", "", "2,ü"])))
    assert records(frame) == [{"id": "1", "text": "a"}, {"id": "2", "text": "ü"}]


@pytest.mark.parametrize("suffix", ["tsv", "jsonl", "ndjson", "parquet", "CSV"])
def test_every_format_says_the_same(tmp_path, write, suffix):
    header = ["id", "text", "image", "label", "group", "f0"]
    rows = [["7", "NA", "i/1.png", "2", "01", 1.5], ["8", None, None, "1", "02", None]]
    path = tmp_path / f"m.{suffix}"
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
        import pandas as pd

        pd.DataFrame(rows, columns=header).to_parquet(path)
    elif suffix in ("jsonl", "ndjson"):
        lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows]
        path.write_text("\n".join(lines))
    else:
        with open(path, "w", newline="") as file:
            csv.writer(file, delimiter="\t" if suffix == "tsv" else ",").writerows([header, *rows])
    frame = load_manifest(path, groups="group")
    assert frame.columns.tolist() == header
    assert records(frame)[0] == {
        "id": "7",
        "text": "NA",
        "image": str(tmp_path / "i" / "1.png"),
        "label": "2",
        "group": "01",
        "f0": 1.5,
    }
    assert frame["text"][1] is None
    assert frame["image"][1] is None
    assert np.isnan(frame["f0"][1])


def test_numbers_of_typed_files_become_strings_where_a_role_says_so(write):
    lines = ['{"id": 1, "label": 0, "x": 1}', '{"id": 2, "label": 1, "text": "a\u2028b"}']
    frame = load_manifest(write("\n".join(lines), "m.jsonl"))
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["label"].tolist() == ["0", "1"]
    assert frame["text"].tolist() == [None, "a\u2028b"]
    assert frame["x"][0] == 1.0


def test_other_columns_are_numbers_only_if_nothing_is_lost(write):
    frame = load_manifest(
        write(
            "n,x,hole,code,big,mixed,empty,under\n"
            "1,1e-3,2,007,12345678901234567890,1,,1_000\n"
            "-2,nan,,012,3,a,,2\n"
        )
    )
    assert frame["n"].tolist() == [1, -2]
    assert frame["n"].dtype == np.int64
    assert frame["x"][0] == 0.001
    assert np.isnan(frame["x"][1])
    assert frame["hole"][0] == 2.0
    assert np.isnan(frame["hole"][1])
    assert frame["code"].tolist() == ["007", "012"]
    assert frame["big"].tolist() == ["12345678901234567890", "3"]
    assert frame["mixed"].tolist() == ["1", "a"]
    assert frame["empty"].tolist() == [None, None]
    assert frame["under"].tolist() == ["1_000", "2"]


def test_columns_by_other_names_and_delimiter(write):
    path = write("nr;tweet;tone\n1;good;pos\n")
    frame = load_manifest(path, id="nr", text="tweet", label="tone", delimiter=";")
    assert records(frame) == [{"nr": "1", "tweet": "good", "tone": "pos"}]


def test_numeric_label(write):
    path = write("text,label\na,-0.5\nb,2\n")
    assert load_manifest(path, numeric_label=True)["label"].tolist() == [-0.5, 2.0]
    assert load_manifest(path)["label"].tolist() == ["-0.5", "2"]
    with pytest.raises(ValueError, match=r"line 3: the label 'nan' .* finite number"):
        load_manifest(write("text,label\na,1\nb,nan\n"), numeric_label=True)


def test_unlabelled_rows_can_be_read(write):
    path = write("text,label\na,pos\nb,\n")
    with pytest.raises(ValueError, match=r"line 3: no label in column 'label'.*label=False"):
        load_manifest(path)
    assert load_manifest(path, label=False)["label"].tolist() == ["pos", None]


def test_a_field_longer_than_the_csv_module_allows(write):
    limit = csv.field_size_limit()
    frame = load_manifest(write(f"id,text\n1,{'a' * 200_000}\n"))
    assert len(frame["text"][0]) == 200_000
    assert csv.field_size_limit() == limit


# What is refused


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("id,text\n1,a\n1,b\n2,c\n", r"the id '1' \(line 2, line 3\)"),
        ("id,text\n,a\n", r"line 2: no id"),
        ('id,text\n1,"a\nb"\n2,"c\n3,d\n', r"line 4: a quote is opened and never closed"),
        ('id,text\n1,"a" b\n', r"line 2: quotes are not in order"),
        ("id,text\n1,a\n\n2,b,c\n", r"line 4: 3 fields, expected 2 .* double quotes"),
        ("id,text,label\n1,a\n", r"line 2: 2 fields, expected 3"),
        ("id;text\n1;a\n", r"line 1: the delimiter seems to be semicolons, .*delimiter=';'"),
        ("id\ttext\n1\ta\n", r"the delimiter seems to be tabs"),
        (",text\n0,a\n", r"line 1: column 1 has no name"),
        ("text,text\na,b\n", r"more than one column is named \['text'\]"),
        ("id,Text\n1,a\n", r"'Text' looks like 'text'.*text='Text'"),
        ("id,text \n1,a\n", r"'text ' looks like 'text'"),
        ("id,text\n", "no rows below the header"),
        ("", "the file is empty"),
        (" \n\n", "the file is empty"),
        (b"id,text\n1,a\n2,caf\xe9\n", "line 3: byte 0xe9 is not UTF-8"),
        (b"id,text\r\n1,a\r\n2,a\0b\r\n", "line 3: holds a NUL byte"),
        ("id,text\n1,a\n".encode("utf-16"), "the file is UTF-16"),
    ],
)
def test_faults_are_named_with_their_line(write, content, match):
    with pytest.raises(ValueError, match=rf"^load_manifest, '.*m\.csv': .*{match}"):
        load_manifest(write(content))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ('{"id": 1}\nnot json\n', "line 2: not a line of JSON"),
        (
            '{"id": 1, "id": 2}\n',
            r"line 1: not a line of JSON \(more than one value for \['id'\]\)",
        ),
        ("[1, 2]\n", r"line 1: expected an object"),
        ('{"id": 1, "text": ["a"]}\n', r"line 1, column 'text': expected a string or a number"),
        ("[" * 10**5, "line 1: not a line of JSON"),
    ],
)
def test_faults_of_json_lines(write, content, match):
    with pytest.raises(ValueError, match=match):
        load_manifest(write(content, "m.jsonl"))


def test_files_that_are_no_manifest(write, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv': no such file"):
        load_manifest(tmp_path / "gone.csv")
    with pytest.raises(ValueError, match=r"'\.xlsx' says no known format; expected one of \.csv"):
        load_manifest(write("", "m.xlsx"))
    pytest.importorskip("pyarrow")
    with pytest.raises(ValueError, match="not a readable Parquet file"):
        load_manifest(write("text", "m.parquet"))


def test_columns_that_are_asked_for_but_absent(write):
    path = write("id,txet,audio\n1,a,\n")
    with pytest.raises(ValueError, match=r"no column 'text', 'image'; found \['id', 'txet', 'aud"):
        load_manifest(path, text="text", image="image")
    with pytest.raises(ValueError, match="Did you mean 'txet' for 'text'"):
        load_manifest(path, text="text")
    with pytest.raises(ValueError, match="in two roles"):
        load_manifest(path, text="txet", label="txet")


def test_labels_outside_the_declared_ones(write):
    path = write("text,label\na,pos\nb,purple\n")
    with pytest.raises(ValueError, match=r"line 3: 'purple': not among .*\['neg', 'pos'\]"):
        load_manifest(path, labels=["pos", "neg"])
    assert load_manifest(path)["label"].tolist() == ["pos", "purple"]


def test_same_content_with_two_labels_is_one_warning(write):
    path = write("text,audio,label\na,1.wav,pos\nb,1.wav,neg\na,1.wav,neg\n,,pos\n,,neg\n")
    with pytest.warns(UserWarning, match=r"1 content.*: line 2 'pos' and line 4 'neg'") as caught:
        load_manifest(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__


# Where paths lead


@pytest.fixture
def corpus(tmp_path):
    for name in ("corpus/in.png", "corpus/sub/in.png", "beside/out.png", "beside/deep/out.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "corpus/inner.png").symlink_to("sub/in.png")
    (tmp_path / "corpus/outer.png").symlink_to("../beside/out.png")
    (tmp_path / "corpus/folder").symlink_to("../beside")
    (tmp_path / "beside/same.png").symlink_to("out.png")
    (tmp_path / "beside/away.png").symlink_to("deep/../../corpus/in.png")

    def load(cell, **options):
        path = tmp_path / "corpus" / "m.jsonl"
        path.write_text(json.dumps({"text": "a", "image": cell}))
        return load_manifest(path, **options)["image"][0]

    load.folder = tmp_path
    return load


@pytest.mark.parametrize("cell", ["in.png", "sub/../in.png", "inner.png", "gone.png", "a\\b.png"])
def test_paths_inside_the_folder(corpus, cell):
    assert corpus(cell) == os.path.join(corpus.folder, "corpus", cell)


OUTSIDE = ["../beside/out.png", "sub/../../beside/out.png", "outer.png", "folder/out.png", ".."]


@pytest.mark.parametrize("cell", [*OUTSIDE, "/etc/passwd", "folder/gone.png"])
def test_paths_outside_the_folder_are_refused(corpus, cell):
    with pytest.raises(ValueError, match=r"line 1, column 'image': .* leads out of .*root="):
        corpus(cell)
    assert corpus(cell, allow_outside=True) == os.path.join(corpus.folder, "corpus", cell)


def test_a_folder_whose_name_begins_alike_is_outside(corpus):
    (corpus.folder / "corpus2").mkdir()
    with pytest.raises(ValueError, match="leads out"):
        corpus("../corpus2/a.png")


@pytest.mark.parametrize("cell", [*OUTSIDE[:2], "folder/out.png", "../beside/same.png"])
def test_a_wider_root_lets_them_in(corpus, cell):
    assert corpus(cell, root=corpus.folder) == os.path.join(corpus.folder, "corpus", cell)


def test_a_wider_root_does_not_vouch_for_links_that_lead_elsewhere(corpus):
    (corpus.folder / "beside/secret.png").symlink_to("../third/a.png")
    for cell in ("../beside/secret.png", "outer.png", "/etc/passwd"):
        with pytest.raises(ValueError, match="leads out"):
            corpus(cell, root=corpus.folder)
    assert corpus("../beside/away.png", root=corpus.folder)  # into the manifest's own folder


@pytest.mark.parametrize("cell", ["http://127.0.0.1:9/a.png", "file:///etc/passwd"])
def test_urls_are_refused_always(corpus, cell):
    with pytest.raises(ValueError, match="is a URL, which is not read"):
        corpus(cell, allow_outside=True)


def test_a_path_with_a_nul_is_refused(corpus):
    with pytest.raises(ValueError, match="NUL"):
        corpus("a\0.png")


def test_missing_files_are_listed_all_at_once(write, tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    path = write("text,image,audio\na,1.png,pipe.wav\nb,,\nc,b\\2.png,\n")
    assert len(load_manifest(path)) == 3
    with pytest.raises(OSError, match=r"3 file\(s\) cannot be read") as caught:
        load_manifest(path, check_files=True)
    lines = str(caught.value).splitlines()[1:]
    assert lines[0].startswith("line 2, column 'image', ")
    assert "Backslashes" in lines[1]
    assert lines[1].startswith("line 4, column 'image', ")
    assert "a pipe or device" in lines[2]
