"""Antigens on the blasts of made-up tubes: exact percentages, and why a tube or a marker is not evaluable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flow_data import HEALTHY, SIMULATED_MARKERS, marrow

from mrdkit import reference
from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.flow import Panel, read_panel
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.expression_cutoff import Question, controls_of
from mrdkit.flow.mrd.expression_report import ExpressionReport, compared_with, expression_report
from mrdkit.flow.mrd.expression_rules import read_expression_settings
from mrdkit.stats import clopper_pearson

PANEL = read_panel("b_all_fixed")
BY_PHENOTYPE = read_panel("b_all_mrd")
SETTINGS = read_expression_settings()
DIAGNOSIS = {**HEALTHY, "blast": 3_000}


def question(markers: Sequence[str], panel: Panel = PANEL) -> Question:
    return Question(panel=panel, markers=tuple(markers), settings=SETTINGS, controls={})


def told(tube: FcsDataset, *markers: str, panel: Panel = PANEL) -> ExpressionReport:
    return expression_report(tube, question(markers, panel))


def with_pulse_height(tube: FcsDataset) -> FcsDataset:
    """Return the tube with a height that scatters about its area, as a data-driven singlet gate needs it."""
    events = tube.linear().copy()
    events[:, 1] *= 1.0 + np.random.default_rng(3).normal(0.0, 0.02, len(events))
    return replace(tube, events=events)


def test_percentages_are_exact() -> None:
    counts = {**HEALTHY, "blast with CD20": 700, "blast without CD20": 2_300}
    report = told(marrow(counts), "CD20", "CD22")
    cd20, cd22 = report.markers
    assert (report.state, report.n_blasts, report.denominator) == ("evaluable", 3_000, "nucleated")
    assert report.blasts_percent == 100.0 * 3_000 / sum(counts.values())
    assert (cd20.n, cd20.n_positive, cd20.percent_positive) == (3_000, 700, 100.0 * 700 / 3_000)
    interval = clopper_pearson(700, 3_000)
    assert (cd20.ci_low, cd20.ci_high) == (100.0 * interval.low, 100.0 * interval.high)
    assert cd20.cutoff_method == "internal_negative:t_cells:q0.99"
    assert cd22.percent_positive == 100.0
    assert {"CD20_AT_LEAST_20", "CD22_POSITIVE", "CD22_AT_LEAST_90", "BLASTS_BY_GATE"} <= set(report.flags)
    assert [rule.id for rule in report.evidence.rules] == ["b_all_fixed", "flow_expression"]


def test_medians_and_cutoffs_are_compensated_and_in_both_units() -> None:
    (cd22,) = told(marrow(DIAGNOSIS), "CD22").markers
    transform = PANEL.axes["CD22"].transform
    assert transform is not None
    assert cd22.median == pytest.approx(10.0**3.3, rel=0.01)
    assert cd22.cutoff == pytest.approx(10.0**1.9, rel=0.2)
    for value, display in ((cd22.median, cd22.median_display), (cd22.cutoff, cd22.cutoff_display)):
        assert value is not None
        assert display == transform.apply(np.array([value]))[0]


def test_blasts_found_by_phenotype() -> None:
    tube = with_pulse_height(marrow({**HEALTHY, "blast": 60_000}))
    report = told(tube, "CD19", "CD20", panel=BY_PHENOTYPE)
    assert report.state == "evaluable", report.reasons
    assert report.n_blasts is not None
    assert 60_000 * 0.98 < report.n_blasts <= 60_000 + HEALTHY["hematogone"]  # the look-alikes may be taken
    assert {"BLASTS_BY_PHENOTYPE", "BLASTS_WITHOUT_REFERENCE", "CD19_POSITIVE"} <= set(report.flags)


def test_normal_cells_of_a_remission_are_never_reported_as_blasts() -> None:
    counts = {**HEALTHY, "b": 6_000, "hematogone": 9_000}
    report = told(with_pulse_height(marrow(counts)), "CD19", "CD22", panel=BY_PHENOTYPE)
    assert (report.state, report.n_blasts, report.blasts_percent) == ("not_evaluable", None, None)
    assert {marker.percent_positive for marker in report.markers} == {None}
    assert {"BLASTS_NOT_DISTINCT", "DIAGNOSIS_BLASTS_NOT_FOUND"} & set(report.flags)


def exchanged(first: str, second: str) -> FcsDataset:
    other = {first: second, second: first}
    return marrow(DIAGNOSIS, labels=[f"{other.get(name, name)} PE" for name in SIMULATED_MARKERS])


DEFECTS: Mapping[str, Callable[[], FcsDataset]] = {
    "NO_SPILLOVER": lambda: marrow(DIAGNOSIS, without_spillover=True),
    "BLASTS_TOO_FEW": lambda: marrow({**HEALTHY, "blast": 99}),
    "MARKER_MISSING": lambda: marrow(
        DIAGNOSIS, labels=["X" if name == "CD58" else name for name in SIMULATED_MARKERS]
    ),
    "MARKER_IDENTITY_T": lambda: exchanged("CD19", "CD3"),
    "FLOW_RATE_UNSTABLE": lambda: marrow(DIAGNOSIS, clogged=True),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defective_tube_is_not_evaluable_and_says_why(code: str) -> None:
    report = told(DEFECTS[code](), "CD19", "CD22")
    assert report.state == "not_evaluable"
    assert code in report.flags
    assert report.reasons
    assert [(m.marker, m.percent_positive, m.cutoff) for m in report.markers] == [
        ("CD19", None, None),
        ("CD22", None, None),
    ]


def test_one_hundred_blasts_are_enough() -> None:
    assert told(marrow({**HEALTHY, "blast": 100}), "CD19").markers[0].percent_positive == 100.0


def test_few_negative_cells_make_a_marker_not_evaluable() -> None:
    report = told(marrow({**DIAGNOSIS, "t": 499}), "CD22")
    assert report.markers[0].percent_positive is None
    assert "NOT_EVALUABLE_CD22" in report.flags
    assert "at least 500 events of internal_negative:t_cells" in report.reasons[0]
    assert told(marrow({**DIAGNOSIS, "t": 500}), "CD22").markers[0].percent_positive == 100.0


def changed_panel(tmp_path: Path, old: str, new: str) -> Panel:
    shipped = reference.text("panels", "b_all_fixed.toml")
    assert old in shipped
    path = tmp_path / "panel.toml"
    path.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    return read_panel(path)


RULE = 'marker = "CD22"\nnegative_gate = "t_cells"'


def test_a_negative_population_that_is_positive_condemns_the_tube(tmp_path: Path) -> None:
    panel = changed_panel(tmp_path, RULE, 'marker = "CD22"\nnegative_gate = "b_mature"')
    report = told(marrow(DIAGNOSIS), "CD19", panel=panel)
    assert report.state == "not_evaluable"
    assert "NEGATIVE_CELLS_POSITIVE" in report.flags
    assert "should lack CD22" in report.reasons[0]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ('marker = "CD22"\nnegative_gate = "t_cell"', "GATE_UNKNOWN"),
        ('marker = "CD23"\nnegative_gate = "t_cells"', "MARKER_WITHOUT_SCALE"),
        ('marker = "CD20"\nnegative_gate = "t_cells"', "MARKER_REPEATED"),
        ('marker = "CD22"\nnegative_gates = "t_cells"', "RULE_INVALID"),
    ],
)
def test_a_panel_whose_rule_fits_nothing_is_refused(tmp_path: Path, new: str, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        changed_panel(tmp_path, RULE, new)
    assert caught.value.code == code


def test_what_no_tube_could_answer_is_refused() -> None:
    with pytest.raises(RuleError, match=r"\[\[expression\]\].*CD58"):
        question(["CD58"])
    with pytest.raises(UsageError, match="CD99"):
        question(["CD99"])
    for markers in ((), ("CD19", "CD19")):
        with pytest.raises(UsageError, match="named once"):
            question(markers)


def test_a_control_tube_gives_the_cutoff() -> None:
    tube, unstained = marrow(DIAGNOSIS), marrow({**HEALTHY, "blast without CD22": 3_000})
    controls = controls_of(unstained, PANEL, ["CD22", "CD58"], SETTINGS)
    asked = Question(panel=PANEL, markers=("CD22", "CD58"), settings=SETTINGS, controls=controls)
    report = expression_report(tube, asked)
    cd22, cd58 = report.markers
    assert (cd22.cutoff_method, cd22.percent_positive) == ("control:q0.99", 100.0)
    assert cd22.cutoff == np.quantile(controls["CD22"].values, 0.99, method="higher")
    assert cd58.percent_positive is not None
    assert "CONTROL_NOT_CHECKED_CD58" in report.flags
    assert "CONTROL_NOT_CHECKED_CD22" not in report.flags
    assert [item.role for item in report.evidence.inputs] == ["tube", "control:CD22", "control:CD58"]


def test_a_stained_control_is_refused_for_its_marker() -> None:
    controls = controls_of(marrow(DIAGNOSIS), PANEL, ["CD22"], SETTINGS)
    asked = Question(panel=PANEL, markers=("CD22",), settings=SETTINGS, controls=controls)
    report = expression_report(marrow(DIAGNOSIS), asked)
    assert report.markers[0].percent_positive is None
    assert "NOT_EVALUABLE_CD22" in report.flags
    assert "not negative" in report.reasons[0]


def test_a_control_without_blasts_is_an_error() -> None:
    with pytest.raises(InputError, match="control tube cannot be told") as caught:
        controls_of(marrow(HEALTHY), PANEL, ["CD22"], SETTINGS)
    assert caught.value.code == "CONTROL_NOT_EVALUABLE"


def test_a_marker_that_the_blasts_were_gated_on_is_flagged() -> None:
    report = told(marrow(DIAGNOSIS), "CD10", "CD66c+CD123", "CD22")
    assert [flag for flag in report.flags if flag.startswith("GATED_ON")] == [
        "GATED_ON_CD10",
        "GATED_ON_CD66CCD123",
    ]


def test_an_antigen_lost_since_diagnosis() -> None:
    diagnosis = told(marrow(DIAGNOSIS), "CD19", "CD22")
    later = told(marrow({**HEALTHY, "blast without CD22": 2_000}), "CD19", "CD22")
    report = compared_with(diagnosis, later, SETTINGS)
    assert report.comparison is not None
    assert [(row.marker, row.change) for row in report.comparison] == [("CD19", "kept"), ("CD22", "lost")]
    assert report.comparison[1].diagnosis_percent_positive == 100.0
    assert report.comparison[1].diagnosis_median == diagnosis.markers[1].median
    assert report.comparison[1].diagnosis_median_display == diagnosis.markers[1].median_display
    assert [flag for flag in report.flags if flag.startswith("LOSS")] == ["LOSS_CD22"]
    assert "CD22_NEGATIVE" in report.flags
    assert [item.role for item in report.evidence.inputs] == ["tube", "diagnosis"]


def test_a_diagnosis_without_an_answer_is_compared_with_nothing() -> None:
    diagnosis = told(marrow(HEALTHY), "CD22")
    report = compared_with(diagnosis, told(marrow(DIAGNOSIS), "CD22"), SETTINGS)
    assert report.comparison is not None
    assert report.comparison[0].change is None
    assert "DIAGNOSIS_NOT_EVALUABLE" in report.flags
    assert any(reason.startswith("Diagnosis: ") for reason in report.reasons)
