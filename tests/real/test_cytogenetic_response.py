"""Cytogenetic response against the project's table of cases and the trial's own cases."""

from collections.abc import Sequence

import pytest
from karyotype_records import EVIDENCE
from real_data import or_skip, real_rows

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.cytogenetics import CytogeneticResponse, classify_cytogenetics
from mrdkit.results import FishCall, KaryotypeCall, Specimen

IN_RESPONSE = ("CR", "CRp", "CRi")
POLICY = read_criteria("jabbour2023").cytogenetics


CASES = real_rows("cytogenetics/cytogenetic_response_cases.csv")
TRIAL = [row for row in real_rows("trial/mrd_cyto_relapse_tte_cases.csv") if row["kind"] == "cyto"]


def fish(text: str, visit: str) -> FishCall | None:
    """The FISH part of a row, called by hand: `sep` is a split."""
    if "nuc ish" not in text:
        return None
    return FishCall(
        specimen=Specimen(subject_id="S1", visit=visit),
        probe_id="CRLF2_BA",
        call="rearranged_split" if "sep" in text else "normal",
        classes=(),
        patterns=(),
        n_scored=200,
        n_dropped=0,
        percent=None,
        ci_low=None,
        ci_high=None,
        iscn_2024=None,
        iscn_2020=None,
        flags=(),
        reasons=(),
        evidence=EVIDENCE,
    )


def called(text: str, visit: str, known_items: Sequence[str] = ()) -> KaryotypeCall:
    specimen = Specimen(subject_id="S1", visit=visit)
    return call_karyotype(text, specimen=specimen, rule=read_karyotype_rule(), known_items=known_items)


def answer(case: dict[str, str]) -> CytogeneticResponse:
    baseline = called(case["baseline"], "baseline")
    known = {item for clone in baseline.clones for item in clone.items}
    return classify_cytogenetics(
        baseline,
        called(case["followup"], "C1", known_items=sorted(known)),
        in_response=case["morphologic_response"] in IN_RESPONSE,
        policy=POLICY,
        baseline_fish=fish(case["baseline"], "baseline"),
        followup_fish=fish(case["followup"], "C1"),
    )


def number(cell: str) -> float | None:
    return float(cell) if cell else None


@pytest.mark.parametrize("case", or_skip(CASES), ids=lambda case: str(case["id"]))
def test_case_of_the_table(case: dict[str, str]) -> None:
    found = answer(case)
    assert found.category == case["expected_category"]
    assert found.in_denominator == (case["in_denominator"] == "Y")
    assert found.in_numerator == (case["in_numerator"] == "Y")
    assert set(filter(None, case["flags"].split(";"))) <= {flag.casefold() for flag in found.flags} | set(
        found.flags
    )


@pytest.mark.parametrize("case", or_skip(CASES), ids=lambda case: str(case["id"]))
def test_fish_behind_the_karyotype_is_enough_for_the_flags(case: dict[str, str]) -> None:
    baseline, followup = called(case["baseline"], "baseline"), called(case["followup"], "C1")
    in_response = case["morphologic_response"] in IN_RESPONSE
    found = classify_cytogenetics(baseline, followup, in_response=in_response, policy=POLICY)
    assert ("FISH_CLEARED" in found.flags) == ("fish_cleared" in case["flags"])
    assert found.category == case["expected_category"]


@pytest.mark.parametrize("case", or_skip(CASES), ids=lambda case: str(case["id"]))
def test_numbers_of_the_table(case: dict[str, str]) -> None:
    found = answer(case)
    level = None if found.excluded_level is None else 100 * found.excluded_level
    assert (found.metaphases.total if found.metaphases else 0) == int(case["followup_metaphases"])
    assert (found.abnormal or 0) == int(case["abnormal_baseline_metaphases"])
    for value, column in (
        (found.percent_of_recipient, "abnormal_pct_of_recipient"),
        (found.percent_of_all, "abnormal_pct_of_all"),
        (found.ci_low, "cp95_low_pct_of_all"),
        (found.ci_high, "cp95_high_pct_of_all"),
        (level, "excluded_level95_pct"),
    ):
        assert value == pytest.approx(number(case[column]), abs=5e-5), column


def trial_karyotypes(inputs: dict[str, str]) -> tuple[str | None, str]:
    """Write the case's counts as karyotypes."""
    baselines = {
        "abnormal": "46,XX,t(1;19)(q23;p13.3)[20]",
        "normal": "46,XX[20]",
        "constitutional_only": "47,XX,+21c[20]",
    }
    if inputs.get("growth") == "N":
        return baselines[inputs["baseline"]], "no growth"
    parts = [
        f"46,XX,t(1;19)(q23;p13.3)[{inputs['abnormal']}]" if inputs["abnormal"] != "0" else "",
        f"46,XX,del(20)(q11.2q13.3)[{inputs['new_clone']}]" if "new_clone" in inputs else "",
        f"46,XX[{inputs['normal']}]",
    ]
    return baselines.get(inputs["baseline"]), "/".join(filter(None, parts))


@pytest.mark.parametrize("case", or_skip(TRIAL), ids=lambda case: str(case["case"]))
def test_case_of_the_trial(case: dict[str, str]) -> None:
    inputs = dict(part.split("=") for part in case["input"].split(";"))
    baseline, followup = trial_karyotypes(inputs)
    found = classify_cytogenetics(
        called(baseline, "baseline") if baseline else None,
        called(followup, "C1"),
        in_response=inputs["response"] in IN_RESPONSE,
        policy=POLICY,
    )
    assert found.category == case["expected_status"]
    assert set(filter(None, case["flags"].split(";"))) <= set(found.flags)
    if case["expected_value"]:
        assert found.excluded_level is not None
        expected = float(case["expected_value"].removeprefix("excluded_pct="))
        assert 100 * found.excluded_level == pytest.approx(expected, abs=5e-5)
