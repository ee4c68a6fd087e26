"""CRLF2 of one patient from all that was written of it: count tables, ISCN strings, results made elsewhere.

Of one specimen a count table decides before an ISCN string, and that before a word; a contradiction is
flagged. Positive is positive whenever it was found; that CRLF2 is not rearranged is said by the leukemia, so
by the baseline where there is any result of it. A word that is not known is indeterminate, never normal.
Source: cytogenetics definitions, sections 4.3 and 7; project decision on the baseline.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias, TypeVar

from mrdkit.fish import FishRule, parse_iscn, read_fish_rule
from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.crlf2 import Crlf2Status, FishWord, FlowWord, combine_crlf2
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.records import ExternalResult
from mrdkit.results import FishCall, KaryotypeCall, Specimen

__all__ = ["crlf2_status"]

_GENE = "CRLF2"
_FISH_WORDS: dict[str, FishWord] = {
    "rearranged": "rearranged",
    "rearranged_split": "rearranged",
    "rearranged_deletion_5prime": "rearranged",
    "rearranged_unspecified": "rearranged",
    "positive": "rearranged",
    "atypical_loss_3prime": "atypical",
    "abnormal_unspecified": "atypical",
    "gain": "gain",
    "gain_not_rearranged": "gain",
    "normal": "normal",
    "negative": "normal",
    "loss": "loss",
    "loss_not_rearranged": "loss",
    "not_done": "not_done",
    "not_tested": "not_done",
    "not_evaluable": "not_done",
    "pending": "not_done",
    "not_fish": "not_done",
}
_FLOW_WORDS: dict[str, FlowWord] = {
    "positive": "positive",
    "negative": "negative",
    "not_done": "not_done",
    "not_tested": "not_done",
    "not_evaluable": "not_done",
    "pending": "not_done",
}
_BEST_FISH: tuple[FishWord, ...] = ("rearranged", "atypical", "gain", "loss", "normal", "indeterminate")
_BEST_FLOW: tuple[FlowWord, ...] = ("positive", "negative", "indeterminate")
_OPEN = ("indeterminate", "not_done")
_WITHOUT_RESULT = {"not_evaluable": "FISH_NOT_EVALUABLE", "pending": "FISH_PENDING"}
_Rank: TypeAlias = Literal[0, 1, 2]
_Word = TypeVar("_Word", FishWord, FlowWord)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One FISH finding; the lower its rank the more it is believed."""

    word: FishWord
    rank: _Rank
    visit: str
    specimen_id: str | None


def crlf2_status(
    calls: Iterable[object], external: Iterable[ExternalResult], before: BeforeTreatment
) -> Crlf2Status:
    """Return CRLF2 of one patient from the laboratory's calls and results made elsewhere."""
    results = tuple(external)
    sources = [*_of_calls(calls), *_of_results(results)]
    found = [_of_specimen(group) for group in _by_specimen(sources)]
    fish = _at_baseline(
        [(word, _is_early(visit, before)) for word, visit, _ in found], _BEST_FISH, positive="rearranged"
    )
    flow = _at_baseline(
        [(_flow(one.status), _is_early(one.visit, before)) for one in results if one.assay == "crlf2_flow"],
        _BEST_FLOW,
        positive="positive",
    )
    remarks = [*_contradictions(contradicted for _, _, contradicted in found), *_missing(results, fish)]
    early = any(word != "not_done" and _is_early(visit, before) for word, visit, _ in found)
    if fish in ("normal", "gain", "loss") and not early:
        reason = "CRLF2 FISH is known from visits under treatment only."
        remarks.append(Finding(flag="FISH_NOT_AT_BASELINE", reason=reason))
    return combine_crlf2(fish, flow, remarks)


