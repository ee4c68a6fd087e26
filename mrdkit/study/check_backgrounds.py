"""What is wrong with a study's backgrounds, blanks and diagnosis tubes, beside the rows that fail by name."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.flow import read_panel
from mrdkit.study.backgrounds import blanks_too_few, enough_blanks, read_ready_background
from mrdkit.study.config import STUDY_FILE, named_path, rule_of
from mrdkit.study.load import Study
from mrdkit.study.manifest import MANIFEST
from mrdkit.study.plan import Entry, Job
from mrdkit.study.problems import Problem, problem_of
from mrdkit.study.tasks import BackgroundTask, FlowTask, Limits

__all__ = ["background_problems"]


def background_problems(study: Study, plan: Iterable[Entry]) -> Iterator[Problem]:
    """Yield the problems of ready backgrounds, of panels with too few blanks, of screenings."""
    for panel, path in study.config.backgrounds.items():
        yield from _ready(study.folder, panel, path)
    jobs = [(entry, entry.work.task) for entry in plan if isinstance(entry.work, Job)]
    for made in dict.fromkeys(task for _, task in jobs if isinstance(task, BackgroundTask)):
        if not enough_blanks(len(made.blanks)):
            error = blanks_too_few(len(made.blanks), made.panel)
            yield problem_of(error, file=MANIFEST, severity="warning")
    for entry, task in jobs:
        match task:
            case FlowTask(background=Limits(kind="screening")):
                yield _screening(entry)


def _ready(folder: Path, panel: str, path: str) -> Iterator[Problem]:
    """Name a key that is no panel, whose file would be left out unseen, and a file of another panel."""
    try:
        rule = rule_of(folder, "panels", panel)
        file = named_path(folder, path)
    except InputError as error:
        yield problem_of(error.at(f"backgrounds.{panel}"), file=STUDY_FILE)
        return
    try:
        read_ready_background(file, read_panel(rule))
    except InputError as error:
        yield problem_of(error.at(f"backgrounds.{panel}"), file=STUDY_FILE, severity="warning")


def _screening(entry: Entry) -> Problem:
    return Problem(
        file=entry.table,
        row=entry.row,
        code="DIAGNOSIS_MISSING",
        subject=entry.specimen.subject_id,
        message=(
            f"{entry.path}: the subject has no diagnosis tube of this panel up to this day; "
            "the call is a screening and excludes nothing"
        ),
        severity="warning",
    )
