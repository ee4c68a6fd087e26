"""Alignment on normal populations: gains are found, negatives decide nothing, bounds are kept."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest
from blank_tubes import PANEL, varied
from flow_data import SIMULATED_MARKERS

from mrdkit.errors import InputError
from mrdkit.flow.dataset import FcsDataset
from mrdkit.flow.mrd.alignment import Alignment, align, landmark_reference
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.evaluable_tube import evaluable_tube
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.tube import Landmark, Tube, tube_of

COUNTS = {"t": 1_500, "granulocyte": 2_000, "monocyte": 600, "erythroid": 900, "b": 250, "hematogone": 200}
ANTIBODIES = tuple(marker for marker in SIMULATED_MARKERS if marker != "Viability")
#: No landmark is bright in these; for CD19 and CD22 mature B cells are none, since therapy moves them.
WITHOUT_BRIGHT_LANDMARK = ("CD10", "CD19", "CD22", "CD34")
BRIGHT = ("CD20", "CD24", "CD38", "CD45", "CD58", "CD66c+CD123", "CD81")
#: Exchanged labels that the landmarks of a healthy marrow do not contradict.
UNSEEN = {
    ("CD20", "CD22"), ("CD20", "CD34"), ("CD20", "CD19"), ("CD20", "CD10"), ("CD22", "CD19"),
    ("CD22", "CD10"), ("CD24", "CD10"), ("CD58", "CD38"), ("CD66c+CD123", "CD10"), ("CD34", "CD19"),
    ("CD34", "CD10"), ("CD19", "CD10"),
}  # fmt: skip


def gated(tube: FcsDataset) -> Tube:
    return tube_of(tube, PANEL, evaluable_tube(tube, PANEL, frozenset()).gating)


@cache
def standard() -> Tube:
    return gated(varied(COUNTS))


def aligned(tube: Tube) -> Alignment:
    assert PANEL.rule.detection is not None
    reference = landmark_reference([standard().landmarks])
    return align(
        tube, features_of(PANEL), reference, PANEL.rule.detection.alignment, read_detector_settings()
    )


def with_gains(gains: Mapping[str, float]) -> Tube:
    return gated(varied(COUNTS, brighter=gains))


def codes(found: Alignment) -> list[str]:
    return [problem.code for problem in found.problems]


def test_the_reference_itself_stays_where_it_is() -> None:
    found = aligned(standard())
    assert set(found.shifts.values()) == {0.0}
    assert not found.problems


@pytest.mark.parametrize("gain", [-0.3, 0.1, 0.4])
def test_gains_are_found_where_a_landmark_is_bright(gain: float) -> None:
    found = aligned(with_gains(dict.fromkeys(BRIGHT, gain)))
    for marker in BRIGHT:
        assert found.shifts[marker] == pytest.approx(gain, abs=0.03 + 0.15 * abs(gain)), marker
        assert abs(found.shifts[marker]) <= abs(gain), "the prior holds it back, never forth"
    assert not found.problems


@pytest.mark.parametrize("marker", BRIGHT)
def test_a_gain_of_one_marker_moves_no_other(marker: str) -> None:
    shifts = aligned(with_gains({marker: 0.3})).shifts
    assert max(abs(shift) for name, shift in shifts.items() if name != marker) < 0.01


@pytest.mark.parametrize("marker", WITHOUT_BRIGHT_LANDMARK)
def test_negative_populations_decide_nothing(marker: str) -> None:
    assert abs(aligned(with_gains({marker: 0.3})).shifts[marker]) < 0.15


def test_a_negative_population_that_stands_elsewhere_does_not_outweigh_a_bright_one() -> None:
    """T cells are CD20 negative: an error of compensation moves them and not the B cells."""
    moved = tuple(
        replace(mark, decades={**mark.decades, "CD20": mark.decades["CD20"] + 0.1})
        if mark.gate == "t_cells"
        else mark
        for mark in standard().landmarks
    )
    assert abs(aligned(replace(standard(), landmarks=moved)).shifts["CD20"]) < 0.02


def test_aligned_events_stand_on_the_reference() -> None:
    column = [one.name for one in features_of(PANEL)].index("CD45")
    moved = aligned(with_gains({"CD45": 0.3})).events[:, column]
    assert moved.mean() == pytest.approx(aligned(standard()).events[:, column].mean(), abs=0.03)


@pytest.mark.parametrize(
    ("gain", "problem"), [(0.7, []), (-0.7, []), (0.9, ["BATCH_SHIFT"]), (-0.9, ["BATCH_SHIFT"])]
)
def test_beyond_its_bound_a_shift_is_no_batch_effect(gain: float, problem: list[str]) -> None:
    found = aligned(with_gains({"CD45": gain}))
    assert codes(found) == problem
    assert all("CD45" in one.reason and one.consequence == "not_evaluable" for one in found.problems)


def test_a_population_that_stays_behind_contradicts_its_label() -> None:
    moved = tuple(
        replace(mark, decades={**mark.decades, "CD58": mark.decades["CD58"] - 1.2})
        if mark.gate == "monocytes"
        else mark
        for mark in standard().landmarks
    )
    found = aligned(replace(standard(), landmarks=moved))
    assert codes(found) == ["MARKER_IDENTITY"]
    assert "CD58 on monocytes" in found.problems[0].reason


@pytest.mark.parametrize(("one", "other"), sorted(set(combinations(ANTIBODIES, 2)) - UNSEEN))
def test_exchanged_labels_are_seen(one: str, other: str) -> None:
    labels = [f"{ {one: other, other: one}.get(marker, marker) } PE" for marker in SIMULATED_MARKERS]
    try:
        found = codes(aligned(gated(varied(COUNTS, labels=labels))))
    except InputError as error:
        found = [error.code]
    assert {"MARKER_IDENTITY", "BATCH_SHIFT", "TOO_FEW_EVENTS_FOR_GATE", "LANDMARKS_MISSING"} & set(found)


def test_a_tube_needs_landmarks() -> None:
    few = {**COUNTS, "granulocyte": 150, "monocyte": 100, "b": 60, "erythroid": 4_000}
    with pytest.raises(InputError) as caught:
        gated(varied(few))
    assert caught.value.code == "LANDMARKS_MISSING"
    assert "found t_cells" in str(caught.value)


def test_a_small_population_is_no_landmark_and_the_others_do() -> None:
    tube = gated(varied({**COUNTS, "b": 60}))
    assert [mark.gate for mark in tube.landmarks if mark.decades] == ["t_cells", "granulocytes", "monocytes"]
    assert not aligned(tube).problems


def test_the_reference_is_the_median_over_tubes_and_leaves_out_what_none_holds() -> None:
    def held(gate: str, **decades: float) -> Landmark:
        return Landmark(gate=gate, n=500, decades=decades)

    tubes = [
        [held("t", CD45=1.0), held("b")],
        [held("t", CD45=2.0, CD58=5.0), held("b")],
        [held("t", CD45=9.0), held("b")],
    ]
    assert landmark_reference(tubes) == {"t": {"CD45": 2.0, "CD58": 5.0}}
