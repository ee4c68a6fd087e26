"""Which changes of a karyotype are the disease, and whether a follow-up clone carries one of them.

A constitutional change (written with a final c, or a variant of heterochromatin) and a known heteromorphism
are no disease, and neither is anything of the donor's. What may be the disease is taken to be the disease,
so that no complete response rests on a spelling. Source: cytogenetics definitions, sections 6 and 6.2; ISCN
2024.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from mrdkit.karyotype import parse_item, same_change
from mrdkit.patient.criteria_sections import CytogeneticPolicy
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.results import KaryotypeCall, KaryotypeClone

__all__ = ["Baseline", "baseline_of", "is_loss", "is_read", "new_items"]

_CONSTITUTIONAL = re.compile(r"(?<=[0-9XY)])c$")
_MULTIPLE = re.compile(r"[\u00d7x][0-9~-]+$")
_MULTIPLIED_CLONE = re.compile(r"(?:idem|sdl|sl)[0-9]*[x\u00d7][0-9]")
_USUAL_SEX = frozenset({"XX", "XY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The disease as the karyotype before treatment shows it.

    Attributes:
        readable: the karyotype was read whole.
        certain: an abnormality of it was read, whatever else was not.
        items: abnormalities of the disease, normalised.
        constitutional: changes that the patient was born with.
    """

    readable: bool
    certain: bool
    items: tuple[str, ...]
    constitutional: tuple[str, ...]
    findings: tuple[Finding, ...]

    def shared(self, clone: KaryotypeClone) -> bool:
        """Tell whether a clone carries one of the disease's abnormalities."""
        return any(same_change(item, other) for item in self.items for other in _disease_like(clone))


def is_read(call: KaryotypeCall) -> bool:
    """Tell whether the whole banding result was understood; a FISH part behind it may stay unread.

    FISH never makes or undoes a cytogenetic response, it is judged by its own call.
    """
    fish = [part.text for part in call.fish_parts if part.reading == "not_read"]
    only_fish = len(call.unparsed) == len(fish) > 0 and all(
        unread.endswith(text) for unread, text in zip(call.unparsed, fish, strict=True)
    )
    return call.status == "parsed" or (call.status == "partly" and only_fish)


def baseline_of(call: KaryotypeCall, policy: CytogeneticPolicy) -> Baseline:
    """Return the disease of a karyotype before treatment; the donor's cells are none of it."""
    clones = [clone for clone in call.clones if clone.population == "recipient"]
    born_with = _unique(
        _plain(item)
        for clone in clones
        for item in clone.items
        if clone.role == "constitutional" or _is_constitutional(item)
    )
    everything = _unique(item for clone in clones if clone.clonal for item in _disease_like(clone))
    harmless = _unique(_plain(item) for item in policy.heteromorphisms)
    variants = [item for item in everything if item in harmless]
    items = tuple(item for item in everything if item not in harmless)
    return Baseline(
        readable=is_read(call),
        certain=call.status != "rejected" and any(parse_item(item).understood for item in items),
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


def _disease_like(clone: KaryotypeClone) -> tuple[str, ...]:
    """Return the changes of a clone that are not constitutional; an unusual sex complement is one."""
    if clone.role in ("normal", "constitutional"):
        return ()
    acquired = (item for item in clone.items if not _is_constitutional(item))
    items = _unique(_plain(item) for item in acquired if not _MULTIPLIED_CLONE.fullmatch(item))
    if items or not clone.sex or clone.sex in _USUAL_SEX or clone.sex.endswith("c"):
        return items
    return () if clone.items else (f"sex {clone.sex}",)


@lru_cache(maxsize=4096)
def _is_constitutional(item: str) -> bool:
    return parse_item(item).constitutional or _CONSTITUTIONAL.search(item.strip()) is not None


@lru_cache(maxsize=4096)
def _plain(item: str) -> str:
    text = item.strip().replace("\u2212", "-").replace("?", "")
    return _MULTIPLE.sub("", _CONSTITUTIONAL.sub("", text))


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
