"""`mrdkit export`: a results database in, a folder of another system out."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from export_examples import RECORDS
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.errors import InputError, UsageError
from mrdkit.store import Contents, StoredCall, write_database

FORMATS = ("parquet", "sdtm", "redcap", "cbioportal")


def export(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["export", *map(str, arguments), "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("store") / "results.sqlite"
    calls = [call for record in RECORDS for call in (*record.calls, *record.responses)]
    contents = Contents(
        study_id="T1",
        software_version="0.1.0",
        settings={},
        records=tuple(sorted(RECORDS, key=lambda record: record.subject.subject_id)),
        calls=tuple(StoredCall(call=call) for call in calls),
        queries=(),
    )
    write_database(path, contents)
    return f"sqlite:///{path}"


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_names_its_files_and_repeats_its_bytes(form: str, url: str, tmp_path: Path) -> None:
    found = export(form, "--db", url, "-o", tmp_path / "one")
    assert (found["study_id"], found["subjects"]) == ("T1", 2)
    assert {path.relative_to(tmp_path / "one").as_posix() for path in (tmp_path / "one").rglob("*.*")} == set(
        found["files"]
    )
    export(form, "--db", url, "-o", tmp_path / "two", "--study", "T1")
    for name in found["files"]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_rows_obey_their_json_schema(url: str, tmp_path: Path) -> None:
    export("parquet", "--db", url, "-o", tmp_path)
    rows = 0
    for path in tmp_path.glob("*.schema.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        table = pl.read_parquet(tmp_path / path.name.replace(".schema.json", ".parquet"))
        for row in json.loads(table.write_json()):
            jsonschema.validate(row, schema)
            rows += 1
    assert rows > 50


def test_files_for_a_spreadsheet_stand_apart(url: str, tmp_path: Path) -> None:
    export("parquet", "--db", url, "-o", tmp_path, "--spreadsheet")
    raw = (tmp_path / "karyotype.csv").read_bytes()
    spreadsheet = (tmp_path / "spreadsheet" / "karyotype.csv").read_bytes()
    assert spreadsheet == b"\xef\xbb\xbf" + raw


@pytest.mark.parametrize("form", FORMATS)
def test_a_study_that_is_not_there_is_named(form: str, url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such study"):
        export(form, "--db", url, "-o", tmp_path / "out", "--study", "T2")
    assert not (tmp_path / "out").exists()


def test_an_address_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no address"):
        export("sdtm", "--db", "results.sqlite", "-o", tmp_path)
    with pytest.raises(InputError, match="no results database"):
        export("sdtm", "--db", f"sqlite:///{tmp_path}/none.sqlite", "-o", tmp_path)


def test_people_read_a_table() -> None:
    result = CliRunner().invoke(app, ["export", "--help"])
    assert all(form in result.stdout for form in FORMATS)
