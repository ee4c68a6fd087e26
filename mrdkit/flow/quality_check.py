"""One answer of one quality check: passed, flagged or not assessable, and which events it is about.

A check removes nothing. It says which events it would look at, by which figures, and raises a flag where they
are many. Not assessable is an answer of its own, with a reason, and never reads as passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mrdkit.results import Json

__all__ = ["QualityCheck", "judged", "not_assessable"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualityCheck:
    """The answer of one check.

    Attributes:
        name: the check, such as "flow_rate"; stable.
        outcome: "passed", "flagged", or "not_assessable".
        reason: why it is not assessable, a stable code; None where it is.
        flags: stable codes that it adds to the tube.
        figures: the numbers that led to it.
        sentence: the answer for people.
        mask: (n_events,) True for each event that the check is about; all False where not assessable.
    """

    name: str
    outcome: Literal["passed", "flagged", "not_assessable"]
    reason: str | None
    flags: tuple[str, ...]
    figures: Mapping[str, Json]
    sentence: str
    mask: Mask = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse an answer that says two things."""
        if (self.outcome == "not_assessable") != (self.reason is not None):
            raise ValueError("a reason belongs to a check that is not assessable, and only to it")
        if self.reason is not None and self.mask.any():
            raise ValueError("what is not assessable flags no event")

    @property
    def n_flagged(self) -> int:
        """Number of flagged events."""
        return int(np.count_nonzero(self.mask))

    @property
    def percent(self) -> float:
        """Percentage of the events that are flagged, 0 where there is no event."""
        return 100.0 * self.n_flagged / len(self.mask) if len(self.mask) else 0.0


def judged(
    name: str,
    *,
    code: str,
    mask: Mask,
    more_than_percent: float,
    figures: Mapping[str, Json],
    sentence: str,
    flags: tuple[str, ...] = (),
) -> QualityCheck:
    """Return the answer of a check that could be made.

    Args:
        name: the check.
        code: flag of the tube where more events than the limit are flagged.
        mask: (n_events,) the events.
        more_than_percent: the limit.
        figures: numbers that led to the answer.
        sentence: the answer, without a full stop; the number of flagged events is added.
        flags: further codes, whatever the limit says.
    """
    n_flagged = int(np.count_nonzero(mask))
    percent = 100.0 * n_flagged / max(len(mask), 1)
    raised = (*((code,) if percent > more_than_percent else ()), *flags)
    return QualityCheck(
        name=name,
        outcome="flagged" if raised else "passed",
        reason=None,
        flags=raised,
        figures=figures,
        sentence=f"{sentence} ({n_flagged} events, {percent:.3g} %)." if n_flagged else f"{sentence}.",
        mask=mask,
    )


def not_assessable(name: str, *, reason: str, sentence: str, n_events: int) -> QualityCheck:
    """Return the answer of a check that could not be made."""
    return QualityCheck(
        name=name,
        outcome="not_assessable",
        reason=reason,
        flags=(f"{name.upper()}_NOT_CHECKED", reason),
        figures={},
        sentence=sentence,
        mask=np.zeros(n_events, dtype=np.bool_),
    )
