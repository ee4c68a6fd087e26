"""Move a tube's features to where its normal populations say the reference stands; bounded, and reported.

Per feature one factor on the intensity, by ridge regression over the landmarks: a landmark counts by how
much a decade moves it and by how little an error of compensation does, so that negative populations decide
nothing. Beyond the panel's bounds the tube was not
measured as the reference was: not evaluable, never corrected further.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.flow.mrd.detection_rules import AlignmentRules, DetectorSettings
from mrdkit.flow.mrd.evaluability import Problem
from mrdkit.flow.mrd.features import Feature
from mrdkit.flow.mrd.tube import Landmark, Tube

__all__ = ["Alignment", "LandmarkReference", "align", "landmark_reference", "require_aligned"]

F64 = NDArray[np.float64]

_OFFSETS = 3.0  # standard errors of compensation that a label may be blamed for

#: gate -> feature -> decades
LandmarkReference = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """A tube on the reference's scale.

    Attributes:
        events: (n, n_features) the lineage gate's events in decades, aligned.
        shifts: feature -> decades by which the tube stood above the reference.
        problems: why the tube cannot be compared with the reference.
    """

    events: F64 = field(repr=False)
    shifts: Mapping[str, float]
    problems: tuple[Problem, ...]


def landmark_reference(tubes: Sequence[Sequence[Landmark]]) -> dict[str, dict[str, float]]:
    """Return per landmark and feature the median over tubes; what no tube holds is left out."""
    seen: dict[str, dict[str, list[float]]] = {}
    for mark in (mark for landmarks in tubes for mark in landmarks):
        for name, decades in mark.decades.items():
            seen.setdefault(mark.gate, {}).setdefault(name, []).append(decades)
    return {gate: {name: median(found) for name, found in by.items()} for gate, by in seen.items()}


def align(
    tube: Tube,
    features: Sequence[Feature],
    reference: LandmarkReference,
    rules: AlignmentRules,
    settings: DetectorSettings,
) -> Alignment:
    """Align one tube with the reference."""
    apart = {f.name: tuple(_apart(f, tube.landmarks, reference, settings)) for f in features}
    shifts = {name: _shift(rows, settings) for name, rows in apart.items()}
    events = np.empty_like(tube.values)
    for column, feature in enumerate(features):
        events[:, column] = feature.decades(tube.values[:, column], shifts[feature.name])
    return Alignment(events=events, shifts=shifts, problems=tuple(_problems(apart, shifts, rules)))


def require_aligned(aligned: Alignment, what: str) -> None:
    """Refuse a tube that cannot be compared with the reference.

    Raises:
        InputError: there are problems; `what` says what they mean.
    """
    if aligned.problems:
        raise InputError(
            what,
            code=aligned.problems[0].code,
            found=" ".join(problem.reason for problem in aligned.problems),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart:
    """A landmark's distance from its reference, and how far a decade and an error of compensation move it."""

    gate: str
    decades: float
    sensitivity: float
    offset_error: float


def _apart(
    feature: Feature, landmarks: Sequence[Landmark], reference: LandmarkReference, settings: DetectorSettings
) -> Iterator[_Apart]:
    for mark in landmarks:
        expected = reference.get(mark.gate, {}).get(feature.name)
        found = mark.decades.get(feature.name)
        if expected is not None and found is not None:
            yield _Apart(
                gate=mark.gate,
                decades=found - expected,
                sensitivity=feature.sensitivity(expected),
                offset_error=feature.offset_error(expected, settings.alignment_offset_of_top),
            )


def _shift(rows: Sequence[_Apart], settings: DetectorSettings) -> float:
    weights = [1.0 / (settings.alignment_error_decades**2 + row.offset_error**2) for row in rows]
    paired = list(zip(weights, rows, strict=True))
    pull = math.fsum(weight * row.sensitivity * row.decades for weight, row in paired)
    hold = math.fsum(weight * row.sensitivity**2 for weight, row in paired)
    return pull / (hold + settings.alignment_prior_decades**-2)


def _problems(
    apart: Mapping[str, Sequence[_Apart]], shifts: Mapping[str, float], rules: AlignmentRules
) -> Iterator[Problem]:
    too_far = [name for name, shift in shifts.items() if abs(shift) > rules.shift_at_most_decades]
    if too_far:
        moved = ", ".join(f"{name} {shifts[name]:+.2f}" for name in too_far)
        yield Problem(
            code="BATCH_SHIFT",
            consequence="not_evaluable",
            reason=f"The normal populations stand too far from the reference (decades): {moved}.",
        )
    contradicting = [
        f"{name} on {row.gate}"
        for name, rows in apart.items()
        for row in rows
        if abs(row.decades - row.sensitivity * shifts[name])
        > rules.residual_at_most_decades + _OFFSETS * row.offset_error
    ]
    if contradicting:
        yield Problem(
            code="MARKER_IDENTITY",
            consequence="not_evaluable",
            reason="Normal populations contradict the labels, which may be exchanged, or an antibody is "
            f"missing: {', '.join(contradicting)}.",
        )
