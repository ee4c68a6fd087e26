"""The results database: nothing is lost, nothing changes unseen, the same study gives the same bytes."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import fake_rooms
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import record_of
from store_batches import amended, batch
from strategies.calls import calls, value_of

from mrdkit.errors import InputError, MrdkitError, StoreError, UsageError
from mrdkit.patient.records import PatientRecord, Subject
from mrdkit.result_rows import QueryRow, result_rows
from mrdkit.results import Call, FlowMrdCall
from mrdkit.store import (
    Contents,
    Picture,
    StoredCall,
    add_to_database,
    assay_of,
    call_from_document,
    document_of,
    read_records,
    verify_database,
    write_database,
)
from mrdkit.store.canonical import digest_of_answer
from mrdkit.store.documents import record_from_text, written_call, written_record

PICTURE = Picture(
    specimen_id="M1",
    input_sha256="ab" * 32,
    section="gating",
    name="cells",
    title="Cells",
    caption="All cells.",
    png=b"\x89PNG\x00\xff",
)
SUBJECT = Subject(
    subject_id="S1",
    sex="F",
    age=61.5,
    treatment_start=None,
    arm=None,
    salvage="1",
    cr1_duration_months=None,
    prior_sct=None,
    extra={"site": "A"},
)
RECORD = PatientRecord(
    subject=SUBJECT,
    events=(),
    responses=(),
    best_response="CR",
    best_response_visit="C1",
    mrd=(),
    calls=(fake_rooms.FLOW, fake_rooms.KARYOTYPE),
    external=(),
    not_measured=("No TP53 result at visit baseline.",),
)
QUERY = QueryRow(
    kind="failure",
    file="a.fcs",
    row=2,
    code="BAD",
    subject_id="S1",
    visit="C1",
    assay="flow_mrd",
    message="damaged",
)
CONTENTS = Contents(
    study_id="T1",
    software_version="0.1.0",
    settings={"config": {"id": "T1"}},
    records=(RECORD,),
    calls=(
        StoredCall(call=fake_rooms.FLOW, role="followup", figures=(PICTURE,)),
        StoredCall(call=fake_rooms.KARYOTYPE),
    ),
    queries=(QUERY,),
)


def rows_of(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@settings(max_examples=60)
@given(calls())
def test_a_call_comes_back_as_it_was(call: Call) -> None:
    restored = call_from_document(assay_of(call), document_of(call))
    assert restored == call
    assert type(restored) is type(call)


@settings(max_examples=25)
@given(value_of(PatientRecord))
def test_a_record_comes_back_as_it_was(record: PatientRecord) -> None:
    named = {str(number): call for number, call in enumerate(record.calls)}
    restored = record_from_text(written_record(record, [(name, "") for name in named]).text, named)
    assert restored == record
    assert [type(call) for call in restored.calls] == [type(call) for call in record.calls]


def test_a_record_of_before_mrd_over_time_can_still_be_read() -> None:
    record = record_of()
    document = json.loads(written_record(replace(record, calls=()), ()).text)
    for name in ("mrd_trends", "mrd_comparisons"):
        del document[name]
    restored = record_from_text(json.dumps(document), {})
    assert record.mrd_trends
    assert restored == replace(record, mrd_trends=(), mrd_comparisons=(), calls=())


@pytest.mark.parametrize("fraction", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_before_it_is_stored(fraction: float) -> None:
    with pytest.raises(StoreError) as caught:
        document_of(replace(fake_rooms.FLOW, fraction=fraction))
    assert caught.value.code == "RESULT_NOT_STORABLE"


@pytest.mark.parametrize("fraction", [float("nan"), float("inf")])
def test_a_batch_with_a_number_that_is_none_is_refused(tmp_path: Path, fraction: float) -> None:
    contents = amended(batch("S1"), fraction)
    with pytest.raises(StoreError) as caught:
        add_to_database(f"sqlite:///{tmp_path}/a.sqlite", contents)
    assert caught.value.code == "RESULT_NOT_STORABLE"


def test_a_call_that_its_text_would_not_give_back_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.sqlite"
    good = batch("S1")
    as_list: Any = list(fake_rooms.FLOW.flags)  # reads like the tuple that it should be
    other = replace(good.calls[0], call=replace(fake_rooms.FLOW, flags=as_list))
    lossy = replace(good, calls=(*good.calls, replace(other, replicate="2")))
    with pytest.raises(StoreError) as caught:
        add_to_database(url, lossy)
    assert caught.value.code == "RESULT_NOT_STORABLE"
    assert add_to_database(url, good).batch == 1


def test_a_record_that_its_text_would_not_give_back_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.sqlite"
    good = batch("S1")
    as_list: Any = list(good.records[0].responses)
    lossy = replace(good, records=(replace(good.records[0], responses=as_list),))
    with pytest.raises(StoreError) as caught:
        add_to_database(url, lossy)
    assert caught.value.code == "RESULT_NOT_STORABLE"
    assert add_to_database(url, good).batch == 1


@given(calls())
def test_the_answer_of_a_call_is_its_document_without_its_words(call: Call) -> None:
    assert written_call(call).answer == digest_of_answer(document_of(call))


@given(calls())
def test_the_rows_of_a_call_share_what_is_written_once(call: Call) -> None:
    names = "assay method subject_id visit specimen_id collected_on inputs rules software_version".split()
    assert len({tuple(getattr(row, name) for name in names) for row in result_rows(call)}) == 1


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    write_database(tmp_path / "one.sqlite", CONTENTS)
    write_database(tmp_path / "two.sqlite", CONTENTS)
    write_database(tmp_path / "one.sqlite", CONTENTS)
    assert (tmp_path / "one.sqlite").read_bytes() == (tmp_path / "two.sqlite").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.sqlite", "two.sqlite"]


def test_the_database_holds_results_calls_figures_and_queries(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    write_database(path, CONTENTS)
    (headline,) = rows_of(
        path, "SELECT subject_id, result, value, role, version FROM results WHERE analyte = 'mrd'"
    )
    assert headline == ("S1", "positive", 3e-4, "followup", 1)
    assert rows_of(path, "SELECT png FROM results_figures") == [(PICTURE.png,)]
    assert rows_of(path, "SELECT code, row FROM results_queries") == [("BAD", 2)]
    assert rows_of(path, "SELECT assay FROM results_calls ORDER BY assay") == [("flow_mrd",), ("karyotype",)]
    tables = rows_of(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert all(str(name).startswith(("results", "audit")) for (name,) in tables)
    assert read_records(path) == (RECORD,)


def test_two_alleles_of_one_key_are_two_results(tmp_path: Path) -> None:
    twice = replace(CONTENTS, calls=(CONTENTS.calls[0], CONTENTS.calls[0]))
    write_database(tmp_path / "r.sqlite", twice)
    assert rows_of(tmp_path / "r.sqlite", "SELECT count(*) FROM results WHERE analyte = 'mrd'") == [(2,)]


def test_adding_twice_adds_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/external.sqlite"
    assert add_to_database(url, CONTENTS).new > 0
    assert add_to_database(url, CONTENTS).new == 0
    newer = replace(CONTENTS, software_version="9.9.9")
    assert add_to_database(url, newer).new == 0, "a release that answers the same changes nothing"


def test_a_changed_value_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "external.sqlite"
    url = f"sqlite:///{path}"
    add_to_database(url, CONTENTS)
    before = rows_of(path, "SELECT * FROM results ORDER BY result_id, version")
    changed = StoredCall(call=replace(fake_rooms.FLOW, fraction=9e-4), role="followup")
    new = StoredCall(call=replace(fake_rooms.KARYOTYPE, specimen=fake_rooms.FLOW.specimen))
    with pytest.raises(StoreError) as caught:
        add_to_database(url, replace(CONTENTS, calls=(new, changed), settings={"other": True}))
    assert caught.value.code == "RESULT_CHANGED"
    assert caught.value.exit_code == 5
    assert rows_of(path, "SELECT * FROM results ORDER BY result_id, version") == before
    assert rows_of(path, "SELECT count(*) FROM results_batches") == [(1,)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "results.sqlite",
        "sqlite:///relative.sqlite",
        "mysql://x/y",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////tmp/x.sqlite?mode=ro",
        "sqlite:////tmp/x\0y.sqlite",
        "postgresql://u:p@host:port/x",
        "file:///tmp/x.sqlite",
    ],
)
def test_an_address_that_is_none_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        add_to_database(url, CONTENTS)
    assert caught.value.code == "DB_URL_INVALID"


@pytest.mark.parametrize("content", [b"", b"no database" * 99])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_records(path)
    with pytest.raises(InputError):
        read_records(tmp_path / "missing.sqlite")


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(MrdkitError) as caught:
        add_to_database(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite", CONTENTS)
    assert caught.value.code == "STORE_REFUSED"


@pytest.mark.parametrize(
    "address", ["u:secret@127.0.0.1:1/x", "u:secret@127.0.0.1:1/x?foo=secret", "u:secret@127.0.0.1:999999/x"]
)
def test_no_password_stands_in_an_error(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        add_to_database(f"postgresql://{address}", CONTENTS)
    assert caught.value.code == "STORE_REFUSED"
    assert "secret" not in str(caught.value)


def test_a_name_that_no_file_can_have_is_a_missing_file() -> None:
    with pytest.raises(InputError):
        verify_database(f"sqlite:////tmp/{'a' * 300}.sqlite")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_last_digit_of_a_number_is_kept(fraction: float) -> None:
    document = document_of(replace(fake_rooms.FLOW, fraction=fraction))
    restored = call_from_document("flow_mrd", document)
    assert isinstance(restored, FlowMrdCall)
    assert restored.fraction == fraction