def _of_calls(calls: Iterable[object]) -> Iterator[_Source]:
    """Yield what count tables and ISCN strings behind karyotypes say.

    A laboratory names its probes as it likes; the FISH room calls CRLF2 and refuses every other gene.
    """
    for call in calls:
        if isinstance(call, FishCall):
            yield _source(_fish(call.call), 0, call.specimen)
        elif isinstance(call, KaryotypeCall) and "ish" in call.text.casefold():
            for found in parse_iscn(call.text, _rule()).calls:
                if found.gene == _GENE:
                    yield _source(_fish(found.call), 1, call.specimen)


def _source(word: FishWord, rank: _Rank, specimen: Specimen) -> _Source:
    return _Source(word=word, rank=rank, visit=specimen.visit or "", specimen_id=specimen.specimen_id)


def _of_results(results: Sequence[ExternalResult]) -> Iterator[_Source]:
    for one in results:
        if one.assay == "crlf2_fish":
            yield _Source(word=_fish(one.status), rank=2, visit=one.visit, specimen_id=one.specimen_id)


def _by_specimen(sources: Sequence[_Source]) -> list[list[_Source]]:
    """Return the sources of each specimen; one that names none is of the only specimen of its visit."""
    of_visit: dict[str, set[str]] = {}
    for source in sources:
        if source.specimen_id:
            of_visit.setdefault(source.visit.casefold(), set()).add(source.specimen_id)
    groups: dict[tuple[str, str], list[_Source]] = {}
    for source in sources:
        visit = source.visit.casefold()
        known = of_visit.get(visit, set())
        only = next(iter(known)) if len(known) == 1 else ""
        groups.setdefault((visit, source.specimen_id or only), []).append(source)
    return list(groups.values())


def _of_specimen(sources: Sequence[_Source]) -> tuple[FishWord, str, bool]:
    """Return what decides for one specimen, its visit, and whether sources of different ranks differ."""
    closed = [source for source in sources if source.word not in _OPEN] or sources
    highest = min(source.rank for source in closed)
    words = [source.word for source in closed if source.rank == highest]
    word = _best(words, _BEST_FISH) or "not_done"
    contradicted = any(source.word != word for source in closed if source.rank != highest)
    return word, sources[0].visit, contradicted


def _at_baseline(found: Sequence[tuple[_Word, bool]], order: Sequence[_Word], *, positive: _Word) -> _Word:
    """Return the strongest word: of any visit where positive, else of the baseline if it has a result."""
    words = [word for word, _ in found]
    if positive in words:
        return positive
    baseline = [word for word, early in found if word != "not_done" and early]
    return _best(baseline or words, order) or "not_done"


def _is_early(visit: str, before: BeforeTreatment) -> bool:
    """Tell whether a result is of the leukemia before treatment; one without a visit is taken to be."""
    return not visit or before.holds(visit)


def _best(words: Sequence[_Word], order: Sequence[_Word]) -> _Word | None:
    return next((word for word in order if word in words), None)


def _contradictions(contradicted: Iterable[bool]) -> list[Finding]:
    if not any(contradicted):
        return []
    reason = "Two sources of one specimen differ on CRLF2; counts decide before ISCN, ISCN before words."
    return [Finding(flag="FISH_SOURCES_CONFLICT", reason=reason), REVIEW]


def _missing(results: Sequence[ExternalResult], fish: FishWord) -> Iterator[Finding]:
    """Yield why there is no FISH result although a row was delivered."""
    if fish != "not_done":
        return
    for word in dict.fromkeys(_plain(one.status) for one in results if one.assay == "crlf2_fish"):
        if word in _WITHOUT_RESULT:
            reason = f"CRLF2 FISH has no result: {word.replace('_', ' ')}."
            yield Finding(flag=_WITHOUT_RESULT[word], reason=reason)


def _fish(word: str) -> FishWord:
    return _FISH_WORDS.get(_plain(word), "indeterminate")


def _flow(word: str) -> FlowWord:
    return _FLOW_WORDS.get(_plain(word), "indeterminate")


def _plain(word: str) -> str:
    return "_".join(word.casefold().split())


@cache
def _rule() -> FishRule:
    return read_fish_rule()
