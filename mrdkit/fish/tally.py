"""How many nuclei each class has, with exact intervals, and which classes are over their own cut-off.

Patterns of the same class are added; classes are never added together. Nuclei without any signal leave the
denominator and are counted apart. Source: project decision on CRLF2 break-apart FISH.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mrdkit.fish.classes import PRECEDENCE, NucleusSignals, SignalClass, classify_nucleus, signals_of
from mrdkit.fish.counts import PatternCount
from mrdkit.fish.limits import Cutoff
from mrdkit.fish.patterns import Pattern
from mrdkit.fish.probes import End, Probe
from mrdkit.fish.rules import FishRule
from mrdkit.results import FishClass, FishPattern
from mrdkit.stats import Interval, clopper_pearson

__all__ = ["Tally", "assess", "joined", "patterns_of", "tallies_by_reader"]

_REPORTED = (*PRECEDENCE, SignalClass.DIM, SignalClass.NORMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Nuclei by class, and within the abnormal classes by their signals.

    Attributes:
        classes: nuclei of each class.
        signals: class -> signals -> nuclei.
        n_scored: nuclei with at least one signal.
        n_dropped: nuclei without any.
    """

    classes: Mapping[SignalClass, int]
    signals: Mapping[SignalClass, Mapping[NucleusSignals, int]]
    n_scored: int
    n_dropped: int


def tallies_by_reader(counts: Iterable[PatternCount], probe: Probe, rule: FishRule) -> dict[str, Tally]:
    """Return the nuclei of a specimen by class for every reader, in the order of the sheet."""
    readers: dict[str, dict[SignalClass, dict[NucleusSignals, int]]] = {}
    for count in counts:
        class_, found = _classified(count.pattern, probe.red, rule.normal_fusions)
        of_class = readers.setdefault(count.reader, {}).setdefault(class_, {})
        of_class[found] = of_class.get(found, 0) + count.nuclei
    return {reader: _tally(signals) for reader, signals in readers.items()}


def joined(tallies: Sequence[Tally]) -> Tally:
    """Return the nuclei of all readers together."""
    if len(tallies) == 1:
        return tallies[0]
    signals: dict[SignalClass, dict[NucleusSignals, int]] = {}
    for tally in tallies:
        for class_, found in tally.signals.items():
            of_class = signals.setdefault(class_, {})
            for one, n in found.items():
                of_class[one] = of_class.get(one, 0) + n
    return _tally(signals)


def _tally(signals: Mapping[SignalClass, Mapping[NucleusSignals, int]]) -> Tally:
    classes = {class_: sum(of_class.values()) for class_, of_class in signals.items()}
    dropped = classes.pop(SignalClass.UNINTERPRETABLE, 0)
    return Tally(classes=classes, signals=signals, n_scored=sum(classes.values()), n_dropped=dropped)


@lru_cache(maxsize=4096)
def _classified(pattern: Pattern, red: End, normal_fusions: int) -> tuple[SignalClass, NucleusSignals]:
    found = signals_of(pattern, red=red)
    return classify_nucleus(found, dim=pattern.dim, normal_fusions=normal_fusions), found


def patterns_of(tally: Tally) -> tuple[FishPattern, ...]:
    """Return the nuclei of every pattern, class by class, the commonest of a class first."""
    return tuple(
        _pattern(class_, signals, n, tally.n_scored)
        for class_ in (*_REPORTED, SignalClass.UNINTERPRETABLE)
        for signals, n in sorted(tally.signals.get(class_, {}).items(), key=lambda item: (-item[1], item[0]))
    )


@lru_cache(maxsize=65_536)
def _pattern(class_: SignalClass, signals: NucleusSignals, n: int, n_scored: int) -> FishPattern:
    scored = class_ is not SignalClass.UNINTERPRETABLE and n_scored > 0
    return FishPattern(
        class_=class_.value,
        fusions=signals.fusions,
        isolated_3prime=signals.isolated_3prime,
        isolated_5prime=signals.isolated_5prime,
        n=n,
        percent=100.0 * n / n_scored if scored else None,
    )


def assess(tally: Tally, cutoffs: Mapping[str, Cutoff], rule: FishRule) -> tuple[FishClass, ...]:
    """Return every class with its share and interval in percent; none where no nucleus was scored."""
    if not tally.n_scored:
        return ()
    total, confidence = tally.n_scored, rule.interval_confidence
    return tuple(
        [
            _assessed(class_, tally.classes.get(class_, 0), total, cutoffs.get(class_), confidence)
            for class_ in _REPORTED
        ]
    )


@lru_cache(maxsize=65_536)
def _interval(n: int, total: int, confidence: float) -> Interval:
    return clopper_pearson(n, total, confidence=confidence)


@lru_cache(maxsize=65_536)
def _assessed(class_: SignalClass, n: int, total: int, cutoff: Cutoff | None, confidence: float) -> FishClass:
    interval = _interval(n, total, confidence)
    return FishClass(
        class_=class_.value,
        n=n,
        percent=100.0 * n / total,
        ci_low=100.0 * interval.low,
        ci_high=100.0 * interval.high,
        cutoff=cutoff.percent if cutoff else None,
        abnormal=cutoff is not None and n >= cutoff.min_positive(total),
    )
