"""Responses (RS): the category as classified in RSORRES, its term in RSSTRESC, with the grounds beside it.

CRp has no term of the standard: it stands as the sponsor's extension, never as CRi or PR. RSLNKGRP is the
visit, as in CP and GF, so that a response can be followed to what it was derived from.
"""

from collections.abc import Iterator, Mapping

from mrdkit.export.sdtm.datasets import Row, Value
from mrdkit.export.sdtm.model import words
from mrdkit.export.sdtm.subject import SubjectView
from mrdkit.results import ResponseCall

__all__ = ["response_rows"]

_NAMES = {
    "OVRLRESP": "Overall Response",
    "BESTRESP": "Best Overall Response",
    "CYTORESP": "Cytogenetic Response",
    "MRDRESP": "Minimal Residual Disease Response",
    "DRCRIND": "Disease Recurrence Indicator",
}
_NOT_DONE = {"not_tested": "NOT TESTED", "not_applicable": "NOT APPLICABLE"}


def response_rows(view: SubjectView) -> Iterator[Row]:
    """Yield every response of a patient, the best one, and the relapse."""
    for call in view.record.responses:
        yield from _of_call(view, call)
    if view.record.responses:
        yield _best(view)
    if view.record.relapse_on is not None:
        yield _relapse(view)


def _of_call(view: SubjectView, call: ResponseCall) -> Iterator[Row]:
    grounds = {"RSFLAGS": "; ".join(call.flags), "RSREASON": " ".join(call.reasons)}
    profile = call.criteria.upper()
    answer = _answer(call.response, words().response)
    yield _assessed(view, call, _head("OVRLRESP", profile), answer, grounds)
    answer = _answer(call.cytogenetic_response, words().cytogenetic)
    yield _assessed(view, call, _head("CYTORESP", profile), answer)
    status = {
        "FLOW 1E-4": call.mrd_flow,
        **{f"SEQUENCING {threshold.upper()}": word for threshold, word in call.mrd_ngs.items()},
        "COMBINED": call.mrd_combined,
    }
    for method, word in status.items():
        yield _assessed(view, call, _head("MRDRESP", f"{profile} {method}"), _answer(word, words().mrd))


def _assessed(
    view: SubjectView,
    call: ResponseCall,
    head: Mapping[str, Value],
    answer: Mapping[str, Value],
    grounds: Mapping[str, str | None] | None = None,
) -> Row:
    values = {**head, "LNKGRP": call.visit or None, **answer}
    return view.row("RS", values, visit=call.visit, day=call.marrow_date, qualifiers=grounds)


def _answer(word: str, terms: Mapping[str, str]) -> dict[str, Value]:
    if word in _NOT_DONE:
        return {"STAT": "NOT DONE", "REASND": _NOT_DONE[word]}
    return {"ORRES": word, "STRESC": terms.get(word, word)}


def _head(test: str, category: str) -> dict[str, Value]:
    return {
        "TESTCD": test,
        "TEST": _NAMES[test],
        "CAT": "PROTOCOL DEFINED RESPONSE CRITERIA",
        "SCAT": category,
        "DRVFL": "Y",
        "EVAL": "CLINICAL STUDY SPONSOR",
    }


def _best(view: SubjectView) -> Row:
    record = view.record
    call = next((each for each in record.responses if each.visit == record.best_response_visit), None)
    profile = record.responses[0].criteria.upper()
    grounds = {"RSFLAGS": "; ".join(record.flags), "RSREASON": " ".join(record.reasons)}
    values = {**_head("BESTRESP", profile), **_answer(record.best_response, words().response)}
    return view.row(
        "RS",
        values,
        visit=record.best_response_visit,
        day=call.marrow_date if call else None,
        qualifiers=grounds,
    )


def _relapse(view: SubjectView) -> Row:
    """Return the first relapse after a response."""
    record = view.record
    complete = record.best_response == "CR"
    term = "RELAPSED DISEASE FROM CR" if complete else "RELAPSED DISEASE FROM REMISSION"
    profile = record.responses[0].criteria.upper() if record.responses else ""
    values = {**_head("DRCRIND", profile), "ORRES": "RELAPSE", "STRESC": term}
    return view.row("RS", values, day=record.relapse_on)
