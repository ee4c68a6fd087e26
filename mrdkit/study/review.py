"""Which calls a person must look at, and which say that nothing could be evaluated.

An indeterminate answer is an answer, but nobody should rely on it unseen. No clinical number is decided here:
the words and flags are those of the calls.
"""

from collections.abc import Iterable

from mrdkit.result_rows import QueryRow
from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    KaryotypeCall,
    MrdStatus,
    NgsMrdCall,
    ResponseCall,
    Tp53Call,
)
from mrdkit.store import assay_of

__all__ = ["is_not_evaluable", "needs_review", "review_rows", "subject_of"]

_REVIEW_FLAG = "REVIEW"
_BASELINE_FLAG = "BASELINE"
_NO_RESPONSE = frozenset({"NE", "ERROR"})
_FISH_DOUBTS = frozenset({"indeterminate", "insufficient"})


def is_not_evaluable(call: Call) -> bool:
    """Tell whether the call says that its item could not be evaluated."""
    match call:
        case FlowMrdCall():
            return call.state == "not_evaluable"
        case NgsMrdCall():
            return MrdStatus.NOT_EVALUABLE in call.status.values()
        case KaryotypeCall():
            return call.status == "rejected"
        case ResponseCall():
            return call.response in _NO_RESPONSE and _BASELINE_FLAG not in call.flags
        case FishCall() | Tp53Call():
            return False


def needs_review(call: Call) -> bool:
    """Tell whether a person must look at the call before it is used."""
    return is_not_evaluable(call) or _is_doubtful(call) or _REVIEW_FLAG in call.flags


def _is_doubtful(call: Call) -> bool:
    match call:
        case FlowMrdCall() | NgsMrdCall():
            return MrdStatus.INDETERMINATE in call.status.values()
        case KaryotypeCall():
            return call.status == "partly"
        case ResponseCall():
            return "_OR_" in call.response or call.response.startswith("INDETERMINATE")
        case FishCall():
            return call.call in _FISH_DOUBTS
        case Tp53Call():
            return call.status == "indeterminate"


def review_rows(calls: Iterable[Call]) -> tuple[QueryRow, ...]:
    """Return one row per call that needs review, in the order of the calls."""
    return tuple(_row(call) for call in calls if needs_review(call))


def subject_of(call: Call) -> str | None:
    """Return whose call it is."""
    return call.subject_id if isinstance(call, ResponseCall) else call.specimen.subject_id


def _row(call: Call) -> QueryRow:
    return QueryRow(
        kind="review",
        file=None,
        row=None,
        code="NOT_EVALUABLE" if is_not_evaluable(call) else "NEEDS_REVIEW",
        subject_id=subject_of(call),
        visit=call.visit if isinstance(call, ResponseCall) else call.specimen.visit,
        assay=assay_of(call),
        message=" ".join(call.reasons) or ", ".join(call.flags),
    )
