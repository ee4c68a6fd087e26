"""Propensity-score matching: pairs of one treated and one control patient with nearly the same score.

The score is a logistic model of the covariates. As many pairs as possible are made whose logits differ by at
most the caliper, and of those sets the one with the smallest total difference. Balance is the standardised
difference of each covariate before and after. Source: Austin 2009 and 2011, as in
`reference/cohort/analysis.toml`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.cohort.covariates import covariates_of
from mrdkit.cohort.groups import grouped
from mrdkit.cohort.logistic import logits
from mrdkit.cohort.rules import AnalysisRules, analysis_rules
from mrdkit.errors import InputError, UsageError
from mrdkit.patient.records import PatientRecord

__all__ = ["BalanceRow", "Matching", "Pair", "match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A treated patient and the control; the difference of their logits is at most the caliper."""

    treated: str
    control: str
    logit_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One covariate in both groups before and after matching.

    Attributes:
        difference_before: standardised by the pooled standard deviation before matching.
        difference_after: standardised by the same; None where nobody was matched.
    """

    covariate: str
    treated_before: float
    control_before: float
    difference_before: float | None
    treated_after: float | None
    control_after: float | None
    difference_after: float | None
    balanced: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """The pairs, how balanced they are, and who has no partner or no value."""

    column: str
    treated: str
    control: str
    caliper: float
    pairs: tuple[Pair, ...]
    balance: tuple[BalanceRow, ...]
    unmatched: tuple[str, ...]
    incomplete: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Design:
    """Complete patients, treated ones marked: values (n_patients, n_terms)."""

    subjects: tuple[str, ...]
    terms: tuple[str, ...]
    values: NDArray[np.float64]
    treated: NDArray[np.bool_]


def match(records: Iterable[PatientRecord], column: str, treated: str, covariates: Sequence[str]) -> Matching:
    """Match the patients of one group to those of the other.

    Args:
        records: the patients.
        column: has exactly two values.
        treated: the value of those for whom a partner is sought.
        covariates: columns of the score.

    Raises:
        UsageError: the column has not these two values, or a covariate cannot be one.
        InputError: the covariates tell the groups apart, so that there is no score.
    """
    rules = analysis_rules()
    cohort = tuple(sorted(records, key=lambda record: record.subject.subject_id))
    grouping = grouped(cohort, column, rules)
    if len(grouping.groups) != 2 or treated not in grouping.groups:  # noqa: PLR2004
        raise UsageError(
            "matching needs a column of two values, one of them the treated",
            code="GROUPS_NOT_TWO",
            expected=f"two values, one of them {treated!r}",
            found=", ".join(grouping.groups) or "none",
        )
    (control,) = (name for name in grouping.groups if name != treated)
    design, incomplete = _design(grouping.groups, treated, covariates, rules)
    scores = _scores(design, rules)
    caliper = rules.matching.caliper_sd * float(scores.std(ddof=1))
    chosen = _pairs(scores, design.treated, caliper)
    matched = {index for pair in chosen for index in pair}
    return Matching(
        column=column,
        treated=treated,
        control=control,
        caliper=caliper,
        pairs=tuple(_pair(design, scores, pair) for pair in chosen),
        balance=tuple(_balance(design, index, chosen, rules) for index in range(len(design.terms))),
        unmatched=tuple(name for index, name in enumerate(design.subjects) if index not in matched),
        incomplete=(*incomplete, *grouping.without),
        method=(
            "logistic propensity score; optimal one-to-one pairs without replacement within "
            f"{rules.matching.caliper_sd:g} standard deviations of the logit"
        ),
    )


def _design(
    groups: Mapping[str, Sequence[PatientRecord]],
    treated: str,
    columns: Sequence[str],
    rules: AnalysisRules,
) -> tuple[_Design, tuple[str, ...]]:
    everybody = [record for group in groups.values() for record in group]
    everybody.sort(key=lambda record: record.subject.subject_id)
    found = covariates_of(everybody, columns, rules)
    if not found:
        raise UsageError("a score needs a covariate", code="COVARIATE_MISSING", remedy="name at least one")
    names = [record.subject.subject_id for record in everybody]
    complete = tuple(name for name in names if all(name in one for one in found))
    terms = {name: values for one in found for name, values in one.terms.items()}
    exposed = {record.subject.subject_id for record in groups[treated]}
    values = np.array([[terms[term][name] for term in terms] for name in complete], dtype=np.float64)
    design = _Design(
        subjects=complete,
        terms=tuple(terms),
        values=values.reshape(len(complete), len(terms)),
        treated=np.array([name in exposed for name in complete], dtype=np.bool_),
    )
    return design, tuple(name for name in names if name not in set(complete))


def _scores(design: _Design, rules: AnalysisRules) -> NDArray[np.float64]:
    varies = len(design.subjects) > 0 and bool((design.values.std(axis=0) > 0).all())
    both = bool(design.treated.any() and not design.treated.all())
    scores = (
        logits(design.values, design.treated, separated_at=rules.matching.separated_logit)
        if varies and both
        else None
    )
    if scores is None:
        raise InputError(
            "there is no propensity score: the covariates tell the groups apart, or one another",
            code="SCORE_UNDEFINED",
            found=f"{len(design.subjects)} patients with all covariates, {int(design.treated.sum())} treated",
            remedy="leave out a covariate",
        )
    return scores


def _pairs(
    scores: NDArray[np.float64], treated: NDArray[np.bool_], caliper: float
) -> tuple[tuple[int, int], ...]:
    """Return the most pairs within the caliper, of these the closest: (treated, control) by index."""
    from scipy.optimize import linear_sum_assignment

    cases, controls = np.flatnonzero(treated), np.flatnonzero(~treated)
    distance = np.abs(scores[cases][:, None] - scores[controls][None, :])
    # One pair beyond the caliper costs more than all pairs within it.
    beyond = (caliper + 1.0) * (len(scores) + 1)
    rows, columns = linear_sum_assignment(np.where(distance <= caliper, distance, beyond))
    return tuple(
        (int(cases[row]), int(controls[column]))
        for row, column in zip(rows, columns, strict=True)
        if distance[row, column] <= caliper
    )


def _pair(design: _Design, scores: NDArray[np.float64], pair: tuple[int, int]) -> Pair:
    treated, control = pair
    return Pair(
        treated=design.subjects[treated],
        control=design.subjects[control],
        logit_difference=float(abs(scores[treated] - scores[control])),
    )


def _balance(
    design: _Design, index: int, pairs: Sequence[tuple[int, int]], rules: AnalysisRules
) -> BalanceRow:
    values = design.values[:, index]
    case, control = values[design.treated], values[~design.treated]
    pooled = float(np.sqrt((_variance(case) + _variance(control)) / 2.0))
    after = [float(values[[pair[side] for pair in pairs]].mean()) if pairs else None for side in (0, 1)]
    difference = _difference(after[0], after[1], pooled)
    return BalanceRow(
        covariate=design.terms[index],
        treated_before=float(case.mean()),
        control_before=float(control.mean()),
        difference_before=_difference(float(case.mean()), float(control.mean()), pooled),
        treated_after=after[0],
        control_after=after[1],
        difference_after=difference,
        balanced=None if difference is None else abs(difference) <= rules.matching.balanced_at_most,
    )


def _variance(values: NDArray[np.float64]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _difference(treated: float | None, control: float | None, pooled: float) -> float | None:
    if treated is None or control is None:
        return None
    if pooled == 0.0:
        return 0.0 if treated == control else None
    return (treated - control) / pooled
