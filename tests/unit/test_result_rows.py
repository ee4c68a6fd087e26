"""The long table: its columns are those of its documentation, and no answer gets lost on the way."""

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import get_type_hints

import fake_rooms
import pytest
from hypothesis import given, settings
from strategies.calls import calls

from mrdkit.export.columns import TABLES
from mrdkit.result_rows import SCHEMA_VERSION, ResultRow, result_rows
from mrdkit.results import Call, PhenotypeDetection, ResponseCall
from mrdkit.store import schema

DOCUMENT = Path(__file__).parents[2] / "docs" / "schema" / f"results-v{SCHEMA_VERSION}.md"

TYPES: dict[str, tuple[object, ...]] = {
    "text": (str, str | None),
    "number": (float | None,),
    "count": (int | None,),
    "truth": (bool | None,),
    "date": (date | None,),
    "list": (tuple[str, ...],),
}


def documented_columns() -> list[tuple[str, str]]:
    section = DOCUMENT.read_text(encoding="utf-8").split("## Columns")[1].split("##")[0]
    cells = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
    return [(cell[1].strip(), cell[2].strip()) for cell in cells[1:]]


def test_the_documented_columns_are_the_fields_of_a_row() -> None:
    assert [name for name, _ in documented_columns()] == [field.name for field in fields(ResultRow)]


@pytest.mark.parametrize(("name", "kind"), documented_columns())
def test_the_documented_type_is_that_of_the_field(name: str, kind: str) -> None:
    assert get_type_hints(ResultRow)[name] in TYPES[kind]


def test_export_and_database_have_the_documented_columns() -> None:
    documented = documented_columns()
    assert [(column.name, column.kind) for column in TABLES["results"][1:]] == documented
    stored = [column.name for column in schema.results.columns]
    assert stored[-len(documented) :] == [name for name, _ in documented]


def test_a_flow_call_as_rows() -> None:
    headline, status, sensitivity, hematogones = result_rows(fake_rooms.FLOW)
    assert (headline.assay, headline.analyte, headline.method) == ("flow_mrd", "mrd", "panel-x")
    assert (headline.result, headline.value, headline.unit) == ("positive", 3e-4, "fraction")
    assert (headline.numerator, headline.denominator) == (120, 400_000)
    assert headline.denominator_name == "nucleated"
    assert (headline.ci_low, headline.ci_high, headline.lod) == (2.5e-4, 3.6e-4, 5e-5)
    assert headline.inputs == ("fcs:" + "ab" * 32,)
    assert headline.rules == ("panel-x@1",)
    assert (status.analyte, status.result, status.value) == ("mrd_status_1e-4", "positive", None)
    assert (sensitivity.analyte, sensitivity.value) == ("sensitivity", 5e-5)
    assert (hematogones.analyte, hematogones.numerator) == ("hematogones", 40)


DETECTION = PhenotypeDetection(
    method="diagnosis",
    n_expected=2.5,
    recall=0.8,
    alignment=(),
    shift=(),
    second_opinion_n=110,
    second_opinion_lob=7.0,
    visible_gates=(),
    visible_recall=None,
    visible_precision=None,
)


def test_a_call_by_phenotype_says_on_how_many_blanks_it_rests_and_what_the_second_opinion_is() -> None:
    call = replace(fake_rooms.FLOW, n_blanks=20, provisional=True, detection=DETECTION)
    background, recall, expected, opinion = result_rows(call)[4:]
    assert (background.analyte, background.result, background.numerator) == ("background", "provisional", 20)
    assert (recall.analyte, recall.result, recall.value, recall.unit) == (
        "recall",
        "diagnosis",
        0.8,
        "fraction",
    )
    assert (expected.analyte, expected.value, expected.unit) == ("expected_normal", 2.5, "events")
    assert (opinion.analyte, opinion.result, opinion.value, opinion.lob) == (
        "second_opinion",
        "agrees",
        110.0,
        7.0,
    )
    doubted = replace(call, flags=("SECOND_OPINION_DISAGREES",), provisional=False)
    assert [
        row.result for row in result_rows(doubted) if row.analyte in ("background", "second_opinion")
    ] == [
        "claimable",
        "disagrees",
    ]


def test_a_background_of_a_target_gate_has_no_recall_and_a_screening_no_second_opinion() -> None:
    gated = replace(fake_rooms.FLOW, n_blanks=60, provisional=False)
    assert [row.analyte for row in result_rows(gated)[4:]] == ["background"]
    alone = replace(DETECTION, method="screening", second_opinion_n=None, second_opinion_lob=None)
    screened = replace(gated, detection=alone)
    assert [row.analyte for row in result_rows(screened)[4:]] == ["background", "recall", "expected_normal"]


def test_what_is_not_known_stays_empty() -> None:
    call = replace(fake_rooms.FLOW, state="not_evaluable", fraction=None, n_target=None, detected=None)
    headline = result_rows(call)[0]
    assert (headline.value, headline.numerator, headline.detected) == (None, None, None)
    karyotype = {row.analyte: row.result for row in result_rows(fake_rooms.KARYOTYPE)}
    assert karyotype["complex_all"] == "no"
    assert karyotype["ploidy_group"] is None
    assert karyotype["n_abnormalities_tokens"] == "43~45"


@settings(max_examples=60)
@given(calls())
def test_every_call_has_a_headline_that_says_whose_it_is(call: Call) -> None:
    rows = result_rows(call)
    subject = call.subject_id if isinstance(call, ResponseCall) else call.specimen.subject_id
    assert rows
    assert {row.subject_id for row in rows} == {subject}
    assert len({row.assay for row in rows}) == 1
    assert rows[0].flags == call.flags
    assert rows[0].reasons == call.reasons
