"""Tables, rule files and writing: what is damaged is named, what is written is whole."""

import gzip
from pathlib import Path

import pytest

from mrdkit.errors import InputError, RuleError
from mrdkit.files import (
    Rule,
    read_content,
    read_rule,
    read_table,
    rule_from_toml,
    sha256_of,
    write_bytes,
    write_text,
)
from mrdkit.files.rules import STRICT, checked_dataclass


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Limit(Rule):
    at_most_percent: float


LIMIT = 'id = "limit"\nversion = "1"\nsource = "a paper"\nat_most_percent = 5.0\n'


def written(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_cells_stay_as_the_laboratory_wrote_them(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeffsubject_id,anc,note\r\nP1, <0.5 ,"a, b"\r\n\r\nP2,0.30,\r\n')
    table = read_table(path, required=["subject_id", "anc"])
    assert table.columns == ("subject_id", "anc", "note")
    assert [row.text("anc") for row in table.rows] == ["<0.5", "0.30"]
    assert table.rows[0].text("note") == "a, b"
    assert [row.number for row in table.rows] == [2, 4]
    assert table.rows[0].text("no_such_column") == ""


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "TABLE_EMPTY", None),
        ("subject_id\nP1\n", "COLUMN_MISSING", "header"),
        ("anc,anc,subject_id\n", "COLUMN_REPEATED", "header"),
        ("subject_id,anc\nP1,1\nP2\n", "ROW_LENGTH", "row 3"),
        ("subject_id,anc\nP1,1,2\n", "ROW_LENGTH", "row 2"),
        ('subject_id,anc\nP1,"1\n', "TABLE_INVALID", "row 2"),
        (b"subject_id,anc\nP1,\xff\n", "TABLE_NOT_TEXT", "byte 18"),
    ],
)
def test_damaged_tables_are_named(tmp_path: Path, content: str | bytes, code: str, place: str | None) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_table(path, required=["subject_id", "anc"])
    assert (caught.value.code, caught.value.place, caught.value.file) == (code, place, str(path))


@pytest.mark.parametrize(
    "content",
    [
        "\n\nsubject_id,anc\nS1,0.4\n",
        "subject_id,anc,,\nS1,0.4,,\n,,,\n",
        "subject_id,anc\r\nS1,0.4,, \r\n",
    ],
)
def test_what_a_spreadsheet_adds_is_no_damage(tmp_path: Path, content: str) -> None:
    table = read_table(written(tmp_path, content), required=["subject_id", "anc"])
    assert [dict(row.cells) for row in table.rows] == [{"subject_id": "S1", "anc": "0.4"}]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_separator_is_named_with_what_to_do(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path, f"subject_id{mark}anc\nS1{mark}0,4\n")
    with pytest.raises(InputError) as caught:
        read_table(path, required=["subject_id", "anc"])
    assert caught.value.code == "COLUMN_MISSING"
    assert "commas" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("header", "cells"),
    [("subject_id;anc", "S1;0,4"), ("subject_id\tanc", "S1\t0,4"), ('subject_id,"anc"', 'S1,"0,4"')],
)
def test_a_reader_may_allow_several_separators(header: str, cells: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{header}\n{cells}\n")
    table = read_table(path, required=["subject_id", "anc"], separators=",;\t")
    assert [dict(row.cells) for row in table.rows] == [{"subject_id": "S1", "anc": "0,4"}]


def test_a_column_name_that_holds_another_separator_is_whole(tmp_path: Path) -> None:
    path = written(tmp_path, '"a;b;c;d",n\n1,2\n')
    assert read_table(path, required=["n"], separators=",;\t").columns == ("a;b;c;d", "n")


def test_a_compressed_table_is_the_same_table(tmp_path: Path) -> None:
    content = b"subject_id,anc\nS1,0.4\n"
    plain = read_table(written(tmp_path, content), required=["anc"])
    packed = read_table(written(tmp_path, gzip.compress(content), "packed.csv"), required=["anc"])
    assert [row.cells for row in packed.rows] == [row.cells for row in plain.rows]


def test_what_unpacks_to_too_much_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(bytes(10_000_000)), "bomb.gz")
    assert path.stat().st_size < 11_000
    with pytest.raises(InputError) as caught:
        read_content(path, at_most=20_000)
    assert caught.value.code == "FILE_TOO_LARGE"
    with pytest.raises(InputError) as caught:
        read_content(path, at_most=100)
    assert "bytes of gzip" in (caught.value.found or "")


def test_a_count_of_thousands_of_digits_is_refused_by_name(tmp_path: Path) -> None:
    row = read_table(written(tmp_path, "n\n" + "9" * 5000 + "\n"), required=[]).rows[0]
    with pytest.raises(InputError) as caught:
        row.count("n")
    assert caught.value.code == "COUNT_INVALID"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (
        sha256_of,
        lambda path: read_table(path, required=[]),
        lambda path: rule_from_toml(path, Limit),
    ):
        with pytest.raises(InputError, match="cannot be read") as caught:
            read(tmp_path / "none")
        assert caught.value.code == "FILE_MISSING"


def test_cells_are_checked_where_they_are_used(tmp_path: Path) -> None:
    row = read_table(written(tmp_path, "day,n,empty\n31/3/24,-1,\n"), required=[]).rows[0]
    with pytest.raises(InputError, match="row 2, column day: the cell is not a date"):
        row.date("day")
    with pytest.raises(InputError, match="row 2, column n: the cell is not a count"):
        row.count("n")
    with pytest.raises(InputError, match="row 2, column empty: a required cell is empty"):
        row.required("empty")
    assert row.date("empty") is None


def test_a_rule_is_read_exactly(tmp_path: Path) -> None:
    rule = rule_from_toml(written(tmp_path, LIMIT, "limit.toml"), Limit)
    assert (rule.id, rule.version, rule.source, rule.at_most_percent) == ("limit", "1", "a paper", 5.0)


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (LIMIT + "at_most = 3\n", "RULE_INVALID", "at_most"),
        (LIMIT.replace("5.0", '"5"').replace('"5"', "nan"), "RULE_INVALID", "at_most_percent"),
        (LIMIT.replace("at_most_percent = 5.0\n", ""), "RULE_INVALID", "at_most_percent"),
        ("id = ", "RULE_NOT_TOML", None),
        (b"\xff\xfe", "RULE_NOT_TEXT", "byte 0"),
    ],
)
def test_a_doubtful_rule_is_refused(
    tmp_path: Path, content: str | bytes, code: str, place: str | None
) -> None:
    path = written(tmp_path, content, "limit.toml")
    with pytest.raises(RuleError) as caught:
        rule_from_toml(path, Limit)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_a_misspelt_key_is_called_what_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, LIMIT + "at_most = 3\n", "limit.toml")
    with pytest.raises(RuleError, match=r"at_most: .* expected no such key; found 3"):
        rule_from_toml(path, Limit)


def test_an_unknown_rule_name_lists_what_is_there() -> None:
    with pytest.raises(RuleError, match="no criteria rule of this name is shipped") as caught:
        read_rule("criteria", "nobody2020", Limit)
    assert caught.value.code == "RULE_UNKNOWN"


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.txt"
    write_text(target, "first\n")
    with pytest.raises(TypeError):
        write_bytes(target, "not bytes")  # type: ignore[arg-type]  # the failure under test
    assert target.read_text() == "first\n"
    assert list(target.parent.iterdir()) == [target]


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    """FIPS 180-2, the one-block example: sha256("abc")."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(written(tmp_path, "abc")) == expected
