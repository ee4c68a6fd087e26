"""Which changes of a karyotype are the disease, and whether a follow-up clone carries one of them.

A constitutional change (written with a final c) and a known heteromorphism are no disease. The same change
may be written at another banding resolution, with other bands of the same arms, with a question mark, or
inside a derivative: der(22)t(9;22). What may be the disease is taken to be the disease, so that no complete
response rests on a spelling. Source: cytogenetics definitions, sections 6 and 6.2; ISCN 2024.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mrdkit.patient.criteria import CytogeneticPolicy
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.results import KaryotypeCall, KaryotypeClone

__all__ = ["Baseline", "baseline_of", "is_loss", "is_read", "new_items", "same_change"]

_CONSTITUTIONAL = re.compile(r"(?<=[0-9XY)])c$")
_MULTIPLE = re.compile(r"[\u00d7x][0-9~-]+$")
_BANDS = re.compile(r"(?:[pq](?:[0-9.]+|ter))+")
_MARKER = re.compile(r"mar[0-9]+")
_FISH_PART = "FISH_PART_NOT_READ"
_USUAL_SEX = frozenset({"XX", "XY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The disease as the karyotype before treatment shows it.

    Attributes:
        readable: the karyotype was read whole.
        items: abnormalities of the disease, normalised.
        constitutional: changes that the patient was born with.
    """

    readable: bool
    items: tuple[str, ...]
    constitutional: tuple[str, ...]
    findings: tuple[Finding, ...]

    def shared(self, clone: KaryotypeClone) -> bool:
        """Tell whether a clone carries one of the disease's abnormalities."""
        return any(same_change(item, other) for item in self.items for other in _disease_like(clone))


def is_read(call: KaryotypeCall) -> bool:
    """Tell whether the whole banding result was understood; a FISH result behind it may stay unread.

    FISH never makes or undoes a cytogenetic response, it is judged by its own call.
    """
    only_fish = call.status == "partly" and call.flags == (_FISH_PART,) and len(call.unparsed) == 1
    return call.status == "parsed" or only_fish


def baseline_of(call: KaryotypeCall, policy: CytogeneticPolicy) -> Baseline:
    """Return the disease of a karyotype before treatment; the donor's cells are none of it."""
    clones = [clone for clone in call.clones if clone.population == "recipient"]
    born_with = _unique(
        _plain(item)
        for clone in clones
        for item in clone.items
        if clone.role == "constitutional" or _CONSTITUTIONAL.search(item.strip())
    )
    everything = _unique(item for clone in clones if clone.clonal for item in _disease_like(clone))
    harmless = _unique(_plain(item) for item in policy.heteromorphisms)
    variants = [item for item in everything if item in harmless]
    items = tuple(item for item in everything if item not in harmless)
    return Baseline(
        readable=is_read(call),
        items=items,
        constitutional=born_with,
        findings=(*_of_variants(variants), *_of_age(items, policy)),
    )


def new_items(clone: KaryotypeClone, disease: Baseline, policy: CytogeneticPolicy) -> tuple[str, ...]:
    """Return the changes of a follow-up clone that are neither the disease's nor the patient's own."""
    harmless = (*disease.constitutional, *(_plain(item) for item in policy.heteromorphisms))
    return tuple(
        item for item in _disease_like(clone) if not any(same_change(item, other) for other in harmless)
    )


def is_loss(item: str) -> bool:
    """Tell whether a change is the loss of a chromosome, which needs three cells to be clonal."""
    return item.startswith("-")


def same_change(one: str, other: str) -> bool:
    """Tell whether two normalised changes may be the same: kind, chromosomes and arms, bands set aside.

    >>> same_change("t(9;22)(q34;q11.2)", "der(22)t(9;22)(q34;q11)")
    True
    >>> same_change("del(9)(p21)", "del(9)(p21p24)"), same_change("del(9)(p21)", "del(9)(q22)")
    (True, False)
    >>> same_change("+8", "+18")
    False
    """
    first, second = _arms(one), _arms(other)
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return "(" in shorter and shorter in longer


def _arms(item: str) -> str:
    return _BANDS.sub(lambda bands: "".join(dict.fromkeys(re.findall("[pq]", bands[0]))), item)


def _disease_like(clone: KaryotypeClone) -> tuple[str, ...]:
    """Return the changes of a clone that are not constitutional; an unusual sex complement is one."""
    if clone.role in ("normal", "constitutional"):
        return ()
    items = _unique(_plain(item) for item in clone.items if not _CONSTITUTIONAL.search(item.strip()))
    if items or not clone.sex or clone.sex in _USUAL_SEX or clone.sex.endswith("c"):
        return items
    return () if clone.items else (f"sex {clone.sex}",)


def _plain(item: str) -> str:
    text = "".join(item.split()).replace("\u2212", "-").replace("?", "")
    return _MARKER.sub("mar", _MULTIPLE.sub("", _CONSTITUTIONAL.sub("", text)))


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _of_variants(variants: list[str]) -> tuple[Finding, ...]:
    if not variants:
        return ()
    reason = f"{', '.join(variants)} is a known variant without disease."
    return (Finding(flag="HETEROMORPHISM", reason=reason), REVIEW)


def _of_age(items: tuple[str, ...], policy: CytogeneticPolicy) -> tuple[Finding, ...]:
    if not items or not set(items) <= set(policy.age_related_alone):
        return ()
    reason = f"{items[0]} alone before treatment may come with age."
    return (Finding(flag="AGE_RELATED_ALONE", reason=reason), REVIEW)
