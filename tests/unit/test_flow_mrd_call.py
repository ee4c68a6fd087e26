"""Backgrounds and calls by phenotype on made-up marrows: each state, each doubt, what is refused.

The populations are clear-cut, so that a reader knows the answer; they say nothing about performance.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from blank_tubes import (
    DIAGNOSIS,
    FOLLOW_UP,
    PANEL,
    background,
    blank,
    blanks,
    digested,
    patient,
    tube,
    varied,
)
from flow_data import SIMULATED_MARKERS, marrow

from mrdkit.errors import InputError, UsageError
from mrdkit.flow import call_flow_mrd, read_panel
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.background import Background
from mrdkit.flow.mrd.background_building import build_background
from mrdkit.flow.mrd.background_file import background_summary
from mrdkit.flow.mrd.background_patient import for_patient
from mrdkit.flow.mrd.blasts import find_blasts
from mrdkit.flow.mrd.call import Assessment, assess_flow_mrd
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.mixture import NormalMixture
from mrdkit.results import FlowMrdCall, MrdStatus, Specimen, as_json

Changes = Mapping[str, Mapping[str, float]]
FEW = {name: count // 4 for name, count in FOLLOW_UP.items()}


def follow_up(blasts: int, seed: int = 2, changed: Changes | None = None) -> FcsDataset:
    return tube({**FOLLOW_UP, "blast": blasts}, seed, changed=changed)


def assessed(found: FcsDataset, made: Background | None = None, targeted: str = "") -> Assessment:
    return assess_flow_mrd(
        found,
        PANEL,
        specimen=Specimen(subject_id="S1"),
        targeted=frozenset(filter(None, targeted.split(","))),
        background=made or patient(),
    )


def called(found: FcsDataset, made: Background | None = None, targeted: str = "") -> FlowMrdCall:
    return assessed(found, made, targeted).call


@cache
def with_blasts(blasts: int) -> FlowMrdCall:
    return called(follow_up(blasts))


# --- the states --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blasts", "state", "status"),
    [
        (0, "negative", MrdStatus.NEGATIVE),
        (15, "detected_below", MrdStatus.INDETERMINATE),
        (100, "positive", MrdStatus.POSITIVE),
    ],
)
def test_a_follow_up_is_called(blasts: int, state: str, status: MrdStatus) -> None:
    call = with_blasts(blasts)
    assert (call.state, call.status) == (state, {"1e-4": status})
    assert call.n_target is not None
    assert abs(call.n_target - blasts) <= 2
    assert call.detected == (blasts > 0)
    assert call.n_hematogones == pytest.approx(FOLLOW_UP["hematogone"], rel=0.02)
    assert "BACKGROUND_PROVISIONAL" in call.flags
    assert "BACKGROUND_NOT_MEASURED" not in call.flags
    assert [arm.markers for arm in call.lineage_arms] == [("CD19",), ("CD22",), ("CD24",), ("CD10",)]


@pytest.mark.parametrize("blasts", [15, 100])
def test_the_quantity_covers_the_truth(blasts: int) -> None:
    call = with_blasts(blasts)
    assert call.n_denominator is not None
    assert call.ci_low is not None
    assert call.ci_high is not None
    assert call.ci_low < blasts / call.n_denominator < call.ci_high
    assert call.fraction == pytest.approx(blasts / call.n_denominator, rel=0.15)


def test_a_negative_says_at_which_sensitivity() -> None:
    call = with_blasts(0)
    assert call.n_denominator is not None
    assert call.lob is not None
    assert call.lob == pytest.approx(round(call.lob * call.n_denominator) / call.n_denominator)
    assert call.sensitivity == call.lod
    assert call.lod == pytest.approx(15.7 / call.n_denominator, rel=0.05)
    assert any("No cluster of 10 events above the limit of blank at" in reason for reason in call.reasons)


def test_the_call_shows_how_it_came_about() -> None:
    shown = with_blasts(100).detection
    assert shown is not None
    assert shown.method == "diagnosis"
    assert shown.recall > 0.9
    assert PANEL.rule.detection is not None
    assert tuple(shift.feature for shift in shown.alignment) == PANEL.rule.detection.features
    assert tuple(shift.feature for shift in shown.shift) == PANEL.rule.detection.features
    assert 2 <= len(shown.visible_gates) <= 4
    assert shown.visible_recall is not None
    assert shown.visible_recall >= 0.9
    assert shown.visible_precision is not None
    assert shown.visible_precision > 0.5
    assert shown.second_opinion_n is not None
    assert shown.second_opinion_n >= 90
    assert shown.second_opinion_lob is not None
    assert shown.second_opinion_lob > 0
    evidence = with_blasts(100).evidence
    assert [one.role for one in evidence.inputs] == ["followup", "diagnosis", *["blank"] * 20]
    assert "flow_detection" in [rule.id for rule in evidence.rules]


def test_the_target_cells_are_the_blasts() -> None:
    found = assessed(follow_up(100))
    assert found.target is not None
    assert found.gating is not None
    assert int(found.target.sum()) == found.call.n_target
    assert not np.any(found.target & ~found.gating.membership("b_lineage"))


def test_too_few_cells_are_insufficient_but_hide_no_cluster() -> None:
    assert called(tube(FEW, 2)).state == "insufficient"
    few = called(tube({**FEW, "blast": 60}, 2))
    assert (few.state, few.status["1e-4"]) == ("positive", MrdStatus.POSITIVE)


def test_the_same_tube_gives_the_same_call() -> None:
    assert as_json(called(follow_up(100))) == as_json(with_blasts(100))


# --- therapy and drift -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "targeted"),
    [(("CD19",), "CD19"), (("CD22",), "CD22"), (("CD19", "CD22"), "CD19,CD22"), (("CD10", "CD34"), "")],
    ids=["CD19", "CD22", "CD19 and CD22", "CD10 and CD34 half a decade"],
)
def test_blasts_that_lost_antigens_are_found(lost: tuple[str, ...], targeted: str) -> None:
    loss = -1.6 if targeted else -0.5
    call = called(follow_up(100, changed={"blast": dict.fromkeys(lost, loss)}), targeted=targeted)
    assert call.state == "positive"
    assert call.n_target == pytest.approx(100, abs=3)
    assert call.detection is not None
    moved = {shift.feature: shift.decades for shift in call.detection.shift}
    assert all(moved[marker] < -0.3 for marker in lost)


@pytest.mark.parametrize("seed", [11, 12])
def test_blasts_beyond_reach_are_never_negative(seed: int) -> None:
    far = {"CD10": -0.6, "CD58": -0.6, "CD45": 0.9, "CD81": 0.7, "CD38": 0.6}
    call = called(follow_up(100, seed, {"blast": far}))
    assert (call.state, call.status["1e-4"]) == ("insufficient", MrdStatus.INDETERMINATE)
    assert {"PHENOTYPE_SHIFTED", "SECOND_OPINION_DISAGREES"} & set(call.flags)
    assert "NEGATIVE_BARRED" in call.flags


def test_arms_that_therapy_targeted_leave_the_others() -> None:
    call = called(follow_up(0), targeted="CD19,CD22")
    assert (call.state, "LINEAGE_ANTIGEN_TARGETED" in call.flags) == ("negative", True)


def test_where_every_arm_was_targeted_no_call_is_made() -> None:
    call = called(follow_up(0), targeted="CD19,CD22,CD24,CD10")
    assert (call.state, call.fraction) == ("not_evaluable", None)
    assert "LINEAGE_NOT_EVALUABLE" in call.flags


# --- doubts ------------------------------------------------------------------------------------------------


def test_without_a_diagnosis_cells_may_be_found_and_never_excluded() -> None:
    empty, full = called(follow_up(0), background()), called(follow_up(300), background())
    assert full.state == "positive"
    assert empty.status["1e-4"] is MrdStatus.INDETERMINATE
    for call in (empty, full):
        assert "SCREENING_ONLY" in call.flags
        assert call.detection is not None
        assert call.detection.method == "screening"
        assert not call.detection.shift


def test_where_the_trees_disagree_a_person_must_look() -> None:
    """Trees that call nothing, and trees that call everything."""
    made = patient()
    assert made.patient is not None
    none, every = (
        replace(made, patient=replace(made.patient, opinion=replace(made.patient.opinion, above=above)))
        for above in (1e9, -1e9)
    )
    found = called(follow_up(100), none)
    assert (found.state, "SECOND_OPINION_DISAGREES" in found.flags) == ("positive", True)
    empty = called(follow_up(0), every)
    assert (empty.state, "SECOND_OPINION_DISAGREES" in empty.flags) == ("insufficient", True)
    assert any("a person must look" in reason for reason in empty.reasons)
    assert any("a doubt bars a negative" in reason for reason in empty.reasons)


def test_a_phenotype_among_normal_cells_excludes_nothing() -> None:
    made = patient()
    assert made.patient is not None
    assert made.reference is not None
    normal = made.reference.normal.pooled
    largest = int(np.argmax(normal.weights))
    inside = NormalMixture(
        weights=np.ones(1),
        means=normal.means[largest : largest + 1],
        covariances=normal.covariances[largest : largest + 1],
    )
    phenotype = replace(made.patient.phenotype, blasts=inside)
    call = called(follow_up(0), replace(made, patient=replace(made.patient, phenotype=phenotype)))
    assert (call.state, call.sensitivity) == ("insufficient", 1.0)
    assert as_json(call)


def test_a_blank_is_known_again() -> None:
    assert "TUBE_IS_A_BLANK" in called(blank(3)).flags
    assert "TUBE_IS_A_BLANK" not in with_blasts(0).flags


def test_another_cytometer_is_flagged() -> None:
    other = replace(follow_up(0), cytometer="another")
    assert "CYTOMETER_NOT_IN_BACKGROUND" in called(other).flags
    assert "CYTOMETER_NOT_IN_BACKGROUND" not in with_blasts(0).flags


def test_a_batch_beyond_the_bound_is_not_evaluable() -> None:
    call = called(tube(FOLLOW_UP, 2, gains={"CD20": 0.9}))
    assert (call.state, call.fraction) == ("not_evaluable", None)
    assert "BATCH_SHIFT" in call.flags
    assert "CD20" in call.reasons[0]


def test_a_tube_without_landmarks_is_not_evaluable() -> None:
    call = called(tube({**FOLLOW_UP, "granulocyte": 0, "monocyte": 300, "b": 100}, 2))
    assert (call.state, "LANDMARKS_MISSING" in call.flags) == ("not_evaluable", True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CD20", "CD22"),
        ("CD20", "CD34"),
        ("CD22", "CD19"),
        ("CD24", "CD10"),
        ("CD58", "CD38"),
        ("CD34", "CD10"),
    ],
)
def test_exchanged_labels_that_no_landmark_shows_hide_no_blasts(one: str, other: str) -> None:
    labels = [f"{ {one: other, other: one}.get(marker, marker) } PE" for marker in SIMULATED_MARKERS]
    swapped = varied({**FOLLOW_UP, "blast": 200}, seed=3, labels=labels)
    assert called(swapped).state != "negative"


def test_exchanged_labels_hide_no_blasts_that_differ_in_them() -> None:
    """CD34 bright, CD20 negative at diagnosis: the opposite with exchanged labels; mature B cells vanish."""
    unlike = {"blast": {"CD34": 0.9, "CD20": -0.9}}
    made = for_patient(background(), PANEL, tube(DIAGNOSIS, 1, changed=unlike))
    labels = [f"{ {'CD20': 'CD34', 'CD34': 'CD20'}.get(marker, marker) } PE" for marker in SIMULATED_MARKERS]
    swapped = varied({**FOLLOW_UP, "blast": 25}, seed=3, labels=labels, changed=unlike)
    call = called(swapped, made)
    assert (call.state, "PHENOTYPE_SHIFTED" in call.flags) == ("insufficient", True)


@pytest.mark.parametrize("blasts", [300, 30_000])
def test_a_large_cluster_that_moved_is_not_taken_for_normal(blasts: int) -> None:
    call = called(follow_up(blasts, 3, {"blast": {"CD19": -1.4, "CD22": -1.4}}))
    assert call.state == "positive"
    assert call.n_target == pytest.approx(blasts, rel=0.02)


# --- what is refused ---------------------------------------------------------------------------------------


def test_the_panel_needs_a_background() -> None:
    with pytest.raises(UsageError) as caught:
        call_flow_mrd(follow_up(0), PANEL, specimen=Specimen())
    assert caught.value.code == "BACKGROUND_REQUIRED"


def test_another_panels_background_is_refused() -> None:
    fixed = read_panel("b_all_fixed")
    with pytest.raises(UsageError) as caught:
        call_flow_mrd(follow_up(0), fixed, specimen=Specimen(), background=patient())
    assert caught.value.code == "BACKGROUND_OF_OTHER_PANEL"
    with pytest.raises(UsageError, match="another panel"):
        for_patient(background(), fixed, tube(DIAGNOSIS, 1))


def test_fewer_than_20_blanks_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        build_background(blanks(19), PANEL)
    assert caught.value.code == "BLANKS_TOO_FEW"
    assert "expected at least 20; 60 to claim it; found 19" in str(caught.value)


def test_a_repeated_blank_is_refused() -> None:
    twice = [*blanks(2), ("again.fcs", blank(0))]
    with pytest.raises(InputError) as caught:
        build_background(twice, PANEL)
    assert (caught.value.code, caught.value.file) == ("BLANK_REPEATED", "again.fcs")
    assert "blank-0.fcs" in str(caught.value)


def test_a_blank_that_is_not_evaluable_is_named() -> None:
    clogged = varied({**FEW, "b": 1_000}, clogged=True)
    with pytest.raises(InputError) as caught:
        build_background([*blanks(1), ("clogged.fcs", clogged)], PANEL)
    assert (caught.value.code, caught.value.file) == ("FLOW_RATE_UNSTABLE", "clogged.fcs")


def test_a_blank_that_stands_apart_from_the_others_is_named() -> None:
    apart = tube({**FEW, "b": 1_000}, 5, gains={"CD45": 0.9})
    with pytest.raises(InputError) as caught:
        build_background([*blanks(19), ("apart.fcs", apart)], PANEL)
    assert (caught.value.code, caught.value.file) == ("BATCH_SHIFT", "apart.fcs")


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({**DIAGNOSIS, "blast": 0}, "DIAGNOSIS_BLASTS_NOT_FOUND"),
        ({**DIAGNOSIS, "blast": 0, "hematogone": 1_500}, "DIAGNOSIS_BLASTS_NOT_FOUND"),
        ({**DIAGNOSIS, "blast": 0, "b": 3_000, "hematogone": 300}, "DIAGNOSIS_BLASTS_NOT_FOUND"),
        ({**DIAGNOSIS, "blast": 100}, "DIAGNOSIS_BLASTS_NOT_FOUND"),
    ],
    ids=["no blasts", "a regenerating marrow", "many B cells", "100 blasts"],
)
def test_a_diagnosis_without_blasts_is_refused(counts: Mapping[str, int], code: str) -> None:
    with pytest.raises(InputError) as caught:
        for_patient(background(), PANEL, tube(counts, 31))
    assert caught.value.code == code


def test_a_diagnosis_among_the_blanks_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        for_patient(background(), PANEL, blank(4))
    assert caught.value.code == "DIAGNOSIS_IS_BLANK"


def test_a_diagnosis_that_stands_apart_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        for_patient(background(), PANEL, tube(DIAGNOSIS, 1, gains={"CD45": 0.9}))
    assert caught.value.code == "BATCH_SHIFT"


# --- the background ----------------------------------------------------------------------------------------


def test_a_background_keeps_a_patient_that_it_was_made_for() -> None:
    assert for_patient(patient(), PANEL, tube(DIAGNOSIS, 1)) is patient()


def test_the_limits_follow_from_the_blanks() -> None:
    summary = background_summary(patient())
    assert (summary["n_blanks"], summary["method"], summary["provisional"]) == (20, "diagnosis", True)
    made = patient()
    assert made.patient is not None
    hematogones = sum(one.n_hematogones for one in made.blanks)
    assert made.patient.limit.alpha == pytest.approx((sum(made.patient.counts) + 0.5) / hematogones)
    assert summary["lob"] == made.lob(read_detector_settings())
    assert background_summary(background())["method"] == "screening"


def test_a_panel_with_a_target_gate_has_a_background_as_well() -> None:
    fixed = read_panel("b_all_fixed")
    counts = {
        "t": 5_000,
        "granulocyte": 8_000,
        "monocyte": 900,
        "erythroid": 4_000,
        "b": 700,
        "hematogone": 300,
    }
    tight = [
        (f"{seed}.fcs", digested(marrow({**counts, "blast": seed % 2}, seed=seed))) for seed in range(20)
    ]
    made = build_background(tight, fixed)
    assert made.gate_counts == (0, 1) * 10
    assert made.reference is None
    assert made.limit(read_detector_settings()).alpha == pytest.approx(10.5 / 6_000)
    big = {name: 12 * count for name, count in counts.items()}
    call = call_flow_mrd(marrow({**big, "blast": 60}), fixed, specimen=Specimen(), background=made)
    assert (call.state, call.n_target) == ("positive", 60)
    assert call.fraction == pytest.approx((60 - 3_600 * 10.5 / 6_000) / (sum(big.values()) + 60))
    assert call.lob is not None
    assert call.lob * (sum(big.values()) + 60) == pytest.approx(14.0, abs=1.5)


def test_blasts_are_found_without_a_reference() -> None:
    found = find_blasts(tube(DIAGNOSIS, 1), PANEL)
    assert len(found.numbers) == pytest.approx(DIAGNOSIS["blast"], rel=0.08)
    assert found.flags == ("BLASTS_WITHOUT_REFERENCE",)
    assert np.all(np.diff(found.numbers) > 0)
