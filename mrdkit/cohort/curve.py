"""A survival curve as values: its steps, its value at a day, its median, who is still at risk.

The interval is log-log (Greenwood). Where survival is 0 or 1 there is none. The median is the first day with
survival at most one half. Source: trial definitions, sections 3.1 and 3.2.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

__all__ = ["Curve", "Median", "Step"]

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One day of a curve: at risk just before, what happened on it, survival (a fraction) after it."""

    day: float
    at_risk: int
    events: int
    censored: int
    survival: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The day by which half have had the event, with its interval; None where it is not reached."""

    day: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The Kaplan-Meier estimate of one group; `steps` has every day on which somebody left, in order."""

    n: int
    steps: tuple[Step, ...]

    @property
    def n_events(self) -> int:
        """Patients with the event."""
        return sum(step.events for step in self.steps)

    @property
    def last_day(self) -> float:
        """The longest time, 0 of nobody."""
        return self.steps[-1].day if self.steps else 0.0

    def at(self, day: float) -> Step | None:
        """Return the last step up to a day, None before the first one, where survival is 1."""
        before = bisect_right(self.steps, day, key=_day)
        return self.steps[before - 1] if before else None

    def at_risk(self, day: float) -> int:
        """Return how many are under observation just before a day."""
        after = bisect_left(self.steps, day, key=_day)
        return self.steps[after].at_risk if after < len(self.steps) else 0

    def known_at(self, day: float) -> bool:
        """Tell whether the curve reaches a day: somebody was followed so long, or all had the event."""
        return self.last_day >= day or (bool(self.steps) and self.steps[-1].survival == 0.0)

    def median(self, tolerance: float) -> Median:
        """Return the median; its limits are where the limits of the curve reach one half.

        Args:
            tolerance: how far above one half still is one half.
        """
        half = _HALF + tolerance
        return Median(
            day=next((step.day for step in self.steps if step.survival <= half), None),
            low=next(
                (step.day for step in self.steps if step.ci_low is not None and step.ci_low <= half), None
            ),
            high=next(
                (step.day for step in self.steps if step.ci_high is not None and step.ci_high <= half), None
            ),
        )


def _day(step: Step) -> float:
    return step.day
