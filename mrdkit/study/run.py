"""Run a study: read, check, plan, do what is not done yet, then write everything out from the ledger.

What is written depends on the ledger and the tables only, never on the order in which tasks finished, on the
clock or on this machine: the same study gives the same tables, reports and database.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrdkit.errors import InputError, UsageError
from mrdkit.files import write_text, writing_to
from mrdkit.results import as_json
from mrdkit.store import check_address
from mrdkit.study.analyse import analyse as analyse_file
from mrdkit.study.answers import Answer, FileResult, file_result
from mrdkit.study.assemble import targeted_by
from mrdkit.study.check import problems_of
from mrdkit.study.execute import Analyse, Finished
from mrdkit.study.ledger import Ledger, open_ledger
from mrdkit.study.load import load_study
from mrdkit.study.plan import Entry, Job, plan_study
from mrdkit.study.problems import Problem
from mrdkit.study.publish import BACKGROUNDS, Summary, Target, publish, remove_partial_files
from mrdkit.study.schedule import Progress, no_progress, remove_other_backgrounds, work_through
from mrdkit.study.tasks import Failure, Outcome, decode_outcome

__all__ = ["RUN_FILE", "RunReport", "run_study"]

RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What run.json says: every entry of the plan, and the counts of the whole run."""

    files: tuple[FileResult, ...]
    summary: Summary


def run_study(
    folder: Path,
    out: Path,
    *,
    workers: int | None = None,
    db: str | None = None,
    reason: str | None = None,
    user: str | None = None,
    force: bool = False,
    analyse: Analyse = analyse_file,
    progress: Progress = no_progress,
) -> RunReport:
    """Run the study in `folder` and write its results into `out`.

    Args:
        folder: the study.
        out: output folder, made where it is absent; it keeps the ledger of finished tasks.
        workers: processes at the same time; as many as the machine has processors where not given.
        db: address of an external database that results are added to, instead of OUT/results.sqlite.
        reason: why values that the external database has change; without one a change is refused.
        user: who adds them to it; the name of the account where not given.
        force: do every task again, and replace the results of another study in `out`.
        analyse: does one task.
        progress: is told of each finished task.

    Raises:
        InputError: the study cannot be run; the message names its first problem.
        UsageError: an argument is out of range, or `out` cannot be written, holds another study's results,
            or another run writes there.
        StoreError: the external database refuses.
    """
    processes = _processes(workers)
    if db is not None:
        check_address(db)
    study = load_study(folder)
    plan = plan_study(study, targeted_by(study), backgrounds=out / BACKGROUNDS)
    problems = problems_of(study, plan)
    _refuse_unusable(folder, problems)
    if not force:
        _refuse_other_study(out, study.config.id)
    with writing_to(out), open_ledger(out) as ledger:
        remove_partial_files(out)
        finished = work_through(plan, ledger, analyse, processes, progress, force=force)
        remove_other_backgrounds(out / BACKGROUNDS, plan)
        answers = tuple(_answers(plan, ledger, finished))
        summary = publish(out, study, answers, problems, target=Target(db=db, reason=reason, user=user))
        report = RunReport(files=tuple(file_result(answer) for answer in answers), summary=summary)
        document = json.dumps(as_json(report), ensure_ascii=False, indent=2, allow_nan=False)
        write_text(out / RUN_FILE, document + "\n")
    return report


def _processes(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise UsageError(
            "a run needs a worker", code="WORKERS_INVALID", expected="at least 1", found=str(workers)
        )
    return workers or os.cpu_count() or 1


def _refuse_unusable(folder: Path, problems: Iterable[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise InputError(
            first.message,
            code=first.code,
            file=folder / first.file,
            remedy=f"{len(errors)} problem(s) keep the study from running: mrdkit check names them",
        )


def _refuse_other_study(out: Path, study_id: str) -> None:
    """Keep a slip of the pen from replacing one study's results by another's."""
    try:
        found = json.loads((out / RUN_FILE).read_text(encoding="utf-8"))["summary"]["study_id"]
    except (OSError, ValueError, LookupError, TypeError):
        return
    if found != study_id:
        raise UsageError(
            "the folder holds the results of another study",
            code="OUTPUT_OF_OTHER_STUDY",
            file=out,
            expected=f"study {study_id}",
            found=f"study {str(found)[:100]}",
            remedy="name another folder with -o, or replace them with --force",
        )


def _answers(plan: Sequence[Entry], ledger: Ledger, finished: Mapping[str, Finished]) -> Iterator[Answer]:
    """Yield what became of each entry; those that share a task share its time."""
    sharing = Counter(entry.work.key for entry in plan if isinstance(entry.work, Job))
    for entry in plan:
        key = entry.work.key if isinstance(entry.work, Job) else ""
        seconds = finished[key].seconds / sharing[key] if key in finished else 0.0
        skipped = key in sharing and key not in finished
        yield Answer(entry=entry, result=_result(entry, ledger), skipped=skipped, seconds=seconds)


def _result(entry: Entry, ledger: Ledger) -> Outcome | Failure:
    if isinstance(entry.work, Failure):
        return entry.work
    content = ledger.content(entry.work.key)
    result = ledger.failure(entry.work.key) if content is None else decode_outcome(content)
    if result is None:
        raise RuntimeError("a task has neither outcome nor failure")
    if isinstance(result, Outcome) and result.made is not None and entry.sha256 is not None:
        return result.made.refused.get(entry.sha256, result)
    return result
