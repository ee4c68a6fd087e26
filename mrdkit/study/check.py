"""What is wrong with a study, before any file is analysed: each problem with file, row, code and subject.

Severity `error` means that the study cannot be run; with a `warning` it can, and the item fails or needs
review. The rows of all tables are compared as text, so that each problem has its line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import Row, read_table
from mrdkit.study.analyse import rule_errors
from mrdkit.study.assemble import check_criteria, targeted_by
from mrdkit.study.check_backgrounds import background_problems
from mrdkit.study.config import STUDY_FILE
from mrdkit.study.dates import date_problems
from mrdkit.study.load import ASSESSMENTS, BLOOD_COUNTS, EVENTS, EXTERNAL, SUBJECTS, Study, load_study
from mrdkit.study.manifest import MANIFEST
from mrdkit.study.plan import Entry, Job, plan_study
from mrdkit.study.problems import Problem, problem_of
from mrdkit.study.specimens import FISH_COUNTS, KARYOTYPES, unknown_subject
from mrdkit.study.tasks import Failure

__all__ = ["check_study", "problems_of"]

_TABLES = (SUBJECTS, EVENTS, ASSESSMENTS, BLOOD_COUNTS, EXTERNAL, MANIFEST, FISH_COUNTS, KARYOTYPES)
_CLINICAL = (EVENTS, ASSESSMENTS, BLOOD_COUNTS, EXTERNAL)


def check_study(folder: Path) -> tuple[Problem, ...]:
    """Return every problem of a study, sorted by file and row; an empty answer is a clean study.

    Raises:
        InputError: there is no such folder.
    """
    study = load_study(folder)
    return problems_of(study, plan_study(study, targeted_by(study)))


def problems_of(study: Study, plan: Sequence[Entry]) -> tuple[Problem, ...]:
    """Return every problem of a study that is read and planned."""
    tables = {name: _rows(study.folder / name) for name in _TABLES}
    found = (
        *study.problems,
        *_criteria(study),
        *_rules(study, plan),
        *(_planned(entry, entry.work) for entry in plan if isinstance(entry.work, Failure)),
        *background_problems(study, plan),
        *_unknown_subjects(tables, frozenset(study.subject_ids)),
        *_impossible_counts(tables[EXTERNAL]),
        *date_problems(tables),
    )
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _order(problem: Problem) -> tuple[bool, str, int, str, str]:
    return (
        problem.severity != "error",
        problem.file,
        problem.row or 0,
        problem.code,
        problem.message,
    )


def _rows(path: Path) -> tuple[Row, ...]:
    """Return the rows of a table, none where it is absent or unreadable: reading it has named that."""
    try:
        return read_table(path, required=()).rows if path.exists() else ()
    except InputError:
        return ()


def _criteria(study: Study) -> Iterator[Problem]:
    try:
        check_criteria(study)
    except InputError as error:
        yield problem_of(error, file=STUDY_FILE)


def _rules(study: Study, plan: Iterable[Entry]) -> Iterator[Problem]:
    """Name each panel, probe, cut-off or policy file that cannot be used; what needs it fails."""
    for error in rule_errors(entry.work.task for entry in plan if isinstance(entry.work, Job)):
        path = Path(error.file or STUDY_FILE)
        inside = path.is_relative_to(study.folder)
        file = path.relative_to(study.folder).as_posix() if inside else path.name
        yield problem_of(error, file=file, severity="warning")


def _planned(entry: Entry, failure: Failure) -> Problem:
    place = f"{failure.place}: " if failure.place else ""
    named = f"{entry.path}: " if entry.path != entry.table else ""
    return Problem(
        file=entry.table,
        row=entry.row,
        code=failure.code,
        subject=entry.specimen.subject_id,
        message=f"{named}{place}{failure.reason}",
        severity="warning",
    )


def _unknown_subjects(tables: Mapping[str, Iterable[Row]], known: frozenset[str]) -> Iterator[Problem]:
    for name in _CLINICAL:
        for row in tables[name]:
            subject = row.text("subject_id")
            if subject and subject not in known:
                error = unknown_subject(row)
                yield problem_of(error, file=name, row=row.number, subject=subject, severity="warning")


def _impossible_counts(rows: Iterable[Row]) -> Iterator[Problem]:
    for row in rows:
        numerator, denominator = _number(row.text("numerator")), _number(row.text("denominator"))
        if numerator is not None and denominator is not None and numerator > denominator:
            yield Problem(
                file=EXTERNAL,
                row=row.number,
                code="CLUSTER_GT_TOTAL",
                subject=row.text("subject_id") or None,
                message=f"the cluster ({numerator:g}) is larger than the total ({denominator:g})",
                severity="warning",
            )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
