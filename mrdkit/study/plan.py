"""What is to be done for a study: one entry per manifest row, FISH specimen and karyotype, in a fixed order.

An entry that cannot be worked on is a failure from the start. The blanks of a panel share one job.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.results import Specimen
from mrdkit.study.config import named_path, rule_of
from mrdkit.study.keys import Keys
from mrdkit.study.load import Study
from mrdkit.study.manifest import MANIFEST, ManifestRow, RefusedRow
from mrdkit.study.plan_flow import FlowPlanner, Targeted
from mrdkit.study.specimens import FISH_COUNTS, KARYOTYPES, Item, RefusedItem
from mrdkit.study.tasks import (
    CalibrationTask,
    Failure,
    FishTask,
    KaryotypeTask,
    Task,
    Tp53Task,
    TrackingTask,
    failure_of,
)

__all__ = ["Entry", "Job", "plan_study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A task and the digest that names its answer."""

    key: str
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of run.json before it is done.

    Attributes:
        table: the table that names the item, and its line there.
        path: file relative to the study; the table itself where the item stands in it.
        sha256: digest of that file, None where it cannot be read.
        work: the job, or why there is none.
    """

    table: str
    row: int
    path: str
    sha256: str | None
    assay: str
    specimen: Specimen
    role: str | None
    replicate: str | None
    work: Job | Failure


def plan_study(study: Study, targeted: Targeted, *, backgrounds: Path = Path()) -> tuple[Entry, ...]:
    """Return every entry of a study: the manifest's in its order, then FISH, then karyotypes.

    Args:
        study: the study.
        targeted: tells the antigens that a subject's earlier therapy was aimed at.
        backgrounds: folder that background files are written into.
    """
    return tuple(_Planner(study, targeted, backgrounds).entries())


class _Planner:
    """Plans one study."""

    def __init__(self, study: Study, targeted: Targeted, backgrounds: Path) -> None:
        self._study = study
        named = dict.fromkeys(row.path for row in study.manifest.rows)
        self._keys = Keys(path for path in map(self._path_or_none, named) if path is not None)
        self._flow = FlowPlanner(
            study, targeted, digest_of=self._digest_of, key_of=self._keys.key_of, folder=backgrounds
        )

    def entries(self) -> Iterator[Entry]:
        manifest = self._study.manifest
        by_row = {row.row: self._file_entry(row) for row in manifest.rows}
        by_row |= {row.row: _refused_entry(row) for row in manifest.refused}
        yield from (by_row[number] for number in sorted(by_row))
        yield from (self._table_entry(FISH_COUNTS, "fish", item) for item in self._study.fish)
        yield from (self._table_entry(KARYOTYPES, "karyotype", item) for item in self._study.karyotypes)

    def _path_or_none(self, relative: str) -> Path | None:
        try:
            return named_path(self._study.folder, relative)
        except InputError:
            return None

    def _digest_of(self, row: ManifestRow) -> str:
        """Return the digest of a row's file; it must be the one that the manifest declares."""
        found = self._keys.digest_of(named_path(self._study.folder, row.path))
        _check_digest(row, found)
        return found

    def _file_entry(self, row: ManifestRow) -> Entry:
        found: str | None = None
        work: Job | Failure
        try:
            path = named_path(self._study.folder, row.path)
            found = self._keys.digest_of(path)
            _check_digest(row, found)
            task = self._file_task(row, path)
            work = Job(key=self._keys.key_of(task), task=task)
        except InputError as error:
            work = failure_of(error, file=row.path)
        return Entry(
            table=MANIFEST,
            row=row.row,
            path=row.path,
            sha256=found,
            assay=row.assay,
            specimen=row.specimen,
            role=row.role,
            replicate=row.replicate or None,
            work=work,
        )

    def _file_task(self, row: ManifestRow, path: Path) -> Task:
        match row.assay:
            case "flow_mrd":
                return self._flow.task(row)
            case _ if row.role == "blank":
                raise InputError(
                    f"assay {row.assay} has no blanks",
                    code="BLANK_NOT_SUPPORTED",
                    remedy="remove the row, or correct its assay or role",
                )
            case "ngs_mrd" if row.role == "diagnosis":
                return CalibrationTask(specimen=row.specimen, path=path)
            case "ngs_mrd":
                return TrackingTask(
                    specimen=row.specimen,
                    path=path,
                    calibrations=self._calibrations(row),
                    options=self._study.config.ngs,
                )
            case "tp53":
                return self._tp53(row, path)

    def _tp53(self, row: ManifestRow, path: Path) -> Tp53Task:
        folder, options = self._study.folder, self._study.config.tp53
        coverage = row.extra.get("coverage")
        return Tp53Task(
            specimen=row.specimen,
            path=path,
            sample=row.sample,
            options=options,
            policy=rule_of(folder, "tp53_policies", options.policy) if options.policy else None,
            coverage=named_path(folder, coverage) if coverage else None,
            karyotype=self._karyotype_of_visit(row.specimen),
        )

    def _karyotype_of_visit(self, specimen: Specimen) -> str | None:
        found = [
            other.what
            for other in self._study.karyotypes
            if isinstance(other, Item)
            and (other.specimen.subject_id, other.specimen.visit) == (specimen.subject_id, specimen.visit)
        ]
        return found[0] if len(found) == 1 else None

    def _calibrations(self, row: ManifestRow) -> tuple[Path, ...]:
        """Return the calibration files of the subject that are not later than the row, earliest first."""
        day = row.specimen.collected_on or date.max
        found = [
            (other.specimen.collected_on or date.min, other.row, named_path(self._study.folder, other.path))
            for other in self._study.manifest.rows
            if (other.assay, other.role) == ("ngs_mrd", "diagnosis")
            and other.specimen.subject_id == row.specimen.subject_id
            and (other.specimen.collected_on or date.min) <= day
        ]
        if not found:
            raise InputError(
                "the subject has no calibration (ID) file up to this day, so that nothing can be tracked",
                code="NO_DIAGNOSIS_FILE",
                remedy="add its row with assay ngs_mrd and role diagnosis",
            )
        return tuple(path for _, _, path in sorted(found))

    def _table_entry(self, table: str, assay: str, item: Item | RefusedItem) -> Entry:
        path = self._study.folder / table
        work: Job | Failure
        try:
            if isinstance(item, RefusedItem):
                raise item.error
            task = self._fish(item, path) if table == FISH_COUNTS else self._karyotype(item, path)
            work = Job(key=self._keys.key_of(task), task=task)
        except InputError as error:
            work = failure_of(error, file=table)
        return Entry(
            table=table,
            row=item.row,
            path=table,
            sha256=self._keys.digest_of(path),
            assay=assay,
            specimen=item.specimen,
            role=None,
            replicate=None,
            work=work,
        )

    def _fish(self, item: Item, path: Path) -> FishTask:
        config, folder = self._study.config, self._study.folder
        if not config.probes or not config.cutoffs:
            raise InputError(
                "FISH counts need the laboratory's probes and cut-offs",
                code="PROBES_MISSING" if not config.probes else "CUTOFFS_MISSING",
                remedy='name them in study.toml: probes = "probes.toml", cutoffs = "cutoffs.toml"',
            )
        karyotypes = [
            other.what
            for other in self._study.karyotypes
            if isinstance(other, Item) and other.specimen.specimen_id == item.specimen.specimen_id
        ]
        return FishTask(
            specimen=item.specimen,
            path=path,
            probe_id=item.what,
            probes=named_path(folder, config.probes),
            cutoffs=named_path(folder, config.cutoffs),
            karyotype=karyotypes[0] if len(karyotypes) == 1 else None,
        )

    def _karyotype(self, item: Item, path: Path) -> KaryotypeTask:
        """Plan one karyotype; a clone that an earlier specimen had is recognised in a single metaphase."""
        day = item.specimen.collected_on
        earlier = [
            other.what
            for other in self._study.karyotypes
            if isinstance(other, Item)
            and other.specimen.subject_id == item.specimen.subject_id
            and day is not None
            and (other.specimen.collected_on or date.max) < day
        ]
        return KaryotypeTask(specimen=item.specimen, path=path, text=item.what, earlier=tuple(earlier))


def _check_digest(row: ManifestRow, found: str) -> None:
    if row.sha256 and row.sha256 != found:
        raise InputError(
            "the file is not the one that the manifest declares",
            code="SHA256_MISMATCH",
            expected=f"sha256 {row.sha256}",
            found=found,
            remedy="find the right file, or correct the manifest",
        )


def _refused_entry(row: RefusedRow) -> Entry:
    return Entry(
        table=MANIFEST,
        row=row.row,
        path=row.path,
        sha256=None,
        assay=row.assay,
        specimen=Specimen(subject_id=row.subject_id or None, visit=row.visit or None),
        role=None,
        replicate=None,
        work=failure_of(row.error, file=row.path),
    )
