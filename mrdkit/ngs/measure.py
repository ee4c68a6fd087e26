"""Measures the targets of one sample: templates, quantities, the sample's value, new candidates. No verdict.

The value of the sample is the highest among the targets whose sensitivity bin, in the calibration file, is
good enough; a target with a worse or unstated bin is measured and shown, but does not drive it. Source:
facts on clonoSEQ tracking; `reference/ngs/tracking.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.criteria import candidates_of
from mrdkit.ngs.denominator import Denominator, denominator
from mrdkit.ngs.evolution import Found as EvolutionFound
from mrdkit.ngs.evolution import evolved_in
from mrdkit.ngs.matching import Matches, match_targets
from mrdkit.ngs.options import TrackingOptions
from mrdkit.ngs.quantity import (
    Scale,
    discordant_targets,
    evolved_clone,
    limits_of,
    tracked_target,
    upper_limit,
)
from mrdkit.ngs.realignment import found_elsewhere
from mrdkit.ngs.rules import NgsRules, TrackingRule
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.sequences import SequenceTable
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.ngs.thresholds import Found, Limits, trackable_to
from mrdkit.results import EvolvedClone, NewDominant, TrackedTarget

__all__ = ["Measurement", "SampleValue", "measure"]

_NOT_TRACKABLE = -1.0  # the vendor's bin of a sequence that is not rare enough for any level


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleValue:
    """The value of a sample.

    Attributes:
        value: in the unit of the scale; None where no target may make it.
        driving: position of the target that makes it; None where nothing was found.
        quantifiable: at least the limit of quantitation; None without a value.
        upper_limit: one-sided limit as a fraction of cells, ambiguous templates included; None for plasma.
    """

    value: float | None
    driving: int | None
    quantifiable: bool | None
    upper_limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """All quantities of one sample; `found` and `tracking` are in the order of the targets.

    Attributes:
        scale: what templates are divided by; None where nothing can be.
        elsewhere_templates: of sequences that are a target only where J begins elsewhere than they say.
        detected: at least one template of a trackable target, ambiguous ones included; None where not known.
    """

    stated: Denominator
    scale: Scale | None
    matches: Matches
    found: tuple[Found, ...]
    tracking: tuple[TrackedTarget, ...]
    sample: SampleValue
    detected: bool | None
    new_dominant: tuple[NewDominant, ...]
    discordant: tuple[str, ...]
    elsewhere_templates: int
    evolution: EvolutionFound
    evolved: tuple[EvolvedClone, ...]


def measure(
    sample: NgsSample,
    targets: TargetSet,
    *,
    rules: NgsRules,
    options: TrackingOptions,
) -> Measurement:
    """Measure every dominant sequence of `targets` in a sample."""
    stated = denominator(sample, rules.cells)
    scale = _scale(sample, stated)
    table = sample.rows
    matches = match_targets(table, targets.targets, min_overlap=options.min_overlap, allowed=options.allowed)
    elsewhere = found_elsewhere(table, targets.targets, matches.matched, min_overlap=options.min_overlap)
    limits = [limits_of(one.target_id, scale, options.limits, rules.tracking) for one in targets.targets]
    found = _found(sample, targets.targets, matches, elsewhere, limits)
    tracking = tuple(
        tracked_target(target, seen, scale, options.allowed(target.locus))
        for target, seen in zip(targets.targets, found, strict=True)
    )
    trackable = [
        shown for shown, seen in zip(tracking, found, strict=True) if seen.sensitivity_bin != _NOT_TRACKABLE
    ]
    known = matches.matched | (elsewhere >= 0)
    evolution = evolved_in(table, targets.targets, targets.evolved, known, rules.evolution)
    return Measurement(
        stated=stated,
        scale=scale,
        matches=matches,
        found=found,
        tracking=tracking,
        sample=_sample_value(found, scale, options.min_bin, rules.tracking),
        detected=_detected(found, scale),
        new_dominant=_new_dominant(table, matches, evolution, scale, rules),
        discordant=discordant_targets(trackable, rules.tracking),
        elsewhere_templates=int(table.templates[elsewhere >= 0].sum()),
        evolution=evolution,
        evolved=tuple(evolved_clone(one, table, scale) for one in evolution.evolved),
    )


def _scale(sample: NgsSample, stated: Denominator) -> Scale | None:
    if sample.templates_doubtful:
        return None
    if sample.plasma_ml:
        return Scale(unit="per_ml", amount=sample.plasma_ml)
    return None if stated.cells is None else Scale(unit="per_million", amount=stated.cells)


def _found(
    sample: NgsSample,
    targets: Sequence[Target],
    matches: Matches,
    elsewhere: NDArray[np.int64],
    limits: Sequence[Limits],
) -> tuple[Found, ...]:
    templates = sample.rows.templates
    plasma = sample.compartment == "cell_free"
    return tuple(
        Found(
            name=f"{target.locus} {target.v or target.d or target.j or target.target_id}",
            templates=matches.templates[i],
            tolerant=matches.tolerant[i],
            rows=matches.rows[i],
            ambiguous=matches.ambiguous[i] + int(templates[elsewhere == i].sum()),
            sensitivity_bin=target.cell_free_sensitivity_bin if plasma else target.sensitivity_bin,
            limits=limits[i],
        )
        for i, target in enumerate(targets)
    )


def _sample_value(
    found: Sequence[Found], scale: Scale | None, min_bin: float, rule: TrackingRule
) -> SampleValue:
    able = [i for i, target in enumerate(found) if trackable_to(target.sensitivity_bin, min_bin)]
    if scale is None or not able:
        return SampleValue(value=None, driving=None, quantifiable=None, upper_limit=None)
    highest = max(able, key=lambda i: found[i].templates)
    templates = found[highest].templates
    with_ambiguous = max(found[i].templates + found[i].ambiguous for i in able)
    cellular = scale.unit == "per_million"
    return SampleValue(
        value=scale.value(templates),
        driving=highest if templates else None,
        quantifiable=templates >= found[highest].limits.loq,
        upper_limit=upper_limit(with_ambiguous, scale.amount, rule) if cellular else None,
    )


def _detected(found: Sequence[Found], scale: Scale | None) -> bool | None:
    trackable = [target for target in found if target.sensitivity_bin != _NOT_TRACKABLE]
    if any(target.templates or target.ambiguous for target in trackable):
        return True
    return False if trackable and scale else None


def _new_dominant(
    table: SequenceTable, matches: Matches, evolution: EvolutionFound, scale: Scale | None, rules: NgsRules
) -> tuple[NewDominant, ...]:
    """List every candidate that is no target, with the criteria that it fails, most templates first."""
    cells = scale.amount if scale and scale.unit == "per_million" else None
    evolved = {one.row: one.target.target_id for one in evolution.evolved}
    candidates = candidates_of(table, cells, rules.dominance)
    return tuple(
        NewDominant(
            locus=candidate.locus,
            like_group=candidate.like_group,
            sequence=candidate.sequence,
            v=candidate.v,
            d=candidate.d,
            j=candidate.j,
            templates=candidate.templates,
            fraction_of_group=candidate.fraction_of_group,
            fraction_of_cells=candidate.fraction_of_cells,
            dominant=not candidate.failed_criteria,
            failed_criteria=candidate.failed_criteria,
            evolved_from=evolved.get(candidate.row),
        )
        for candidate in sorted(candidates, key=lambda one: (-one.templates, one.locus, one.sequence))
        if not matches.matched[candidate.row]
    )
