"""What is to be done for a study: one entry per manifest row, FISH specimen and karyotype, in a fixed order.

An entry that cannot be worked on is a failure from the start. A job's key is the digest of all that its
answer depends on: the bytes of its inputs (a follow-up's calibration file included), its parameters, the
rules that it names and the software's version. Same key, same answer.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TypeAlias

from mrdkit import reference
from mrdkit.errors import InputError
from mrdkit.files import sha256_of, unreadable
from mrdkit.results import Json, Specimen, as_json
from mrdkit.store import digest_of
from mrdkit.study.config import named_path, rule_of
from mrdkit.study.load import Study
from mrdkit.study.manifest import MANIFEST, ManifestRow, RefusedRow
from mrdkit.study.specimens import FISH_COUNTS, KARYOTYPES, Item, RefusedItem
from mrdkit.study.tasks import (
    CalibrationTask,
    Failure,
    FishTask,
    FlowTask,
    KaryotypeTask,
    Task,
    Tp53Task,
    TrackingTask,
    failure_of,
)
from mrdkit.version import __version__

__all__ = ["Entry", "Job", "Targeted", "plan_study"]

#: Subject and day of collection -> antigens that earlier therapy was aimed at; no day means any day.
Targeted: TypeAlias = Callable[[str, date | None], tuple[str, ...]]

_HASHERS = 4  # threads; hashing waits for the disk


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


def plan_study(study: Study, targeted: Targeted) -> tuple[Entry, ...]:
    """Return every entry of a study: the manifest's in its order, then FISH, then karyotypes."""
    return tuple(_Planner(study, targeted).entries())


class _Planner:
    """Plans one study; every file is hashed once."""

    def __init__(self, study: Study, targeted: Targeted) -> None:
        self._study = study
        self._targeted = targeted
        self._digests: dict[Path, str | Failure] = {}

    def entries(self) -> Iterator[Entry]:
        manifest = self._study.manifest
        self._hash_all()
        by_row = {row.row: self._file_entry(row) for row in manifest.rows}
        by_row |= {row.row: _refused_entry(row) for row in manifest.refused}
        yield from (by_row[number] for number in sorted(by_row))
        yield from (self._table_entry(FISH_COUNTS, "fish", item) for item in self._study.fish)
        yield from (self._table_entry(KARYOTYPES, "karyotype", item) for item in self._study.karyotypes)

    def _hash_all(self) -> None:
        named = dict.fromkeys(row.path for row in self._study.manifest.rows)
        paths = [path for path in map(self._path_or_none, named) if path is not None]
        with ThreadPoolExecutor(_HASHERS) as pool:
            self._digests.update(zip(paths, pool.map(_digest_or_failure, paths), strict=True))

    def _path_or_none(self, relative: str) -> Path | None:
        try:
            return named_path(self._study.folder, relative)
        except InputError:
            return None

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = _digest_or_failure(path)
        found = self._digests[path]
        if isinstance(found, Failure):
            raise InputError(found.reason, code=found.code, file=path)
        return found

    def _file_entry(self, row: ManifestRow) -> Entry:
        found: str | None = None
        work: Job | Failure
        try:
            path = named_path(self._study.folder, row.path)
            found = self._digest(path)
            _check_digest(row, found)
            task = self._file_task(row, path)
            work = Job(key=self._key(task), task=task)
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
        if row.role == "blank":
            raise InputError(
                "files of blanks are not supported yet",
                code="BLANK_NOT_SUPPORTED",
                remedy="remove the row; limits of blank from own blanks come with a later version",
            )
        match row.assay:
            case "flow_mrd":
                return self._flow(row, path)
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

    def _flow(self, row: ManifestRow, path: Path) -> FlowTask:
        panel = row.panel or self._study.config.panel
        if not panel:
            raise InputError(
                "no panel is named for this file",
                code="PANEL_MISSING",
                remedy="name one in the column panel, or as panel in study.toml",
            )
        return FlowTask(
            specimen=row.specimen,
            path=path,
            panel=rule_of(self._study.folder, "panels", panel),
            sample=row.sample,
            targeted=self._targeted(row.specimen.subject_id or "", row.specimen.collected_on),
        )

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
        )

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
            work = Job(key=self._key(task), task=task)
        except InputError as error:
            work = failure_of(error, file=table)
        return Entry(
            table=table,
            row=item.row,
            path=table,
            sha256=self._digest(path),
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

    def _key(self, task: Task) -> str:
        parts = {field.name: self._part(field.name, getattr(task, field.name)) for field in fields(task)}
        return digest_of({"task": type(task).__name__, "version": __version__, **parts})

    def _part(self, name: str, value: object) -> Json:
        """Return a task's field as JSON: a path as its file's digest, a shipped rule with its text's."""
        match value:
            case Path():
                return self._digest(value)
            case tuple():
                return [self._part(name, item) for item in value]
            case str() if name in _RULE_KINDS:
                text = reference.text(_RULE_KINDS[name], f"{value}.toml")
                return [value, hashlib.sha256(text.encode("utf-8")).hexdigest()]
            case _:
                return as_json(value)


#: Field of a task that names a shipped rule -> the kind of rule.
_RULE_KINDS = {"panel": "panels", "policy": "tp53_policies"}


def _check_digest(row: ManifestRow, found: str) -> None:
    if row.sha256 and row.sha256 != found:
        raise InputError(
            "the file is not the one that the manifest declares",
            code="SHA256_MISMATCH",
            expected=f"sha256 {row.sha256}",
            found=found,
            remedy="find the right file, or correct the manifest",
        )


def _digest_or_failure(path: Path) -> str | Failure:
    try:
        if path.exists() and not path.is_file():
            return Failure(code="FILE_UNREADABLE", place=None, reason="the path is no regular file")
        return sha256_of(path)
    except OSError as error:
        return failure_of(unreadable(path, error), file=path.name)
    except InputError as error:
        return failure_of(error, file=path.name)


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
