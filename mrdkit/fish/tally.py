"""How many nuclei each class has, with exact intervals, and which classes are over their own cut-off.

Patterns of the same class are added; classes are never added together. Nuclei without any signal leave the
denominator and are counted apart. Source: project decision on CRLF2 break-apart FISH.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mrdkit.fish.classes import PRECEDENCE, NucleusSignals, SignalClass, classify_nucleus, signals_of
from mrdkit.fish.counts import PatternCount
from mrdkit.fish.limits import Cutoff
from mrdkit.fish.probes import Probe
from mrdkit.fish.rules import FishRule
from mrdkit.results import FishClass, FishPattern
from mrdkit.stats import clopper_pearson

__all__ = ["Tally", "assess", "patterns_of", "tally_nuclei"]

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


def tally_nuclei(counts: Iterable[PatternCount], probe: Probe, rule: FishRule) -> Tally:
    """Return the nuclei of a specimen by class."""
    classes: Counter[SignalClass] = Counter()
    signals: dict[SignalClass, Counter[NucleusSignals]] = {}
    for count in counts:
        found = signals_of(count.pattern, red=probe.red)
        class_ = classify_nucleus(found, dim=count.pattern.dim, normal_fusions=rule.normal_fusions)
        classes[class_] += count.nuclei
        signals.setdefault(class_, Counter())[found] += count.nuclei
    dropped = classes.pop(SignalClass.UNINTERPRETABLE, 0)
    return Tally(classes=classes, signals=signals, n_scored=classes.total(), n_dropped=dropped)


def patterns_of(tally: Tally) -> tuple[FishPattern, ...]:
    """Return the nuclei of every pattern, class by class, the commonest of a class first."""
    return tuple(
        _pattern(class_, signals, n, tally.n_scored)
        for class_ in (*_REPORTED, SignalClass.UNINTERPRETABLE)
        for signals, n in sorted(tally.signals.get(class_, {}).items(), key=lambda item: (-item[1], item[0]))
    )


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
    return tuple(_assessed(class_, tally, cutoffs.get(class_), rule) for class_ in _REPORTED)


def _assessed(class_: SignalClass, tally: Tally, cutoff: Cutoff | None, rule: FishRule) -> FishClass:
    n, total = tally.classes.get(class_, 0), tally.n_scored
    interval = clopper_pearson(n, total, confidence=rule.interval_confidence)
    return FishClass(
        class_=class_.value,
        n=n,
        percent=100.0 * n / total,
        ci_low=100.0 * interval.low,
        ci_high=100.0 * interval.high,
        cutoff=cutoff.percent if cutoff else None,
        abnormal=cutoff is not None and n >= cutoff.min_positive(total),
    )
