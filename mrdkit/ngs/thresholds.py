"""Status at each threshold: positive, negative with proof of sensitivity, indeterminate, or not evaluable.

Positive: the point estimate reaches the threshold. Negative: it does not, and the sample could have shown it:
with 0 templates the one-sided upper limit lies below the threshold, with more the limit of detection does not
exceed it. Neither: indeterminate. A target speaks at a threshold only where its sequence is rare enough, that
is where its sensitivity bin is at most the threshold. Source: clonoSEQ calls; `reference/ngs/tracking.toml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrdkit.ngs.rules import TrackingRule
from mrdkit.results import THRESHOLDS_NGS, MrdStatus

__all__ = ["Found", "Limits", "ThresholdCall", "call_thresholds", "not_evaluable", "trackable_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of detection and quantitation of one sequence, in templates, and who says so."""

    lod: float
    loq: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a sample holds of one target.

    Attributes:
        name: how the target is called in a sentence.
        templates: exact matches of this target alone.
        tolerant: the same with the substitutions that were allowed; an annotation.
        rows: sequences behind the exact matches.
        ambiguous: templates that match another target as well, or only where J begins elsewhere; they count
            for none.
        sensitivity_bin: smallest level the sequence is trackable to, -1 not trackable, None not stated.
        limits: of the sequence.
    """

    name: str
    templates: int
    tolerant: int
    rows: int
    ambiguous: int
    sensitivity_bin: float | None
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdCall:
    """Status at one threshold and the sentence that explains it."""

    status: MrdStatus
    reason: str


def trackable_to(sensitivity_bin: float | None, level: float) -> bool:
    """Tell whether a sequence is known to be rare enough to be believed at `level`."""
    return sensitivity_bin is not None and 0.0 < sensitivity_bin <= level


def not_evaluable(reason: str) -> dict[str, ThresholdCall]:
    """Return the same outcome for every threshold."""
    call = ThresholdCall(status=MrdStatus.NOT_EVALUABLE, reason=reason)
    return dict.fromkeys(THRESHOLDS_NGS, call)


def call_thresholds(found: Sequence[Found], cells: float, rule: TrackingRule) -> dict[str, ThresholdCall]:
    """Return the call at every threshold of sequencing, the highest threshold first.

    Args:
        found: every tracked target, at least one.
        cells: nucleated cells of the sample, above 0.
        rule: limits of detection.
    """
    calls: dict[str, ThresholdCall] = {}
    for name, threshold in THRESHOLDS_NGS.items():
        able = [target for target in found if trackable_to(target.sensitivity_bin, threshold)]
        calls[name] = _after_higher(name, calls, _call(name, threshold, able, cells, rule))
    return calls


def _call(
    name: str, threshold: float, able: Sequence[Found], cells: float, rule: TrackingRule
) -> ThresholdCall:
    if not able:
        return ThresholdCall(
            status=MrdStatus.INDETERMINATE,
            reason=f"At {name}: indeterminate, no target has a sensitivity bin of {name} or better.",
        )
    highest = max(able, key=lambda target: target.templates)
    seen = f"{highest.templates:,} templates in {cells:,.0f} cells"
    if highest.templates / cells >= threshold:
        reason = f"At {name}: positive, {seen} ({highest.name}) are {highest.templates / cells:.3g}."
        return ThresholdCall(status=MrdStatus.POSITIVE, reason=reason)
    with_ambiguous = max(target.templates + target.ambiguous for target in able)
    worst = max((target.limits for target in able), key=lambda limits: limits.lod)
    bound = _bound(highest.templates, threshold, cells, worst, rule)
    if not _excludes(highest.templates, threshold, cells, worst, rule):
        reason = f"At {name}: indeterminate, {seen}; {bound}."
        return ThresholdCall(status=MrdStatus.INDETERMINATE, reason=reason)
    if not _excludes(with_ambiguous, threshold, cells, worst, rule):
        reason = f"At {name}: indeterminate, {seen}, but {with_ambiguous:,} with ambiguous ones."
        return ThresholdCall(status=MrdStatus.INDETERMINATE, reason=reason)
    return ThresholdCall(status=MrdStatus.NEGATIVE, reason=f"At {name}: negative, {seen}; {bound}.")


def _excludes(templates: int, threshold: float, cells: float, limits: Limits, rule: TrackingRule) -> bool:
    """Tell whether this many templates prove that the sample is below the threshold."""
    from mrdkit.stats import zero_count_upper_limit

    if templates == 0:
        return zero_count_upper_limit(cells, confidence=rule.lod_confidence) < threshold
    return templates / cells < threshold and limits.lod / cells <= threshold


def _bound(templates: int, threshold: float, cells: float, limits: Limits, rule: TrackingRule) -> str:
    from mrdkit.stats import zero_count_upper_limit

    if templates == 0:
        limit = zero_count_upper_limit(cells, confidence=rule.lod_confidence)
        needed = limit * cells / threshold
        which = f"the one-sided {100 * rule.lod_confidence:g} % upper limit is {limit:.3g}"
    else:
        needed = limits.lod / threshold
        which = f"the limit of detection ({limits.source}) is {limits.lod / cells:.3g}"
    return f"{which}; needs {needed:,.0f} cells, has {cells:,.0f}"


def _after_higher(name: str, higher: Mapping[str, ThresholdCall], call: ThresholdCall) -> ThresholdCall:
    """Never say negative below a threshold at which the sample is positive."""
    positive = [at for at, other in higher.items() if other.status is MrdStatus.POSITIVE]
    if call.status is not MrdStatus.NEGATIVE or not positive:
        return call
    return ThresholdCall(
        status=MrdStatus.INDETERMINATE,
        reason=f"At {name}: indeterminate, positive at {positive[0]} by a target whose sensitivity bin is "
        f"worse than {name}; the others do not reach it.",
    )
