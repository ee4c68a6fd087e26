"""The response record of each visit: morphology, MRD and cytogenetics side by side, and relapse.

Relapse is only asked after a response.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.criteria import Criteria
from mrdkit.patient.cytogenetics import Before, Category, cytogenetic_response, read_before
from mrdkit.patient.findings import Finding, flags_of, reasons_of
from mrdkit.patient.mrd import VisitMrd, is_of_visit, mrd_at_visit
from mrdkit.patient.mrd_reading import MrdReading
from mrdkit.patient.relapse import RelapseStatus, classify_relapse
from mrdkit.patient.sequence import Classified
from mrdkit.results import (
    Call,
    Evidence,
    FishCall,
    InputDigest,
    KaryotypeCall,
    ResponseCall,
    RuleUsed,
    Specimen,
)
from mrdkit.version import __version__

__all__ = ["Visit", "evidence_of", "response_calls"]

_STRONGEST_FIRST = ("no_CCyR", "new_clone", "CCyR", "CCyR_limited", "not_evaluable", "not_applicable")
#: The category of one visit, and what was found.
_Cytogenetics: TypeAlias = tuple[Category, tuple[Finding, ...]]
_NO_CHANGE = RelapseStatus(status="NO_RELAPSE", flags=(), reasons=())


class Visit(NamedTuple):
    """One assessment's record, and what it says about relapse."""

    call: ResponseCall
    baseline: bool
    relapse: str


class _Specimens(NamedTuple):
    """The cytogenetic calls of a patient, in the order in which they speak."""

    karyotypes: Sequence[KaryotypeCall]
    baselines: Sequence[Before]
    fish: Sequence[FishCall]
    baseline_fish: FishCall | None


def response_calls(
    classified: Sequence[Classified],
    readings: Sequence[MrdReading],
    calls: Sequence[Call],
    criteria: Criteria,
    inputs: tuple[InputDigest, ...],
    *,
    before: BeforeTreatment,
) -> tuple[Visit, ...]:
    """Return the record of every assessment, in the order given (that of time)."""
    found: list[Visit] = []
    remissions: list[date | None] = []
    mrd_was_negative = False
    evidence = evidence_of(calls, criteria, inputs)
    specimens = _cytogenetic_specimens(calls, before, criteria)
    without_sample: dict[bool, _Cytogenetics] = {}
    for one in classified:
        mrd = mrd_at_visit(one.assessment.visit, one.values.marrow_date, readings)
        relapse = _NO_CHANGE
        if not one.baseline and _responded_before(remissions, one) and one.answer.response != "ERROR":
            relapse = classify_relapse(
                one.values,
                responded=True,
                mrd=mrd.mrd_combined,
                mrd_was_negative=mrd_was_negative,
                criteria=criteria,
            )
        call = _call(
            one,
            mrd=mrd,
            cytogenetics=_cytogenetics(one, specimens, criteria, without_sample),
            relapse=relapse,
            criteria=criteria,
            evidence=evidence,
        )
        found.append(Visit(call=call, baseline=one.baseline, relapse=relapse.status))
        if call.responder == "Y":
            remissions.append(call.marrow_date)
        mrd_was_negative = mrd_was_negative or mrd.mrd_combined == "negative"
    return tuple(found)


def _responded_before(remissions: Iterable[date | None], one: Classified) -> bool:
    """Tell whether a remission is of another day: two rows of one day contradict, and are no relapse."""
    return any(day is None or day != one.values.marrow_date for day in remissions)


def _call(
    one: Classified,
    *,
    mrd: VisitMrd,
    cytogenetics: _Cytogenetics,
    relapse: RelapseStatus,
    criteria: Criteria,
    evidence: Evidence,
) -> ResponseCall:
    category, found = cytogenetics
    beside = (*mrd.findings, *found)
    status = [relapse.status] if relapse.status in ("RELAPSE", "MRD_RELAPSE") else []
    return ResponseCall(
        subject_id=one.assessment.subject_id,
        visit=one.assessment.visit,
        course=one.assessment.course or None,
        marrow_date=one.values.marrow_date,
        response=one.answer.response,
        responder=one.answer.responder,
        cytogenetic_response=category,
        mrd_flow=mrd.mrd_flow,
        mrd_ngs=mrd.mrd_ngs,
        mrd_combined=mrd.mrd_combined,
        flags=tuple(dict.fromkeys((*one.answer.flags, *flags_of(beside), *status, *relapse.flags))),
        reasons=tuple(dict.fromkeys((*one.answer.reasons, *reasons_of(beside), *relapse.reasons))),
        criteria=criteria.id,
        evidence=evidence,
        upgraded_on=one.answer.upgraded_on,
    )


