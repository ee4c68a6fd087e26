"""Cox models of survival: each covariate alone, then together those that reached the level alone.

A covariate of several terms enters whole where any of its terms reached the level. An exposure such as
transplant changes with time: a patient is unexposed up to its day and exposed after it. Ties: Efron.
Source: trial report, Methods; trial definitions, section 3.2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from mrdkit.cohort.covariates import Covariate, covariates_of
from mrdkit.cohort.rules import AnalysisRules, analysis_rules
from mrdkit.cohort.survival import CoxTerm, Interval, cox
from mrdkit.cohort.times import Clock, FollowUp, LeftOut, exposed_after, outcome_of
from mrdkit.errors import UsageError
from mrdkit.patient.records import EventKind, PatientRecord
from mrdkit.patient.sequence import treatment_start

__all__ = ["CoxReport", "ExposureInterval", "ModelTerm", "cox_report", "exposure_intervals"]

_METHOD = "Cox, Efron ties, Wald test"
#: Everybody enters before day 0, so that an event on day 0 has its risk set.
_ENTRY = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTerm:
    """One line of the table: a term, alone or beside others.

    Attributes:
        model: `univariate` or `multivariate`.
        reference: what the hazard is compared with; None of a number, whose ratio is per unit.
        n: patients of the model, those with a value of all its covariates.
        hazard_ratio: None where the model has no finite solution.
    """

    model: str
    covariate: str
    reference: str | None
    n: int
    n_events: int
    hazard_ratio: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    method: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxReport:
    """Both tables, and who was left out of all models."""

    endpoint: Clock
    terms: tuple[ModelTerm, ...]
    entered: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureInterval:
    """Days of one patient, start excluded and stop included, with what the patient was exposed to then."""

    start: float
    stop: float
    exposed: Mapping[str, bool]
    event: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    subject_id: str
    outcome: FollowUp
    exposed_on: Mapping[str, int | None]


#: A column of the baseline, or an exposure that changes with time.
_Variable: TypeAlias = Covariate | EventKind


def cox_report(
    records: Iterable[PatientRecord],
    columns: Sequence[str],
    *,
    clock: Clock = "os",
    time_dependent: Sequence[EventKind] = (),
) -> CoxReport:
    """Return the univariate and the multivariate models.

    Args:
        records: the patients.
        columns: baseline covariates: columns of subjects.csv, or findings.
        clock: overall or relapse-free survival.
        time_dependent: exposures that change with time.

    Raises:
        UsageError: no covariate at all, or a column that cannot be one.
    """
    rules = analysis_rules()
    cohort = sorted(records, key=lambda record: record.subject.subject_id)
    patients, left_out = _patients(cohort, clock, time_dependent)
    known = {one.subject_id for one in patients}
    timed = [record for record in cohort if record.subject.subject_id in known]
    variables: tuple[_Variable, ...] = (*covariates_of(timed, columns, rules), *dict.fromkeys(time_dependent))
    if not variables:
        raise UsageError("a model needs a covariate", code="COVARIATE_MISSING", remedy="name at least one")
    alone = [_model("univariate", (one,), patients, rules) for one in variables]
    entered = tuple(one for one, terms in zip(variables, alone, strict=True) if _reached(terms, rules))
    together = _model("multivariate", entered, patients, rules) if entered else ()
    flags, reasons = _remarks(together, len(entered), rules)
    return CoxReport(
        endpoint=clock,
        terms=(*(term for terms in alone for term in terms), *together),
        entered=tuple(_name(one) for one in entered),
        left_out=tuple(left_out),
        flags=flags,
        reasons=reasons,
    )


def exposure_intervals(
    outcome: FollowUp, exposed_on: Mapping[str, int | None], *, entry: float = 0.0
) -> tuple[ExposureInterval, ...]:
    """Return a patient's time cut wherever an exposure begins; no interval has zero length.

    Args:
        outcome: the patient's time.
        exposed_on: exposure -> the day it began, None where it never did.
        entry: where the first interval begins.
    """
    days = [float(day) for day in exposed_on.values() if day is not None]
    edges = [entry, *sorted({day for day in days if entry < day < outcome.days}), outcome.days]
    return tuple(
        ExposureInterval(
            start=start,
            stop=stop,
            exposed={name: day is not None and day <= start for name, day in exposed_on.items()},
            event=outcome.event and stop == outcome.days,
        )
        for start, stop in pairwise(edges)
        if start < stop
    )


def _patients(
    cohort: Sequence[PatientRecord], clock: Clock, exposures: Sequence[EventKind]
) -> tuple[list[_Patient], list[LeftOut]]:
    found: list[_Patient] = []
    left_out: list[LeftOut] = []
    for record in cohort:
        outcome = outcome_of(record, clock)
        if isinstance(outcome, LeftOut):
            left_out.append(outcome)
        elif outcome is not None:
            found.append(_patient(record, outcome, clock, exposures))
    return found, left_out


def _patient(
    record: PatientRecord, outcome: FollowUp, clock: Clock, exposures: Sequence[EventKind]
) -> _Patient:
    start = record.first_response_on if clock == "rfs" else treatment_start(record.subject, record.events)
    exposed = {
        kind.value: None if start is None else exposed_after(record, kind, start) for kind in exposures
    }
    return _Patient(subject_id=outcome.subject_id, outcome=outcome, exposed_on=exposed)


def _model(
    model: str, variables: Sequence[_Variable], patients: Sequence[_Patient], rules: AnalysisRules
) -> tuple[ModelTerm, ...]:
    complete = [one for one in patients if all(_has_value(variable, one) for variable in variables)]
    intervals = [each for index, one in enumerate(complete) for each in _intervals(index, one, variables)]
    fitted = cox(intervals, confidence=rules.estimate.confidence)
    found = {term.covariate: term for term in fitted or ()}
    events = sum(one.outcome.event for one in complete)
    return tuple(
        _term(model, name, reference, size=(len(complete), events), found=found.get(name))
        for name, reference in _names(variables)
    )


def _intervals(index: int, one: _Patient, variables: Sequence[_Variable]) -> Iterator[Interval]:
    days = {name.value: one.exposed_on[name.value] for name in variables if isinstance(name, EventKind)}
    fixed = {
        name: values[one.subject_id]
        for variable in variables
        if isinstance(variable, Covariate)
        for name, values in variable.terms.items()
    }
    for part in exposure_intervals(one.outcome, days, entry=_ENTRY):
        exposed = {name: float(value) for name, value in part.exposed.items()}
        yield Interval(
            subject=index,
            start=part.start,
            stop=part.stop,
            event=part.event,
            covariates={**fixed, **exposed},
        )


def _has_value(variable: _Variable, one: _Patient) -> bool:
    return isinstance(variable, EventKind) or one.subject_id in variable


def _names(variables: Sequence[_Variable]) -> Iterator[tuple[str, str | None]]:
    for variable in variables:
        if isinstance(variable, EventKind):
            yield variable.value, f"before {variable.value}"
        else:
            yield from ((name, variable.reference) for name in variable.terms)


def _name(variable: _Variable) -> str:
    return variable.value if isinstance(variable, EventKind) else variable.column


def _term(
    model: str, name: str, reference: str | None, *, size: tuple[int, int], found: CoxTerm | None
) -> ModelTerm:
    n, events = size
    return ModelTerm(
        model=model,
        covariate=name,
        reference=reference,
        n=n,
        n_events=events,
        hazard_ratio=found.hazard_ratio if found else None,
        ci_low=found.ci_low if found else None,
        ci_high=found.ci_high if found else None,
        p_value=found.p_value if found else None,
        method=_METHOD,
        flags=() if found else ("NOT_ESTIMABLE",),
    )


def _reached(terms: Sequence[ModelTerm], rules: AnalysisRules) -> bool:
    level = rules.regression.enters_at_p_at_most
    return any(term.p_value is not None and term.p_value <= level for term in terms)


def _remarks(
    together: Sequence[ModelTerm], n_entered: int, rules: AnalysisRules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    level, least = rules.regression.enters_at_p_at_most, rules.regression.events_per_variable_at_least
    if not n_entered:
        return ("NONE_ENTERED",), (
            f"No covariate reached P {level:g} alone: there is no multivariate model.",
        )
    events = together[0].n_events
    if events < least * len(together):
        reason = f"{events} events for {len(together)} terms: fewer than {least} per term."
        return ("FEW_EVENTS",), (reason,)
    return (), ()
