"""Which antigens were under treatment on a day, so that no negative flow result may rest on them.

Source: `reference/therapy/targets.toml`.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit.files import Rule, read_rule
from mrdkit.files.rules import STRICT
from mrdkit.patient.records import Event

__all__ = ["TherapyTargets", "targeted_antigens"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TherapyTargets(Rule):
    """Drug, by its word in events.csv -> the antigens it binds."""

    antigens: Mapping[str, tuple[str, ...]]


def targeted_antigens(events: Iterable[Event], on: date) -> frozenset[str]:
    """Return the antigens that a drug given on or before a day may have removed or hidden.

    Antigen loss does not end with the drug, so that no earlier dose is ever forgotten.
    """
    targets = read_rule("therapy", "targets", TherapyTargets).antigens
    given = {event.kind.value for event in events if event.date <= on}
    return frozenset(antigen for drug in given for antigen in targets.get(drug, ()))
