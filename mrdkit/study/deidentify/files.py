"""The files of laboratories that a manifest names, each cleaned by its room or left out by name.

A file that a study would refuse (another digest than declared, a damaged tube) is left out: cleaned, it would
be taken for a sound one. Its row stays and names a file that is not there, so that nothing is silently not
tested.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path

from mrdkit.errors import InputError, MrdkitError
from mrdkit.files import Table, sha256_of, write_text
from mrdkit.flow import read_fcs_datasets
from mrdkit.flow.deidentify import deidentify_file, removed_from
from mrdkit.flow.deidentify_map import Assignment
from mrdkit.ngs.sharing import share_sample
from mrdkit.study.config import StudyConfig, named_path
from mrdkit.study.deidentify.labels import (
    LABEL_UNKNOWN,
    has_unknown_labels,
    refuse_identifying_labels,
)
from mrdkit.study.deidentify.records import LeftOut, WrittenFile
from mrdkit.study.deidentify.tables import Cleaner, FileCells
from mrdkit.study.manifest import MANIFEST, Manifest, ManifestRow
from mrdkit.study.tubes import refuse_damaged
from mrdkit.tp53.coverage import coverage_bed
from mrdkit.tp53.sharing import share_variants

__all__ = ["Laboratory"]

_FILES = "files"
_SUFFIXES = {"flow_mrd": ".fcs", "ngs_mrd": ".tsv", "tp53": ".vcf"}
_NAMES = {"flow_mrd": "flow", "ngs_mrd": "ngs", "tp53": "tp53"}
_SHARED = "shared"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The rows of one file, and what it becomes."""

    source: Path
    target: str
    rows: tuple[ManifestRow, ...]

    @property
    def assay(self) -> str:
        """Assay of the file; rows of several are refused before."""
        return self.rows[0].assay

    @property
    def subjects(self) -> tuple[str, ...]:
        """Subjects of the file, in the order of its rows."""
        return tuple(dict.fromkeys(row.specimen.subject_id or "" for row in self.rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Cleans the files of one study.

    Attributes:
        folder: the study.
        out: the new study.
        cells: line of the manifest -> cells of its file; of every row that names one.
        written: in the order of the manifest.
    """

    folder: Path
    out: Path
    config: StudyConfig
    cleaner: Cleaner
    cells: dict[int, FileCells] = field(default_factory=dict)
    written: list[WrittenFile] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    coverages: dict[str, str] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    @property
    def rows(self) -> dict[str, int]:
        """Line of the manifest of each file in the new study."""
        paths = {cells.path: row for row, cells in self.cells.items()}
        return paths | {cells.coverage: row for row, cells in self.cells.items() if cells.coverage}

    def clean(self, manifest: Manifest, table: Table) -> None:
        """Write every file that can be cleaned; tubes last: they are searched for all that was removed."""
        groups = tuple(self._groups(manifest))
        for row in table.rows:
            if row.text("path"):
                self._remove_path(row.text("path"))
                self.cells[row.number] = FileCells(
                    path=self._target("none", ".missing"), sha256="", coverage=""
                )
        for refused in manifest.refused:
            self._leave_out(refused.row, "ROW_REFUSED")
        for group in groups:
            self._place(group, sha256="")
        tubes = [group for group in groups if group.assay == "flow_mrd"]
        for group in groups:
            if group not in tubes:
                self._attempt(group)
        sound = [group for group in tubes if self._collected(group)]
        for group in sound:
            self._attempt(group)

    def _groups(self, manifest: Manifest) -> Iterator[_Group]:
        by_source: dict[str, list[ManifestRow]] = {}
        for row in manifest.rows:
            self.sources.update((row.path, row.extra.get("coverage", row.path)))
            by_source.setdefault(normpath(self.folder / row.path), []).append(row)
        for source, rows in by_source.items():
            subjects = {row.specimen.subject_id or "" for row in rows}
            name = self.cleaner.key.subject(subjects.pop()) if len(subjects) == 1 else _SHARED
            stem, suffix = f"{name}_{_NAMES[rows[0].assay]}", self._suffix(rows[0].assay, Path(source))
            target = self._target(stem, suffix)
            self.cleaner.key.file(rows[0].path, target)
            yield _Group(source=Path(source), target=target, rows=tuple(rows))

    def _target(self, stem: str, suffix: str) -> str:
        self.numbers[stem] += 1
        return f"{_FILES}/{stem}_{self.numbers[stem]}{suffix}"

    def _suffix(self, assay: str, source: Path) -> str:
        packed = assay == "ngs_mrd" and _first_bytes(source) == _GZIP
        return _SUFFIXES[assay] + (".gz" if packed else "")

    def _remove_path(self, path: str) -> None:
        for part in Path(path).parts:
            self.cleaner.notes.remove("a path of manifest.csv", Path(part).stem)

    def _leave_out(self, row: int, code: str, column: str = "path") -> None:
        self.cleaner.notes.left_out.append(
            LeftOut(table=MANIFEST, row=row, column=column, code=code, decides=True)
        )

    # --- one file ----------------------------------------

    def _attempt(self, group: _Group) -> None:
        """Write one file, or leave it out by name."""
        target = self.out / group.target
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._check(group)
            flags = self._write(group, target)
        except (MrdkitError, OSError) as error:
            target.unlink(missing_ok=True)
            code = error.code if isinstance(error, MrdkitError) else "FILE_UNREADABLE"
            for row in group.rows:
                self._leave_out(row.row, code)
            return
        self.written.append(WrittenFile(path=group.target, assay=group.assay, flags=flags))
        self._place(group, sha256=sha256_of(target))

    def _check(self, group: _Group) -> None:
        named_path(self.folder, group.rows[0].path)
        if group.source.exists() and not group.source.is_file():
            raise InputError("the path is no regular file", code="FILE_UNREADABLE")
        assays = {row.assay for row in group.rows}
        several = len(group.subjects) > 1 and group.assay == "flow_mrd"
        if several or len(assays) > 1:
            raise InputError(
                "one file is of several subjects or assays",
                code="FILE_SHARED",
                remedy="give one file per subject and assay",
            )
        declared = {row.sha256 for row in group.rows if row.sha256}
        if declared and declared != {sha256_of(group.source)}:
            raise InputError("the file is not the one that the manifest declares", code="SHA256_MISMATCH")

    def _write(self, group: _Group, target: Path) -> tuple[str, ...]:
        match group.assay:
            case "flow_mrd":
                return self._tube(group, target)
            case "ngs_mrd":
                self._sequences(group, target)
            case _:
                self._variants(group, target)
        return ()

    def _sequences(self, group: _Group, target: Path) -> None:
        notes = self.cleaner.notes
        found = share_sample(group.source, target, rename=lambda name: self.cleaner.label("sample", name))
        for value in sorted(found.identifying):
            notes.remove("a sequence table", value)
        for value in sorted(found.others):
            notes.remove("a sequence table", value, strict=False)

    def _variants(self, group: _Group, target: Path) -> None:
        notes = self.cleaner.notes
        found = share_variants(
            group.source,
            target,
            rename=self.cleaner.label,
            build=self.config.tp53.build,
            samples=tuple(row.sample for row in group.rows if row.sample),
        )
        for value in sorted(found.samples):
            notes.remove("a sample of a variant file", value)
        for value in sorted(found.texts):
            notes.remove("the header of a variant file", value, strict=False)

    def _collected(self, group: _Group) -> bool:
        """Take what is to be removed from a tube; tell whether it can be cleaned at all."""
        notes = self.cleaner.notes
        try:
            self._check(group)
            datasets = read_fcs_datasets(group.source)
            for dataset in datasets:
                refuse_damaged(dataset)
            refuse_identifying_labels(datasets, self.cleaner.policy.scan)
            removed = removed_from(group.source, self._assignment(group), self.cleaner.policy.scan)
        except (MrdkitError, OSError) as error:
            code = error.code if isinstance(error, MrdkitError) else "FILE_UNREADABLE"
            for row in group.rows:
                self._leave_out(row.row, code)
            return False
        notes.removed.update(dict.fromkeys(removed))
        return True

    def _tube(self, group: _Group, target: Path) -> tuple[str, ...]:
        policy, removed = self.cleaner.policy.scan, tuple(self.cleaner.notes.removed)
        found = deidentify_file(group.source, self._assignment(group), target.parent, policy, also=removed)
        unknown = has_unknown_labels(read_fcs_datasets(target), policy)
        return (*found.flags, *((LABEL_UNKNOWN,) if unknown else ()))

    def _assignment(self, group: _Group) -> Assignment:
        (subject,) = group.subjects
        key = self.cleaner.key
        return Assignment(
            subject_id=subject,
            pseudonym=key.subject(subject),
            output_name=Path(group.target).name,
            date_shift_days=key.shift(subject),
        )

    # --- what the manifest says ----------------------------------------

    def _place(self, group: _Group, *, sha256: str) -> None:
        for row in group.rows:
            self.cells[row.row] = FileCells(
                path=group.target,
                sha256=sha256 if row.sha256 else "",
                coverage=self._coverage(row, group),
            )

    def _coverage(self, row: ManifestRow, group: _Group) -> str:
        """Return the path of a row's coverage in the new study; the file is written once."""
        named = row.extra.get("coverage", "")
        if not named or row.assay != "tp53":
            return ""
        if named not in self.coverages:
            self.coverages[named] = self._written_coverage(row, named, group)
        return self.coverages[named]

    def _written_coverage(self, row: ManifestRow, named: str, group: _Group) -> str:
        self._remove_path(named)
        target = self._target(Path(group.target).stem + "_coverage", ".bed")
        self.cleaner.key.file(named, target)
        try:
            write_text(self.out / target, coverage_bed(named_path(self.folder, named)))
        except MrdkitError as error:
            self._leave_out(row.row, error.code, "coverage")
        return target


def _first_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(len(_GZIP))
    except OSError:
        return b""
