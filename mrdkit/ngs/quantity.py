"""Templates become quantities: per million nucleated cells, or per millilitre of plasma, with their limits.

Interval: exact Poisson (Garwood) on the templates. A fraction may exceed one copy per cell and is never
clipped. Source: facts on clonoSEQ tracking; `reference/ngs/tracking.toml`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mrdkit.ngs.evolution import Evolved
from mrdkit.ngs.options import MeasuredLimit
from mrdkit.ngs.rules import TrackingRule
from mrdkit.ngs.sequences import SequenceTable
from mrdkit.ngs.targets import Target
from mrdkit.ngs.thresholds import Found, Limits
from mrdkit.results import EvolvedClone, TrackedTarget

__all__ = ["Scale", "discordant_targets", "evolved_clone", "limits_of", "tracked_target", "upper_limit"]

_PER_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What templates are divided by: nucleated cells, or millilitres of plasma; above 0."""

    unit: Literal["per_million", "per_ml"]
    amount: float

    def value(self, templates: float) -> float:
        """Return templates in the unit of the headline."""
        return templates / self.amount * (_PER_MILLION if self.unit == "per_million" else 1.0)


def limits_of(
    target_id: str, scale: Scale | None, measured: Mapping[str, MeasuredLimit], rule: TrackingRule
) -> Limits:
    """Return the limits of a target: measured ones in the unit of the sample, else the rule's."""
    own = measured.get(target_id)
    if own is None or scale is None or own.unit != scale.unit:
        return Limits(lod=rule.lod, loq=rule.loq, source=rule.lod_source)
    one = scale.value(1)
    return Limits(lod=own.lod / one, loq=own.loq / one, source=own.source)


def tracked_target(
    target: Target, seen: Found, scale: Scale | None, mismatches_allowed: int
) -> TrackedTarget:
    """Return one target's quantity with interval and limits, all in the unit of `scale`; null without one."""
    from mrdkit.stats import garwood

    interval = garwood(seen.templates)
    cellular = scale is not None and scale.unit == "per_million"
    return TrackedTarget(
        target_id=target.target_id,
        locus=target.locus,
        v=target.v,
        templates=seen.templates,
        templates_tolerant=seen.tolerant,
        mismatches_allowed=mismatches_allowed,
        match_rows=seen.rows,
        per_million=scale.value(seen.templates) if scale and cellular else None,
        per_ml=scale.value(seen.templates) if scale and not cellular else None,
        ci_low=scale.value(interval.low) if scale else None,
        ci_high=scale.value(interval.high) if scale else None,
        lod=scale.value(seen.limits.lod) if scale else None,
        loq=scale.value(seen.limits.loq) if scale else None,
        lod_source=seen.limits.source if scale else None,
        sensitivity_bin=seen.sensitivity_bin,
        log_reduction=_log_reduction(target, seen.templates, scale.amount) if scale and cellular else None,
    )


def evolved_clone(found: Evolved, table: SequenceTable, scale: Scale | None) -> EvolvedClone:
    """Return the quantity of one sub-clone, which is never part of the MRD value."""
    from mrdkit.stats import garwood

    templates = int(table.templates[found.row])
    interval = garwood(templates)
    cellular = scale is not None and scale.unit == "per_million"
    return EvolvedClone(
        target_id=found.target.target_id,
        clone_id=found.clone.target_id if found.clone else None,
        sequence=table.sequence(found.row),
        v=table.v.at(found.row),
        templates=templates,
        overlap=found.overlap,
        mismatches=found.mismatches,
        stem_length=found.stem_length,
        per_million=scale.value(templates) if scale and cellular else None,
        per_ml=scale.value(templates) if scale and not cellular else None,
        ci_low=scale.value(interval.low) if scale else None,
        ci_high=scale.value(interval.high) if scale else None,
    )


def upper_limit(templates: int, cells: float, rule: TrackingRule) -> float:
    """Return the one-sided upper confidence limit of the fraction."""
    from mrdkit.stats import garwood, zero_count_upper_limit

    if templates == 0:
        return zero_count_upper_limit(cells, confidence=rule.lod_confidence)
    # The upper end of a two-sided interval with twice the tail is the one-sided limit.
    return garwood(templates, confidence=2.0 * rule.lod_confidence - 1.0).high / cells


def discordant_targets(tracking: Sequence[TrackedTarget], rule: TrackingRule) -> tuple[str, ...]:
    """Return the ids of targets more than the rule's ratio below the highest, a lost one included."""
    highest = max((target.templates for target in tracking), default=0)
    ratio = rule.discordance_ratio_more_than
    return tuple(target.target_id for target in tracking if target.templates * ratio < highest)


def _log_reduction(target: Target, templates: int, cells: float) -> float | None:
    """Calibration fraction over follow-up fraction, in log10; undefined where nothing was found."""
    if not templates or not target.fraction_of_cells:
        return None
    return math.log10(target.fraction_of_cells / (templates / cells))
