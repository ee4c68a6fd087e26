"""The state of a flow MRD call from counts and event rules; pure, first matching row wins.

Source: ALL MRD terms (Hematology 2021:718, Table 1): negative only with a sensitivity of at least the
threshold; positive at or above it; everything between is MRD intermediate. A cluster is the panel's smallest
number of target events, and more than the limit of blank where a background is known. A cluster is never
hidden by too few cells: sensitivity is only asked where no cluster is seen. Boundaries are inclusive, but the
limit of blank itself is background.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from mrdkit.files.rules import STRICT, checked_dataclass
from mrdkit.results import MrdStatus
from mrdkit.stats import Interval, clopper_pearson

__all__ = ["Decision", "EventRules", "Measured", "State", "decide", "not_evaluable"]

State = Literal["positive", "detected_below", "insufficient", "negative", "not_evaluable"]

_STATUS: dict[State, MrdStatus] = {
    "positive": MrdStatus.POSITIVE,
    "detected_below": MrdStatus.INDETERMINATE,
    "insufficient": MrdStatus.INDETERMINATE,
    "negative": MrdStatus.NEGATIVE,
    "not_evaluable": MrdStatus.NOT_EVALUABLE,
}


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EventRules:
    """When target events count as detected, as quantifiable and as positive.

    Attributes:
        threshold_at_least_fraction: a quantifiable cluster at or above it is positive.
        lod_at_least_events: target events that make a cluster.
        loq_at_least_events: target events that make a quantity.
        lineage_at_least_events: events that a lineage arm must hold to be evaluable.
    """

    threshold_at_least_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    lod_at_least_events: Annotated[int, Field(ge=1)]
    loq_at_least_events: Annotated[int, Field(ge=1)]
    lineage_at_least_events: Annotated[int, Field(ge=1)]

    def __post_init__(self) -> None:
        """Refuse rules that contradict themselves."""
        if self.loq_at_least_events < self.lod_at_least_events:
            raise ValueError("the events of LOQ must not be below those of LOD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a background adds to a count.

    Attributes:
        fraction: of the denominator, corrected for background and recall.
        interval: of the fraction.
        lob_events: target events that a leukemia-free tube may hold.
        lod: fraction that is detected with 95 % probability.
    """

    fraction: float
    interval: Interval
    lob_events: int
    lod: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """State, status at the threshold and the quantity with its limits, all as fractions."""

    state: State
    status: MrdStatus
    detected: bool | None
    quantifiable: bool | None
    fraction: float | None
    interval: Interval | None
    lob: float | None
    lod: float | None
    loq: float | None
    sensitivity: float | None
    flags: tuple[str, ...]


def decide(
    n_target: int,
    n_denominator: int,
    rules: EventRules,
    *,
    representative: bool = True,
    measured: Measured | None = None,
) -> Decision:
    """Decide one evaluable tube.

    Args:
        n_target: events in the target gate.
        n_denominator: events in the denominator gate; they include the target events.
        rules: the panel's event rules.
        representative: False where dilution or quality makes the denominator unrepresentative.
        measured: what a background adds; None where none is known.

    Returns:
        The decision; `not_evaluable` where the denominator is zero.

    Raises:
        ValueError: a count is negative, or there are more target than denominator events.
    """
    if not 0 <= n_target <= n_denominator:
        raise ValueError(f"{n_target} target events of {n_denominator}")
    if n_denominator == 0:
        return not_evaluable("ZERO_DENOMINATOR")
    smallest = rules.lod_at_least_events / n_denominator
    if measured is None:
        interval = clopper_pearson(n_target, n_denominator)
        measured = Measured(fraction=n_target / n_denominator, interval=interval, lob_events=0, lod=smallest)
        lob = None
    else:
        lob = measured.lob_events / n_denominator
    sensitivity = max(measured.lod, smallest)
    detected = n_target >= rules.lod_at_least_events and n_target > measured.lob_events
    quantifiable = n_target >= rules.loq_at_least_events
    state, flags = _state(
        detected=detected,
        quantifiable=quantifiable,
        above=measured.fraction >= rules.threshold_at_least_fraction,
        sensitive=sensitivity <= rules.threshold_at_least_fraction,
        representative=representative,
    )
    if 0 < n_target < rules.lod_at_least_events:
        flags = (*flags, "EVENTS_BELOW_CLUSTER")
    return Decision(
        state=state,
        status=_STATUS[state],
        detected=detected,
        quantifiable=quantifiable,
        fraction=measured.fraction,
        interval=measured.interval,
        lob=lob,
        lod=measured.lod,
        loq=rules.loq_at_least_events / n_denominator,
        sensitivity=sensitivity,
        flags=flags,
    )


def not_evaluable(*flags: str) -> Decision:
    """Return the decision of a tube that cannot be judged; no quantity is given."""
    return Decision(
        state="not_evaluable",
        status=MrdStatus.NOT_EVALUABLE,
        detected=None,
        quantifiable=None,
        fraction=None,
        interval=None,
        lob=None,
        lod=None,
        loq=None,
        sensitivity=None,
        flags=flags,
    )


def _state(
    *, detected: bool, quantifiable: bool, above: bool, sensitive: bool, representative: bool
) -> tuple[State, tuple[str, ...]]:
    if detected and quantifiable and above:
        return "positive", ()
    if detected:
        flags = ("BELOW_1E4",) if not above else ()
        return "detected_below", flags if quantifiable else (*flags, "BELOW_LOQ")
    if not sensitive:
        return "insufficient", ("INSUFFICIENT_SENSITIVITY",)
    if not representative:
        return "insufficient", ("UNREPRESENTATIVE_DENOMINATOR",)
    return "negative", ()
