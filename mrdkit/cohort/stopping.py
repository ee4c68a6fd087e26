"""When a trial stops early: continuous monitoring of a rate with a Beta prior.

The trial stops as soon as the chance that the true rate exceeds the limit is above the certainty asked for.
The rate is of something unwanted (toxicity, or no response). Source: Thall and Simon, Biometrics 1994;50:337.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mrdkit.cohort.rules import analysis_rules
from mrdkit.errors import UsageError

__all__ = ["Boundary", "StoppingRule", "boundaries", "chance_above", "chance_of_stopping", "stops"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """What the protocol says; rates and chances are fractions.

    Attributes:
        limit: the rate that must not be exceeded.
        certainty: the trial stops where the rate exceeds the limit with more than this chance.
        patients: the largest number of patients.
        prior_events: Beta prior, its first parameter.
        prior_others: Beta prior, its second parameter.
        from_patient: no look before so many patients.
    """

    limit: float
    certainty: float
    patients: int
    prior_events: float
    prior_others: float
    from_patient: int = 1

    def __post_init__(self) -> None:
        """Refuse what no protocol can mean."""
        most = analysis_rules().stopping.patients_at_most
        for name, value, right in (
            ("limit", self.limit, 0.0 < self.limit < 1.0),
            ("certainty", self.certainty, 0.0 < self.certainty < 1.0),
            ("patients", self.patients, 1 <= self.patients <= most),
            ("prior_events", self.prior_events, 0.0 < self.prior_events < float("inf")),
            ("prior_others", self.prior_others, 0.0 < self.prior_others < float("inf")),
            ("from_patient", self.from_patient, 1 <= self.from_patient <= self.patients),
        ):
            if not right:
                raise UsageError(
                    f"{name} is out of range", code="STOPPING_RULE_INVALID", place=name, found=f"{value:g}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """After so many patients the trial stops at so many events or more; None where it never does."""

    patients: int
    stop_at_events: int | None


def chance_above(rule: StoppingRule, events: int, patients: int) -> float:
    """Return the posterior chance that the rate exceeds the limit.

    Raises:
        UsageError: more events than patients, or a negative count.
    """
    if not 0 <= events <= patients:
        raise UsageError(
            "events lie outside 0 to the patients",
            code="COUNT_INVALID",
            expected=f"0 to {patients}",
            found=f"{events}",
        )
    from scipy.special import betaincc

    return float(betaincc(rule.prior_events + events, rule.prior_others + patients - events, rule.limit))


def stops(rule: StoppingRule, events: int, patients: int) -> bool:
    """Tell whether the trial stops at a look."""
    return patients >= rule.from_patient and chance_above(rule, events, patients) > rule.certainty


def boundaries(rule: StoppingRule) -> tuple[Boundary, ...]:
    """Return the boundary after each patient."""
    return tuple(_boundaries(rule))


def chance_of_stopping(rule: StoppingRule, rate: float) -> float:
    """Return the exact chance that a trial with a true rate stops at or before its last patient.

    Args:
        rule: the rule.
        rate: true rate, a fraction.
    """
    alive, stopped = [1.0], 0.0
    for boundary in _boundaries(rule):
        alive = [
            (alive[k] * (1.0 - rate) if k < len(alive) else 0.0) + (alive[k - 1] * rate if k else 0.0)
            for k in range(len(alive) + 1)
        ]
        if boundary.stop_at_events is not None:
            stopped += sum(alive[boundary.stop_at_events :])
            alive = alive[: boundary.stop_at_events]
    return stopped


def _boundaries(rule: StoppingRule) -> Iterator[Boundary]:
    """Yield the boundaries; with every patient they stay or rise, so that each begins at the last."""
    events = 0
    for patients in range(1, rule.patients + 1):
        while events <= patients and not stops(rule, events, patients):
            if patients < rule.from_patient:
                break
            events += 1
        reached = patients >= rule.from_patient and events <= patients
        yield Boundary(patients=patients, stop_at_events=events if reached else None)
