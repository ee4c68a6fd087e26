"""A sequencing call in the words of its report: the headline, the cells that a negative needs, the material.

How many cells a negative at the deepest threshold needs follows from the confidence of the tracking rule that
made the call; a call of another rule says it in its own reasons. Source of the clearance: `reference/mrd`.
"""

from functools import cache

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.ngs.rules import TrackingRule, load_rules
from mrdkit.patient.specimens import MARROW, material_of
from mrdkit.report.wording import NOTHING, count, decimal, fraction
from mrdkit.results import THRESHOLDS_NGS, NgsMrdCall, TrackedTarget
from mrdkit.stats import zero_count_upper_limit

__all__ = ["cells_needed", "lod_with_source", "ngs_level", "specimen_note", "trackable"]

_DEEPEST = min(THRESHOLDS_NGS, key=lambda name: THRESHOLDS_NGS[name])


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ClearanceRule(Rule):
    """Of which material the assay is cleared in ALL; see `reference/mrd/sequencing_clearance.toml`."""

    all_materials: tuple[str, ...]
    document: str


def ngs_level(call: NgsMrdCall) -> str:
    """Return the headline of a sequencing call."""
    if call.detected is None:
        return "Not evaluable"
    if not call.detected:
        below = "" if call.upper_limit is None else _below(call.upper_limit)
        return f"Not detected{below}"
    quantity = "" if call.quantifiable else ", not quantifiable"
    if call.mrd_per_million is not None:
        return f"{decimal(call.mrd_per_million)} per million cells{quantity}"
    if call.mrd_per_ml is not None:
        return f"{decimal(call.mrd_per_ml)} per mL{quantity}"
    return "Detected; without a denominator there is no level"


def cells_needed(call: NgsMrdCall) -> str:
    """Return how many cells a negative at the deepest threshold needs, and how many there are."""
    rule = _tracking_rule()
    used = {(each.id, each.version) for each in call.evidence.rules}
    if call.compartment == "cell_free" or (rule.id, rule.version) not in used:
        return ""
    threshold, confidence = THRESHOLDS_NGS[_DEEPEST], rule.lod_confidence
    needed = zero_count_upper_limit(1.0, confidence=confidence) / threshold
    wanted = f"Negative at {_DEEPEST} needs {count(needed)} cells without a template"
    if call.cells is None or call.cells <= 0.0:
        return f"{wanted}; the cells of this sample are not known."
    enough = zero_count_upper_limit(call.cells, confidence=confidence) < threshold
    return f"{wanted}; this sample has {count(call.cells)}: {'enough' if enough else 'too few'}."


def specimen_note(call: NgsMrdCall) -> str:
    """Return the note beside material for which the assay is not cleared in ALL; empty for marrow."""
    rule, material = _clearance_rule(), material_of(call.specimen.specimen_type)
    if call.compartment == "cell_free" and material == MARROW:
        material = "plasma"
    if material in rule.all_materials:
        return ""
    cleared = ", ".join(rule.all_materials)
    return f"In ALL the assay is cleared for {cleared} ({rule.document}); this specimen is {material}."


def lod_with_source(target: TrackedTarget) -> str:
    """Return a target's limit of detection and where it comes from."""
    if target.lod is None:
        return NOTHING
    return f"{decimal(target.lod)} ({target.lod_source or 'source not stated'})"


def trackable(target: TrackedTarget) -> str:
    """Return the smallest level that a sequence is rare enough for."""
    if target.sensitivity_bin is None:
        return "not stated"
    return fraction(target.sensitivity_bin) if target.sensitivity_bin > 0.0 else "not trackable"


@cache
def _tracking_rule() -> TrackingRule:
    return load_rules().tracking


@cache
def _clearance_rule() -> ClearanceRule:
    return read_rule("mrd", "sequencing_clearance", ClearanceRule)


def _below(limit: float) -> str:
    return f"; the disease is below {fraction(limit)} with 95 % confidence"
