"""What a reader of a sequencing call must know beside its numbers: stable codes and short sentences."""

from collections.abc import Iterator
from typing import TypeAlias

from mrdkit.ngs.measure import Measurement
from mrdkit.ngs.options import TrackingOptions
from mrdkit.ngs.rules import TrackingRule
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.sequences import NO_INDEX
from mrdkit.ngs.targets import TargetSet
from mrdkit.ngs.thresholds import trackable_to

__all__ = ["Finding", "findings_of"]

Finding: TypeAlias = tuple[str, str]

_ONE_PER_CELL = 1e6  # per million


def findings_of(
    sample: NgsSample, targets: TargetSet, measured: Measurement, rule: TrackingRule, options: TrackingOptions
) -> tuple[Finding, ...]:
    """Return code and sentence of each finding, always in this order."""
    return (
        *((warning.code, warning.message) for warning in (*sample.warnings, *measured.stated.warnings)),
        *_of_denominator(sample, targets, measured, rule),
        *_of_alignment(sample, targets, measured),
        *_of_targets(targets, measured, options.min_bin),
        *_of_limits(measured, options),
        *_of_new_sequences(measured),
        *_of_evolution(targets, measured),
    )


def _of_denominator(
    sample: NgsSample, targets: TargetSet, measured: Measurement, rule: TrackingRule
) -> Iterator[Finding]:
    if any(digest.sha256 == sample.sha256 for digest in targets.evidence.inputs):
        yield "SAME_FILE_AS_CALIBRATION", "This is the file that the targets were chosen from."
    if sample.templates_doubtful:
        yield (
            "TEMPLATES_DOUBTFUL",
            "The counts are or may be reads, not templates: no value is given.",
        )
    if targets.cells_source == "mass_6.5pg":
        yield (
            "CALIBRATION_CELLS_FROM_MASS",
            "Log reductions rest on calibration cells estimated from DNA mass.",
        )
    if sample.compartment != "cell_free":
        return
    yield (
        "CELL_FREE",
        "Plasma: templates per mL; cells in the file are residual and no threshold is called on them.",
    )
    low, high = rule.plasma_linear_templates_per_ml_at_least, rule.plasma_linear_templates_per_ml_at_most
    value = measured.sample.value
    if value and not low <= value <= high:
        yield (
            "OUTSIDE_LINEAR_RANGE",
            f"{value:.4g} per mL lies outside the linear range {low:g} to {high:g} per mL.",
        )


def _of_alignment(sample: NgsSample, targets: TargetSet, measured: Measurement) -> Iterator[Finding]:
    """Say where nothing but the right ends can be aligned, and where the first base of J is in doubt."""
    unaligned = [target for target in targets.targets if target.j_index is None or target.j_index < 0]
    if unaligned or (sample.rows.n and bool((sample.rows.anchors == NO_INDEX).all())):
        yield (
            "J_INDEX_NOT_STATED",
            "A target or the whole sample states no J index: reads that end elsewhere are not counted.",
        )
    if measured.elsewhere_templates:
        yield (
            "J_INDEX_DISAGREES",
            f"{measured.elsewhere_templates:,} templates are a target if J begins elsewhere; not counted.",
        )


def _of_targets(targets: TargetSet, measured: Measurement, min_bin: float) -> Iterator[Finding]:
    if not targets.targets:
        yield "NO_TARGETS", "The calibration found no dominant sequence to track."
        return
    unable = [target for target in measured.found if not trackable_to(target.sensitivity_bin, min_bin)]
    if len(unable) == len(measured.found):
        yield (
            "NO_TARGET_AT_MIN_BIN",
            f"No target has a sensitivity bin of {min_bin:g} or better: no sample value.",
        )
    if any(target.sensitivity_bin is None for target in measured.found):
        yield "SENSITIVITY_BIN_NOT_STATED", "The calibration file states no sensitivity bin for a target."
    for target in unable:
        if target.templates:
            yield (
                "FOUND_OUTSIDE_MIN_BIN",
                f"{target.name} has {target.templates:,} templates; its bin keeps it out of the value.",
            )
    for shown, target in zip(measured.tracking, measured.found, strict=True):
        if shown.per_million is not None and shown.per_million > _ONE_PER_CELL:
            yield (
                "MORE_THAN_ONE_COPY_PER_CELL",
                f"{target.name} exceeds one template per cell; kept as it is.",
            )
    if measured.matches.ambiguous_rows:
        yield (
            "AMBIGUOUS_TEMPLATES",
            f"{measured.matches.ambiguous_templates:,} templates fit two targets and count for neither.",
        )
    if measured.discordant:
        names = ", ".join(
            f"{target.name} ({target.templates:,})"
            for shown, target in zip(measured.tracking, measured.found, strict=True)
            if shown.target_id in measured.discordant
        )
        yield "TARGETS_DISCORDANT", f"Far below the highest target, or lost: {names}."


def _of_new_sequences(measured: Measurement) -> Iterator[Finding]:
    for new in measured.new_dominant:
        if new.dominant:
            name = f"{new.locus} {new.v or new.d or new.j or 'unnamed'} ({new.templates:,} templates)"
            yield (
                "NEW_DOMINANT",
                f"{name} meets all criteria, but is no target.",
            )


def _of_limits(measured: Measurement, options: TrackingOptions) -> Iterator[Finding]:
    unit = measured.scale.unit if measured.scale else None
    other = [shown for shown in measured.tracking if _unit_of(shown.target_id, options) not in {None, unit}]
    if unit and other:
        yield (
            "LIMIT_UNIT_DIFFERS",
            f"Limits of {len(other)} target(s) are in another unit than {unit}; the rule's are used.",
        )


def _unit_of(target_id: str, options: TrackingOptions) -> str | None:
    limit = options.limits.get(target_id)
    return limit.unit if limit else None


def _of_evolution(targets: TargetSet, measured: Measurement) -> Iterator[Finding]:
    unassessed = [target for target in targets.targets if target.locus == "IGH" and target.stem_start is None]
    if unassessed:
        yield (
            "EVOLUTION_NOT_ASSESSED",
            f"{len(unassessed)} IGH target(s) state too little of D: sub-clones are not searched for.",
        )
    if measured.evolved:
        templates = sum(clone.templates for clone in measured.evolved)
        yield (
            "EVOLVED_CLONES",
            f"{templates:,} templates are of sub-clones (a target's stem, another V); no part of the value.",
        )
    if measured.evolution.ambiguous_rows:
        yield (
            "EVOLUTION_AMBIGUOUS",
            f"{measured.evolution.ambiguous_templates:,} templates share a stem but are not seen beyond it.",
        )
