"""Morphologic response of one assessment, for every input: CR, CRp, CRi, what stays possible, NR, NE, ERROR.

Asked in this order: does the row contradict itself (ERROR); does something exclude remission (NR); is
something not known that could (NE); and which categories do the counts leave possible. Missing is never
imputed. Source: the criteria profile; gaps are decided in docs/definitions/response.md.
"""

from datetime import date
from typing import NamedTuple

from mrdkit.patient.counts import CountsOfMarrow, counts_of_marrow, with_blood_blasts
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_sections import Category, Responder
from mrdkit.patient.exclusions import contradictions, exclusions, not_assessed, unknowns
from mrdkit.patient.findings import REVIEW, Finding, flags_of, reasons_of
from mrdkit.patient.history import History
from mrdkit.patient.notes import count_notes, is_empty_marrow, remission_notes, transfused
from mrdkit.patient.partial import partial_remission
from mrdkit.patient.quantities import Span, any_count
from mrdkit.patient.reading import AssessmentValues, read_assessment
from mrdkit.patient.records import Assessment
from mrdkit.patient.recovery import later_recovery

__all__ = ["INDETERMINATE", "MorphologicResponse", "classify_response", "classify_values", "response_rank"]

INDETERMINATE = "INDETERMINATE_REMISSION"

_MOST_NAMED = 2  # categories; a wider choice is an indeterminate remission


class MorphologicResponse(NamedTuple):
    """The answer to one assessment.

    Attributes:
        response: category, `A_OR_B`, INDETERMINATE_REMISSION, what the profile names beside them (MLFS, PR),
            NR, NE or ERROR.
        responder: Y, N or NE.
        flags: stable codes.
        reasons: short sentences.
        upgraded_on: day of the later count by which the response rose.
    """

    response: str
    responder: Responder
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    upgraded_on: date | None = None


def classify_response(
    assessment: Assessment, *, criteria: Criteria, history: History | None = None
) -> MorphologicResponse:
    """Classify one assessment; total: any text in any cell gives exactly one answer."""
    known = history or History()
    values = with_blood_blasts(read_assessment(assessment, criteria), known.counts, criteria)
    return classify_values(values, criteria=criteria, history=known)


def classify_values(values: AssessmentValues, *, criteria: Criteria, history: History) -> MorphologicResponse:
    """Classify one assessment that is read already, blood blasts of serial counts included."""
    if found := contradictions(values, history):
        return _answer("ERROR", "NE", found)
    if history.baseline:
        return _answer(
            "NE", "NE", (Finding(flag="BASELINE", reason="Before treatment there is no response."),)
        )
    if found := exclusions(values, criteria):
        return _no_remission(found, values, criteria, history)
    if found := not_assessed(values, history, criteria):
        return _answer("NE", "N", found)
    if found := unknowns(values, history, criteria):
        return _answer("NE", "NE", found)
    return _remission(values, criteria, history)


def response_rank(response: str, criteria: Criteria) -> int:
    """Return the place of a response in "best response", 0 being the best; ERROR is the last.

    CR > CRp > CRi > indeterminate remission > empty marrow > partial remission > NR > NE.
    """
    names = [category.name for category in criteria.category]
    if response in names:
        return names.index(response)
    named = [answer.name for answer in (criteria.empty_marrow, criteria.partial) if answer]
    after = (INDETERMINATE, *named, "NR", "NE", "ERROR")
    return len(names) + (after.index(response) if response in after else 0)


def _no_remission(
    found: tuple[Finding, ...], values: AssessmentValues, criteria: Criteria, history: History
) -> MorphologicResponse:
    if flags_of(found) != ("BM_BLASTS",):
        return _answer("NR", "N", found)
    partial, noted = partial_remission(values, history, criteria)
    if partial is None:
        return _answer("NR", "N", (*found, *noted))
    return _answer(partial.name, partial.responder, (*found, *noted))


def _remission(values: AssessmentValues, criteria: Criteria, history: History) -> MorphologicResponse:
    counts = counts_of_marrow(values, history.counts, criteria)
    possible = criteria.categories_of(*_spans(counts, values, criteria))
    later = later_recovery(possible, values, counts, history, criteria)
    answer = possible if later.category is None else (later.category,)
    findings = (
        *remission_notes(values, criteria),
        *counts.findings,
        *count_notes(counts, values, criteria),
        *later.findings,
        *_refused_counts(history),
        *_query(answer),
    )
    empty = criteria.empty_marrow
    if empty is not None and later.category is None and is_empty_marrow(counts, values, criteria):
        return _answer(
            empty.name, empty.responder, (*findings, Finding(flag=empty.name, reason=empty.clause))
        )
    return _answer(_name(answer), _responder(answer), findings, upgraded_on=later.day)


def _spans(counts: CountsOfMarrow, values: AssessmentValues, criteria: Criteria) -> tuple[Span, Span]:
    neutrophils, platelets = counts.anc.span or any_count(), counts.platelets.span or any_count()
    if criteria.platelet_transfusion.policy == "not_recovered" and transfused(
        counts.platelets_day, values, criteria
    ):
        lowest = any_count().low
        platelets = Span(low=lowest, high=lowest)
    return neutrophils, platelets


def _name(possible: tuple[Category, ...]) -> str:
    if len(possible) > _MOST_NAMED:
        return INDETERMINATE
    return "_OR_".join(category.name for category in possible)


def _responder(possible: tuple[Category, ...]) -> Responder:
    answers = {category.responder for category in possible}
    return answers.pop() if len(answers) == 1 else "NE"


def _query(possible: tuple[Category, ...]) -> tuple[Finding, ...]:
    if len(possible) == 1:
        return ()
    names = " or ".join(category.name for category in possible)
    return (Finding(flag="QUERY", reason=f"The counts leave {names} possible; ask for the missing value."),)


def _refused_counts(history: History) -> tuple[Finding, ...]:
    if not history.counts_refused:
        return ()
    days = ", ".join(day.isoformat() for day in sorted(set(history.counts_refused)))
    reason = f"Blood counts that cannot be right were not used: {days}."
    return (Finding(flag="BLOOD_COUNT_REFUSED", reason=reason), REVIEW)


def _answer(
    response: str, responder: Responder, findings: tuple[Finding, ...], *, upgraded_on: date | None = None
) -> MorphologicResponse:
    return MorphologicResponse(
        response=response,
        responder=responder,
        flags=flags_of(findings),
        reasons=reasons_of(findings),
        upgraded_on=upgraded_on,
    )
