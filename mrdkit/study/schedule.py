"""In which order tasks are done: what makes a background before what needs it.

A background is done when its file is as it was written; what needs one that failed fails with it. A panel
with a target gate is called without a background where too few of its blanks could be used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from mrdkit.errors import InputError
from mrdkit.files import sha256_of
from mrdkit.study.backgrounds import BLANKS_TOO_FEW
from mrdkit.study.execute import Analyse, Finished, execute
from mrdkit.study.ledger import Ledger
from mrdkit.study.manifest import MANIFEST
from mrdkit.study.plan import Entry, Job
from mrdkit.study.tasks import BackgroundTask, DiagnosisTask, Failure, FlowTask, Limits, Task, decode_outcome

__all__ = ["Progress", "no_progress", "remove_other_backgrounds", "work_through"]

#: Called with the number of tasks; hands out what is called after each finished one.
Progress: TypeAlias = Callable[[int], AbstractContextManager[Callable[[], None]]]

_NOT_MADE = "BACKGROUND_NOT_MADE"


def no_progress(_: int) -> AbstractContextManager[Callable[[], None]]:
    """Show nothing."""
    return nullcontext(lambda: None)


def work_through(
    plan: Sequence[Entry],
    ledger: Ledger,
    analyse: Analyse,
    processes: int,
    progress: Progress,
    *,
    force: bool,
) -> Mapping[str, Finished]:
    """Do the tasks that the ledger does not have, and write each down as it is finished."""
    entries = {entry.work.key: entry for entry in plan if isinstance(entry.work, Job)}
    tasks = {entry.work.key: entry.work.task for entry in plan if isinstance(entry.work, Job)}
    done = frozenset() if force else _done(tasks, ledger)
    todo = {key: task for key, task in tasks.items() if key not in done}
    finished: dict[str, Finished] = {}
    with progress(len(todo)) as advance:
        while todo:
            for item in _stage(_taken(todo), ledger, analyse, processes):
                answer = _checked(entries[item.key], item.answer)
                if isinstance(answer, Failure):
                    ledger.record_failure(item.key, answer)
                else:
                    ledger.record(item.key, answer)
                finished[item.key] = item
                advance()
    return finished


def remove_other_backgrounds(folder: Path, plan: Iterable[Entry]) -> None:
    """Remove the background files of earlier runs that the plan neither writes nor reads."""
    tasks = [entry.work.task for entry in plan if isinstance(entry.work, Job)]
    named = {task.output.resolve() for task in tasks if isinstance(task, BackgroundTask | DiagnosisTask)}
    named |= {limits.path.resolve() for limits in map(_limits, tasks) if limits is not None}
    for path in folder.glob("*.json"):
        if path.resolve() not in named:
            path.unlink()


def _done(tasks: Mapping[str, Task], ledger: Ledger) -> frozenset[str]:
    return frozenset(key for key in ledger.done(tasks) if _is_whole(tasks[key], ledger.content(key)))


def _is_whole(task: Task, content: bytes | None) -> bool:
    """Tell whether the file that a task wrote is still there as written; other tasks write none."""
    if not isinstance(task, BackgroundTask | DiagnosisTask) or content is None:
        return True
    made = decode_outcome(content).made
    return made is None or made.sha256 == _digest_or_none(task.output)


def _digest_or_none(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except InputError:
        return None


def _taken(todo: dict[str, Task]) -> dict[str, Task]:
    """Take the tasks out of `todo` that wait for none of it."""
    ready = {key: task for key, task in todo.items() if _needed(task) not in todo}
    for key in ready:
        del todo[key]
    return ready


def _limits(task: Task) -> Limits | None:
    return task.background if isinstance(task, FlowTask | DiagnosisTask) else None


def _needed(task: Task) -> str | None:
    """Return the key of the task whose background this one needs."""
    limits = _limits(task)
    return None if limits is None else limits.key


def _stage(tasks: Mapping[str, Task], ledger: Ledger, analyse: Analyse, processes: int) -> Iterator[Finished]:
    """Do tasks that wait for nothing; those whose background was not made fail at once."""
    prepared = {key: _prepared(task, ledger) for key, task in tasks.items()}
    for key, found in prepared.items():
        if isinstance(found, Failure):
            yield Finished(key=key, answer=found, seconds=0.0)
    able = {key: found for key, found in prepared.items() if not isinstance(found, Failure)}
    yield from execute(able, analyse, workers=processes)


def _prepared(task: Task, ledger: Ledger) -> Task | Failure:
    key = _needed(task)
    if key is None:
        return task
    content = ledger.content(key)
    if content is None:
        return _not_made(ledger.failure(key))
    made = decode_outcome(content).made
    if made is None or made.lack is None:
        return task
    return _without_background(task) or made.lack


def _without_background(task: Task) -> FlowTask | None:
    """Return the task of a panel with a target gate without a background, None for any other."""
    match task:
        case FlowTask(background=Limits(kind="gate")):
            return replace(task, background=None)
        case _:
            return None


def _not_made(failure: Failure | None) -> Failure:
    """Return the failure of what needs a background whose making failed; the first cause stands in it."""
    if failure is None:
        raise RuntimeError("a background has neither outcome nor failure")
    if failure.code in (_NOT_MADE, BLANKS_TOO_FEW):
        return failure
    place = f"{failure.place}: " if failure.place else ""
    return Failure(
        code=_NOT_MADE,
        place=None,
        reason=f"the background that it needs was not made: {place}{failure.reason} ({failure.code})",
    )


def _checked(entry: Entry, answer: bytes | Failure) -> bytes | Failure:
    """Refuse the answer of a file that changed between planning and reading."""
    if isinstance(answer, Failure) or entry.table != MANIFEST:
        return answer
    for call in decode_outcome(answer).calls:
        if entry.sha256 not in {item.sha256 for item in call.evidence.inputs}:
            return Failure(
                code="FILE_CHANGED",
                place=None,
                reason="the file changed while the study was running; run again",
            )
    return answer