def _cytogenetic_specimens(calls: Sequence[Call], before: BeforeTreatment, criteria: Criteria) -> _Specimens:
    # An empty cell is no sample: not done, and not a karyotype that could not be read.
    karyotypes = [call for call in calls if isinstance(call, KaryotypeCall) and call.text.strip()]
    fish = sorted((call for call in calls if isinstance(call, FishCall)), key=_abnormal_first)
    baselines = sorted([call for call in karyotypes if _is_before(call.specimen, before)], key=_first)
    return _Specimens(
        karyotypes=sorted(karyotypes, key=lambda call: call.text),
        baselines=[read_before(call, criteria.cytogenetics) for call in baselines],
        fish=fish,
        baseline_fish=next((call for call in fish if _is_before(call.specimen, before)), None),
    )


def _cytogenetics(
    one: Classified,
    specimens: _Specimens,
    criteria: Criteria,
    without_sample: dict[bool, _Cytogenetics],
) -> _Cytogenetics:
    """Classify the visit's karyotypes against those before treatment.

    `without_sample` keeps the answer, by response, that all visits without a sample share.
    """
    in_response = one.answer.responder == "Y"
    karyotypes = () if one.baseline else specimens.karyotypes
    visit, day = one.assessment.visit, one.values.marrow_date
    followups = [call for call in karyotypes if is_of_visit(call.specimen, visit, day)]
    fish = next((call for call in specimens.fish if is_of_visit(call.specimen, visit, day)), None)
    if followups or fish is not None:
        return _strongest(specimens, followups or [None], fish, criteria, in_response=in_response)
    if in_response not in without_sample:
        without_sample[in_response] = _strongest(specimens, [None], None, criteria, in_response=in_response)
    return without_sample[in_response]


def _strongest(
    specimens: _Specimens,
    followups: Sequence[KaryotypeCall | None],
    fish: FishCall | None,
    criteria: Criteria,
    *,
    in_response: bool,
) -> _Cytogenetics:
    """Return the answer of one visit.

    Of several karyotypes on either side the pair that tells most against a response decides: a change of any
    sample before treatment is the disease, and one that was not read is no normal one because another was.
    """
    baselines: Sequence[Before | None] = specimens.baselines
    answers = [
        cytogenetic_response(
            baseline,
            followup,
            in_response=in_response,
            policy=criteria.cytogenetics,
            baseline_fish=specimens.baseline_fish,
            followup_fish=fish,
        )
        for baseline in baselines or [None]
        for followup in followups
    ]
    return min(answers, key=_strength) if len(answers) > 1 else answers[0]


def _strength(answer: _Cytogenetics) -> int:
    return _STRONGEST_FIRST.index(answer[0])


def _abnormal_first(call: FishCall) -> tuple[int, str, str]:
    """Order the FISH results of one visit: a normal one never speaks before another."""
    undecided = call.call in ("indeterminate", "insufficient")
    return (2 if call.call == "normal" else int(undecided)), call.probe_id, call.call


def _is_before(specimen: Specimen, before: BeforeTreatment) -> bool:
    return before.holds(specimen.visit, specimen.collected_on)


def _first(call: KaryotypeCall) -> tuple[bool, bool, str]:
    abnormal = any(clone.role in ("stem", "side") for clone in call.clones)
    return call.status != "parsed", not abnormal, call.text


def evidence_of(calls: Sequence[Call], criteria: Criteria, inputs: tuple[InputDigest, ...]) -> Evidence:
    """Return the evidence of a response: the tables, and the inputs of the calls it looked at."""
    given = [*inputs, *[one for call in calls for one in call.evidence.inputs]]
    every = {(one.role, one.sha256): one for one in given}
    rules = tuple(
        RuleUsed(id=rule.id, version=rule.version, source=rule.source) for rule in (criteria, criteria.shared)
    )
    return Evidence(
        inputs=tuple(every[key] for key in sorted(every)), rules=rules, software_version=__version__
    )
