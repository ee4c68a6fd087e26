"""A study's folder as values: its configuration, its tables, and every problem met in reading them.

Only study.toml, subjects.csv and one source of results are required. A table that cannot be read at all makes
the study unusable, but for those of FISH counts and karyotypes, which fail alone; a row that cannot be read
is a warning and the others are used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from mrdkit.errors import InputError
from mrdkit.files import sha256_of
from mrdkit.patient.records import Assessment, BloodCount, Event, ExternalResult, Subject
from mrdkit.patient.tables import (
    ReadRows,
    RowError,
    read_assessments,
    read_blood_counts,
    read_events,
    read_external_results,
    read_subjects,
)
from mrdkit.results import Specimen
from mrdkit.study.config import STUDY_FILE, StudyConfig, read_config
from mrdkit.study.manifest import MANIFEST, Manifest, read_manifest
from mrdkit.study.problems import Problem, problem_of
from mrdkit.study.specimens import (
    FISH_COUNTS,
    KARYOTYPES,
    Item,
    RefusedItem,
    read_fish_items,
    read_karyotype_items,
)

__all__ = ["ASSESSMENTS", "BLOOD_COUNTS", "EVENTS", "EXTERNAL", "SUBJECTS", "Study", "load_study"]

SUBJECTS = "subjects.csv"
EVENTS = "events.csv"
ASSESSMENTS = "assessments.csv"
BLOOD_COUNTS = "blood_counts.csv"
EXTERNAL = "external_results.csv"

#: Tables that can hold a result; a study needs one of them.
_SOURCES = (MANIFEST, ASSESSMENTS, FISH_COUNTS, KARYOTYPES, EXTERNAL)
_ALL = (STUDY_FILE, SUBJECTS, EVENTS, BLOOD_COUNTS, *_SOURCES)

#: The code of a table that is none of its kind; what is damaged has others.
_NOT_THIS_TABLE = "COLUMN_MISSING"

T = TypeVar("T")
Items: TypeAlias = tuple[Item | RefusedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study as read.

    Attributes:
        problems: those of reading; `usable` tells whether any of them keeps the study from running.
        digests: table -> sha256 of its bytes, for every table that there is.
    """

    folder: Path
    config: StudyConfig
    subjects: ReadRows[Subject]
    events: ReadRows[Event]
    assessments: ReadRows[Assessment]
    blood_counts: ReadRows[BloodCount]
    external: ReadRows[ExternalResult]
    manifest: Manifest
    fish: Items
    karyotypes: Items
    problems: tuple[Problem, ...]
    digests: Mapping[str, str]

    @property
    def usable(self) -> bool:
        """No problem concerns the study as a whole."""
        return all(problem.severity != "error" for problem in self.problems)

    @property
    def row_errors(self) -> tuple[RowError, ...]:
        """The rows of clinical tables that could not be read."""
        return (
            *self.assessments.errors,
            *self.blood_counts.errors,
            *self.events.errors,
            *self.external.errors,
            *self.subjects.errors,
        )

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The subjects, in the order of subjects.csv."""
        return tuple(subject.subject_id for subject in self.subjects.rows)


def load_study(folder: Path) -> Study:
    """Read a study's folder; whatever is wrong with it is a problem of the study.

    Raises:
        InputError: the folder is no folder.
    """
    if not folder.is_dir():
        raise InputError(
            "there is no such folder",
            code="STUDY_MISSING",
            file=folder,
            remedy="name the folder that holds study.toml",
        )
    problems: list[Problem] = []
    config = _config(folder, problems)
    tables = _Tables(folder, problems)
    subjects = tables.rows(SUBJECTS, read_subjects, required=True)
    known = [subject.subject_id for subject in subjects.rows]
    if not any((folder / name).exists() for name in _SOURCES):
        problems.append(_no_results())
    return Study(
        folder=folder,
        config=config,
        subjects=subjects,
        events=tables.rows(EVENTS, read_events),
        assessments=tables.rows(ASSESSMENTS, read_assessments),
        blood_counts=tables.rows(BLOOD_COUNTS, read_blood_counts),
        external=tables.rows(EXTERNAL, read_external_results),
        manifest=tables.table(MANIFEST, lambda path: read_manifest(path, subjects=known)) or Manifest(),
        fish=tables.items(FISH_COUNTS, lambda path: read_fish_items(path, subjects=known)),
        karyotypes=tables.items(KARYOTYPES, lambda path: read_karyotype_items(path, subjects=known)),
        problems=tuple(problems),
        digests={name: sha256_of(folder / name) for name in sorted(_ALL) if (folder / name).is_file()},
    )


class _Tables:
    """Reads the tables of one study and keeps what is wrong with them."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self._folder = folder
        self._problems = problems

    def table(self, name: str, read: Callable[[Path], T], *, required: bool = False) -> T | None:
        """Return what one table holds, None where it is absent or cannot be read."""
        path = self._folder / name
        if not (required or path.exists()):
            return None
        try:
            return read(path)
        except InputError as error:
            self._problems.append(problem_of(error, file=name))
            return None

    def items(self, name: str, read: Callable[[Path], Items]) -> Items:
        """Return the items of a table of results; a damaged table is one refused item and stops no other."""
        try:
            return read(self._folder / name) if (self._folder / name).exists() else ()
        except InputError as error:
            if error.code == _NOT_THIS_TABLE:
                self._problems.append(problem_of(error, file=name))
                return ()
            return (RefusedItem(row=1, specimen=Specimen(), error=error),)

    def rows(self, name: str, read: Callable[[Path], ReadRows[T]], *, required: bool = False) -> ReadRows[T]:
        """Return the rows of one clinical table, with the errors of those that cannot be read."""
        found = self.table(name, read, required=required) or ReadRows(rows=())
        self._problems += [
            problem_of(item.error, file=name, subject=item.subject_id, severity="warning")
            for item in found.errors
        ]
        return found


def _config(folder: Path, problems: list[Problem]) -> StudyConfig:
    try:
        return read_config(folder)
    except InputError as error:
        problems.append(problem_of(error, file=STUDY_FILE))
    return StudyConfig(id="unknown")


def _no_results() -> Problem:
    return Problem(
        file=MANIFEST,
        row=None,
        code="NO_RESULTS",
        subject=None,
        message="the study has no source of results; expected one of " + ", ".join(_SOURCES),
        severity="error",
    )
