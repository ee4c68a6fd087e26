"""MRD, relapse and CRLF2 against the project's tables of cases."""

import pytest
from patient_tables import BASELINE, flow, marrow, record
from real_data import or_skip, real_rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.crlf2 import FishWord, FlowWord, combine_crlf2
from mrdkit.patient.mrd_flow import flow_of_external
from mrdkit.patient.mrd_ngs import ngs_of_external
from mrdkit.patient.reading import read_assessment
from mrdkit.patient.records import Assessment, ExternalResult
from mrdkit.patient.relapse import classify_relapse


def cases(kind: str) -> list[dict[str, str]]:
    return [row for row in real_rows("trial/mrd_cyto_relapse_tte_cases.csv") if row["kind"] == kind]


def inputs(case: dict[str, str]) -> dict[str, str]:
    return dict(part.split("=") for part in case["input"].split(";"))


def external(assay: str, **cells: object) -> ExternalResult:
    known: dict[str, object] = {
        "subject_id": "S1",
        "visit": "C1",
        "specimen_id": None,
        "collected_on": None,
        "assay": assay,
        "status": "",
        "value": None,
        "unit": None,
        "numerator": None,
        "denominator": None,
        "lod": None,
        "source": "elsewhere",
    }
    return ExternalResult(**{**known, **cells})  # type: ignore[arg-type]  # cells of a table


#: The table's word -> word of the contract. An error is never a result.
WORDS = {
    "NEGATIVE": "negative",
    "POSITIVE": "positive",
    "INDETERMINATE": "indeterminate",
    "NOT_EVALUABLE": "not_evaluable",
    "ERROR": "not_evaluable",
    "DETECTED_BELOW_LOD": "indeterminate",
}


@pytest.mark.parametrize("case", or_skip(cases("flow_mrd")), ids=lambda case: str(case["case"]))
def test_flow_case(case: dict[str, str]) -> None:
    given = inputs(case)
    nucleated = float(given["nucleated"])
    found = flow_of_external(
        external(
            "flow_mrd",
            numerator=int(given["cluster"]),
            denominator=nucleated,
            lod=int(given["min_cluster"]) / nucleated if nucleated else None,
        ),
        read_criteria(case["profile"]),
    )
    assert found.overall == WORDS[case["expected_status"]]
    flags = {finding.flag for finding in found.findings}
    # Antigen loss is a flag of the flow call, which sees the markers; here only the count arrives.
    assert set(filter(None, case["flags"].split(";"))) - {"ANTIGEN_LOSS_CD19"} <= flags
    point = found.measurement
    for part in filter(None, case["expected_value"].split(";")):
        name, value = part.split("=")
        match name:
            case "value":
                assert point.fraction == pytest.approx(float(value))
            case "lod":
                assert point.limit == pytest.approx(float(value))
            case "undetectable":
                assert point.detected == (value == "N")
            case "below_1e4":
                assert (point.fraction is not None and point.fraction < 1e-4) == (value == "Y")


@pytest.mark.parametrize("case", or_skip(cases("ngs_mrd")), ids=lambda case: str(case["case"]))
def test_sequencing_case(case: dict[str, str]) -> None:
    given = inputs(case)
    found = ngs_of_external(
        external(
            "ngs_mrd",
            status="no_trackable_clone" if given.get("trackable_clone") == "N" else "",
            numerator=int(given["templates"]) if "templates" in given else None,
            value=float(given["per_million"]) if "per_million" in given else None,
            unit="per_million" if "per_million" in given else None,
            denominator=float(given["cells"]) if "cells" in given else None,
        )
    )
    flags = {finding.flag for finding in found.findings}
    assert found.overall == WORDS[case["expected_status"]]
    assert "negative" not in found.overall or case["expected_status"] == "NEGATIVE"
    assert (case["expected_status"] == "DETECTED_BELOW_LOD") == ("DETECTED_BELOW_LOD" in flags)
    assert set(filter(None, case["flags"].split(";"))) <= flags
    for part in filter(None, case["expected_value"].split(";")):
        name, value = part.split("=")
        match name:
            case "call_1e5" | "call_1e6":
                assert found.status[{"call_1e5": "1e-5", "call_1e6": "1e-6"}[name]] == value
            case "ul95":
                assert found.measurement.limit == pytest.approx(float(value), rel=1e-5)
            case "value":
                assert found.measurement.fraction == pytest.approx(float(value))


@pytest.mark.parametrize("case", or_skip(cases("mrd_best")), ids=lambda case: str(case["case"]))
def test_best_mrd_case(case: dict[str, str]) -> None:
    courses = [cell.split(":") for cell in case["input"].removeprefix("courses=").split(",")]
    found = record(
        BASELINE,
        *(marrow(int(course), "2") for course, _ in courses),
        external=tuple(flow(f"C{course}", word.casefold()) for course, word in courses),
        criteria=read_criteria(case["profile"]),
    ).mrd_response[0]
    assert found.within_courses == {"1e-4": WORDS[case["expected_status"]]}
    assert (found.within_courses["1e-4"] == "negative") == (case["expected_value"] == "within_3_courses=Y")
    assert set(filter(None, case["flags"].split(";"))) <= set(found.flags)


@pytest.mark.parametrize("case", or_skip(cases("relapse")), ids=lambda case: str(case["case"]))
def test_relapse_case(case: dict[str, str]) -> None:
    given = inputs(case)
    criteria = read_criteria(case["profile"])
    row = Assessment(
        subject_id="S1",
        visit="C4",
        blasts_percent=given["blasts"],
        regenerating=given.get("regenerating", ""),
    )
    found = classify_relapse(
        read_assessment(row, criteria),
        responded=given["prior"] != "none",
        mrd=given.get("mrd", "not_tested").casefold(),
        mrd_was_negative=False,
        criteria=criteria,
    )
    assert found.status == case["expected_status"]
    assert set(filter(None, case["flags"].split(";"))) <= set(found.flags)


@pytest.mark.parametrize(
    "case", or_skip(real_rows("cytogenetics/crlf2_fish_flow_union.csv")), ids=lambda case: str(case["id"])
)
def test_crlf2_case(case: dict[str, str]) -> None:
    fish: FishWord = case["fish"]  # type: ignore[assignment]  # a word of the table
    flow: FlowWord = case["flow_tslpr"]  # type: ignore[assignment]  # a word of the table
    found = combine_crlf2(fish, flow)
    assert found.status == case["crlf2_any"]
    assert found.tested == (case["tested"] == "Y")
    assert set(filter(None, case["flags"].split(";"))) <= {flag.casefold() for flag in found.flags}
