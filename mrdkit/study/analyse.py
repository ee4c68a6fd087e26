"""Where a study meets the assay rooms: a task in, an outcome out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import numpy as np

from mrdkit.errors import InputError, UsageError
from mrdkit.files import sha256_of
from mrdkit.fish import (
    CountSheet,
    RefusedSpecimen,
    SpecimenCounts,
    call_fish,
    read_counts,
    read_cutoffs,
    read_fish_rule,
    read_probes,
)
from mrdkit.flow import (
    Assessment,
    FcsDataset,
    Panel,
    assess_flow_mrd,
    gate_views,
    qc_strip,
    quality_report,
    read_panel,
    read_quality_rules,
)
from mrdkit.karyotype import call_karyotype, items_known_from, read_karyotype_rule
from mrdkit.ngs import calibrate, load_rules, merge_targets, read_sample, track, tracking_options
from mrdkit.patient.second_hit import second_hit_of
from mrdkit.report import Figure, density_figure, strip_figure
from mrdkit.results import InputDigest, Specimen
from mrdkit.store import Picture
from mrdkit.study.backgrounds import make_background, make_for_patient, read_limits
from mrdkit.study.tasks import (
    BackgroundTask,
    CalibrationTask,
    DiagnosisTask,
    FishTask,
    FlowTask,
    KaryotypeTask,
    Note,
    Outcome,
    Task,
    Tp53Task,
    TrackingTask,
)
from mrdkit.study.tubes import read_tube
from mrdkit.tp53 import AnnotatedVcf, SecondHit, annotate_vcf, call_tp53, load_policy, read_coverage

__all__ = ["analyse", "rule_errors"]

#: Errors whose text lists the samples of a file.
_LONGEST_NAME = 100  # characters of an instrument
_SAMPLE_CODES = frozenset({"SAMPLE_AMBIGUOUS", "SAMPLE_UNKNOWN"})

#: Flags of a calibration that nobody has to look at.
_AS_EXPECTED = frozenset({"VENDOR_TAGS_AGREE"})


def analyse(task: Task) -> Outcome:
    """Do one task.

    Raises:
        MrdkitError: an input cannot be read or is refused.
    """
    match task:
        case BackgroundTask() | DiagnosisTask() | FlowTask():
            return _flow(task)
        case CalibrationTask():
            return _calibration(task)
        case TrackingTask():
            return _tracking(task)
        case Tp53Task():
            return _tp53(task)
        case FishTask():
            return _fish(task)
        case KaryotypeTask():
            return _karyotype(task)
        case _:
            assert_never(task)


def rule_errors(tasks: Iterable[Task]) -> tuple[InputError, ...]:
    """Read every rule file that the tasks name, each once, and return what is wrong with them."""
    readers = dict.fromkeys(reader for task in tasks for reader in _rules_of(task))
    return tuple(error for read, rule in readers if (error := _error_of(read, rule)) is not None)


def _rules_of(task: Task) -> tuple[tuple[Callable[..., object], str | Path], ...]:
    match task:
        case FlowTask() | BackgroundTask() | DiagnosisTask():
            return ((read_panel, task.panel),)
        case Tp53Task():
            return ((load_policy, task.policy),) if task.policy else ()
        case FishTask():
            return ((read_probes, task.probes), (read_cutoffs, task.cutoffs))
        case _:
            return ()


def _error_of(read: Callable[..., object], rule: str | Path) -> InputError | None:
    try:
        read(rule)
    except InputError as error:
        return error.in_file(rule)
    return None


def _flow(task: BackgroundTask | DiagnosisTask | FlowTask) -> Outcome:
    match task:
        case BackgroundTask():
            return make_background(task)
        case DiagnosisTask():
            return make_for_patient(task)
        case FlowTask():
            return _flow_mrd(task)


def _flow_mrd(task: FlowTask) -> Outcome:
    panel = read_panel(task.panel)
    dataset = read_tube(task.path, task.sample)
    made = assess_flow_mrd(
        dataset,
        panel,
        specimen=task.specimen,
        targeted=frozenset(task.targeted),
        background=None if task.background is None else read_limits(task.background, panel),
    )
    pictures = tuple(_pictures(dataset, panel, made, task.specimen.specimen_id or ""))
    return Outcome(calls=(made.call,), pictures=pictures, instrument=_instrument(dataset))


def _instrument(dataset: FcsDataset) -> str | None:
    """Return the cytometer that the file names, where it is a name that can stand in a table."""
    name = (dataset.cytometer or "").strip()
    return name if name.isprintable() and 0 < len(name) <= _LONGEST_NAME else None


def _pictures(dataset: FcsDataset, panel: Panel, made: Assessment, specimen_id: str) -> Iterator[Picture]:
    """Yield what a reader sees of a tube: its quality, then its gating where it could be gated."""
    rules = read_quality_rules()
    strip = qc_strip(dataset, quality_report(dataset, rules), rules)
    yield _picture(strip_figure(strip, specimen_id=specimen_id, input_sha256=dataset.sha256))
    if made.gating is None:
        return
    target = np.zeros(dataset.n_events, dtype=np.bool_) if made.target is None else made.target
    visible = made.call.detection.visible_gates if made.call.detection else ()
    for view in gate_views(dataset, panel, made.gating, target, visible):
        yield _picture(density_figure(view, specimen_id=specimen_id, input_sha256=dataset.sha256))


def _picture(figure: Figure) -> Picture:
    return Picture(
        specimen_id=figure.specimen_id,
        input_sha256=figure.input_sha256,
        section=figure.section,
        name=figure.name,
        title=figure.title,
        caption=figure.caption,
        png=figure.png,
    )


def _calibration(task: CalibrationTask) -> Outcome:
    subject_id = task.specimen.subject_id or ""
    found = calibrate(read_sample(task.path), subject_id=subject_id, rules=load_rules())
    notes = tuple(
        Note(code=flag, message=reason)
        for flag, reason in zip(found.flags, found.reasons, strict=True)
        if flag not in _AS_EXPECTED
    )
    return Outcome(notes=notes)


def _tracking(task: TrackingTask) -> Outcome:
    rules = load_rules()
    subject_id = task.specimen.subject_id or ""
    sets = [calibrate(read_sample(path), subject_id=subject_id, rules=rules) for path in task.calibrations]
    call = track(
        read_sample(task.path),
        merge_targets(sets, rules.dominance),
        specimen=task.specimen,
        rules=rules,
        options=tracking_options(
            rules.tracking,
            min_overlap=task.options.min_overlap,
            min_bin=task.options.min_bin,
            max_mismatch=task.options.max_mismatch,
        ),
    )
    return Outcome(calls=(call,))


def _tp53(task: Tp53Task) -> Outcome:
    policy = load_policy(task.policy or "default")
    annotated = _annotated(task)
    call = call_tp53(
        annotated,
        policy,
        specimen=task.specimen,
        coverage=read_coverage(task.coverage, annotated.build) if task.coverage else None,
        assume_covered=task.options.assume_covered,
        second_hit=_second_hit(task.karyotype),
    )
    # The column's name in the file may be the patient's; only the name that the manifest gives is kept.
    return Outcome(calls=(replace(call, sample=task.sample or None),))


def _second_hit(karyotype: str | None) -> SecondHit | None:
    """Return what the visit's karyotype says of the other allele; one that cannot be read fails by itself."""
    if karyotype is None:
        return None
    call = call_karyotype(karyotype, specimen=Specimen(), rule=read_karyotype_rule())
    return second_hit_of(call)


