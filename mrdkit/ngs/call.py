"""Makes the MRD call of one follow-up sample: its value, its status at each threshold, and why.

The aggregation over targets is a named rule, written to the call with the target that drives it. No file is
read or written here. Source: facts on clonoSEQ calls; `reference/ngs/tracking.toml`.
"""

from collections.abc import Mapping
from dataclasses import replace

from mrdkit.errors import InputError
from mrdkit.ngs.findings import findings_of
from mrdkit.ngs.measure import Measurement, measure
from mrdkit.ngs.options import TrackingOptions, tracking_options
from mrdkit.ngs.rules import NgsRules
from mrdkit.ngs.sample import NgsSample
from mrdkit.ngs.targets import TargetSet
from mrdkit.ngs.thresholds import ThresholdCall, call_thresholds, not_evaluable
from mrdkit.results import Evidence, InputDigest, NgsMrdCall, Specimen
from mrdkit.version import __version__

__all__ = ["track"]


def track(
    sample: NgsSample,
    targets: TargetSet,
    *,
    specimen: Specimen,
    rules: NgsRules,
    options: TrackingOptions | None = None,
) -> NgsMrdCall:
    """Return the MRD call of one follow-up sample.

    Args:
        sample: the follow-up sample.
        targets: calibration of the same subject.
        specimen: whose material this is; without a subject id, that of the targets is taken.
        rules: from `load_rules`.
        options: from `tracking_options`; the rule's where not given.

    Raises:
        InputError: the targets belong to another subject.
    """
    options = options or tracking_options(rules.tracking)
    owner = _owner(specimen, targets)
    measured = measure(sample, targets, rules=rules, options=options)
    thresholds = _thresholds(targets, measured, rules)
    findings = findings_of(sample, targets, measured, rules.tracking, options)
    per_ml = sample.compartment == "cell_free"
    value, driving = measured.sample.value, measured.sample.driving
    sentences = dict.fromkeys(call.reason for call in thresholds.values())
    return NgsMrdCall(
        specimen=owner,
        sample_id=sample.sample_id,
        compartment=sample.compartment,
        cells=measured.stated.cells,
        cells_source=measured.stated.source,
        plasma_ml=sample.plasma_ml,
        tracking=measured.tracking,
        mrd_per_million=None if per_ml else value,
        mrd_per_ml=value if per_ml else None,
        driving_target=None if driving is None else measured.tracking[driving].target_id,
        aggregation=f"maximum_of_targets_with_sensitivity_bin_at_most_{options.min_bin:g}",
        detected=measured.detected,
        quantifiable=measured.sample.quantifiable,
        upper_limit=measured.sample.upper_limit,
        status={name: call.status for name, call in thresholds.items()},
        log_reduction=None if driving is None else measured.tracking[driving].log_reduction,
        new_dominant=measured.new_dominant,
        evolved=measured.evolved,
        discordant_targets=measured.discordant,
        flags=tuple(dict.fromkeys(code for code, _ in findings)),
        reasons=(*sentences, *(sentence for _, sentence in findings)),
        evidence=_evidence(sample, targets, rules),
    )


def _owner(specimen: Specimen, targets: TargetSet) -> Specimen:
    if specimen.subject_id is None:
        return replace(specimen, subject_id=targets.subject_id)
    if specimen.subject_id != targets.subject_id:
        raise InputError(
            "the targets belong to another subject than the sample",
            code="SUBJECT_MISMATCH",
            remedy="calibrate with a sample of this subject",
        )
    return specimen


def _thresholds(targets: TargetSet, measured: Measurement, rules: NgsRules) -> Mapping[str, ThresholdCall]:
    if not targets.targets:
        return not_evaluable("Not evaluable: there is no target to track.")
    if measured.scale is None:
        return not_evaluable("Not evaluable: there is no denominator.")
    if measured.scale.unit == "per_ml":
        return not_evaluable("Not evaluable at thresholds per cell: the sample is cell-free.")
    return call_thresholds(measured.found, measured.scale.amount, rules.tracking)


def _evidence(sample: NgsSample, targets: TargetSet, rules: NgsRules) -> Evidence:
    return Evidence(
        inputs=(InputDigest(role="followup", sha256=sample.sha256), *targets.evidence.inputs),
        rules=rules.used(),
        software_version=__version__,
    )
