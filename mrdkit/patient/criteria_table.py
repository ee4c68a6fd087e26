"""A criteria profile as a table for people: every clause with its rule, its limit and what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from mrdkit.patient.criteria import Criteria
from mrdkit.patient.criteria_limits import CountLimit, PercentLimit
from mrdkit.patient.criteria_sections import Category, PartialRemission, Section

__all__ = ["CriteriaRow", "criteria_table"]

_COUNT = "x 10^9/L"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaRow:
    """One line of a profile.

    Attributes:
        part: which answer or section it belongs to.
        asked: what is looked at.
        rule: the limit with its direction and unit, or the setting.
        clause: what it rests on, in our words.
    """

    part: str
    asked: str
    rule: str
    clause: str


def criteria_table(criteria: Criteria) -> tuple[CriteriaRow, ...]:
    """Return every clause of a profile: remission, categories best first, relapse, windows and policies."""
    return (
        *_percents("remission", criteria.remission),
        *(row for category in criteria.category for row in _category(category)),
        *_others(criteria),
        *_relapse(criteria),
        *(
            CriteriaRow(part="not asked", asked=one.flag, rule="said with every remission", clause=one.reason)
            for one in criteria.not_asked
        ),
        *(row for name in _SECTIONS for row in _settings(name, getattr(criteria, name))),
    )


_SECTIONS = (
    "platelet_transfusion",
    "windows",
    "plausible",
    "hypocellular",
    "extramedullary",
    "mrd",
    "cytogenetics",
    "count_recovery",
)


def _percents(part: str, section: object) -> Iterator[CriteriaRow]:
    for name in ("marrow_blasts", "blood_blasts", "mrd"):
        limit = getattr(section, name, None)
        if isinstance(limit, PercentLimit):
            yield CriteriaRow(
                part=part, asked=name.replace("_", " "), rule=f"{limit.words} %", clause=limit.clause
            )


def _category(category: Category) -> Iterator[CriteriaRow]:
    part = _answer(category.name, category.responder)
    asked = {"neutrophils": category.neutrophils, "platelets": category.platelets}
    for name, limit in asked.items():
        rule = "any" if limit is None else f"{limit.words} {_COUNT}"
        yield CriteriaRow(part=part, asked=name, rule=rule, clause=category.clause)


def _others(criteria: Criteria) -> Iterator[CriteriaRow]:
    if criteria.empty_marrow is not None:
        empty = criteria.empty_marrow
        part = _answer(empty.name, empty.responder)
        rule = "below every limit of hypocellular"
        yield CriteriaRow(part=part, asked="marrow and counts", rule=rule, clause=empty.clause)
    if criteria.partial is not None:
        yield from _partial(criteria.partial, criteria.category[0].name)


def _partial(partial: PartialRemission, complete: str) -> Iterator[CriteriaRow]:
    part = _answer(partial.name, partial.responder)
    asked = {
        "marrow blasts": f"{partial.marrow_blasts_from.words} %, {partial.marrow_blasts_to.words} %",
        "fall of marrow blasts": f"at least {partial.fall_at_least_percent} %",
        "blood counts": f"of {complete}",
    }
    for name, rule in asked.items():
        yield CriteriaRow(part=part, asked=name, rule=rule, clause=partial.clause)


def _relapse(criteria: Criteria) -> Iterator[CriteriaRow]:
    yield from _percents("relapse", criteria.relapse)
    if criteria.relapse.marrow_blasts is None:
        clause = "The profile gives no limit of marrow blasts: every marrow out of remission is reviewed."
        yield CriteriaRow(part="relapse", asked="marrow blasts", rule="review", clause=clause)


def _settings(name: str, section: Section) -> Iterator[CriteriaRow]:
    for setting in fields(section):
        if setting.name != "clause":
            yield CriteriaRow(
                part=name.replace("_", " "),
                asked=_asked(setting.name),
                rule=_words(getattr(section, setting.name)),
                clause=section.clause,
            )


def _asked(setting: str) -> str:
    return setting.replace("_e9_per_l", " (10^9/L)").replace("_percent", " (%)").replace("_", " ")


def _words(value: object) -> str:
    match value:
        case None:
            return "not asked"
        case bool():
            return "yes" if value else "no"
        case CountLimit():
            return f"{value.words} {_COUNT}"
        case tuple():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)


def _answer(name: str, responder: str) -> str:
    return f"{name} (responder {responder})"