def _annotated(task: Tp53Task) -> AnnotatedVcf:
    """Annotate the row's sample; an error names no other sample of the file, they may be patients' names."""
    try:
        return annotate_vcf(task.path, build=task.options.build, sample=task.sample or None)
    except UsageError as error:
        if error.code not in _SAMPLE_CODES:
            raise
        raise InputError(
            error.what,
            code=error.code,
            place="column sample",
            found=repr(task.sample[:40]) if task.sample else None,
            remedy="name the row's sample as the file does, in the column sample of manifest.csv",
        ) from None


def _fish(task: FishTask) -> Outcome:
    sheet = read_counts(task.path)
    counts = _counts_of(sheet, task)
    probes, cutoffs = read_probes(task.probes), read_cutoffs(task.cutoffs)
    karyotype = (
        call_karyotype(task.karyotype, specimen=task.specimen, rule=read_karyotype_rule())
        if task.karyotype
        else None
    )
    call = call_fish(
        counts,
        probes.probe(counts.probe_id),
        cutoffs,
        rule=read_fish_rule(),
        inputs=(sheet.digest, InputDigest(role="fish_probes", sha256=probes.sha256)),
        karyotype=karyotype,
    )
    return Outcome(calls=(call,))


def _counts_of(sheet: CountSheet, task: FishTask) -> SpecimenCounts:
    for found in sheet.specimens:
        match found:
            case RefusedSpecimen(specimen_id=name, probe_id=probe, error=error):
                if (name, probe) == (task.specimen.specimen_id, task.probe_id):
                    raise error
            case _ if (found.specimen, found.probe_id) == (task.specimen, task.probe_id):
                return found
    raise InputError("the table has no counts of this specimen", code="SPECIMEN_MISSING", file=task.path)


def _karyotype(task: KaryotypeTask) -> Outcome:
    rule = read_karyotype_rule()
    earlier = [call_karyotype(text, specimen=task.specimen, rule=rule) for text in task.earlier]
    known = items_known_from(earlier)
    inputs = (InputDigest(role="karyotypes", sha256=sha256_of(task.path)),)
    call = call_karyotype(task.text, specimen=task.specimen, rule=rule, known_items=known, inputs=inputs)
    return Outcome(calls=(call,))
