"""Tasks on several processes: what fails is named, what kills its process is found out, nothing else stops.

Processes are spawned, so that no thread or open file of the parent is shared, and they leave when the parent
does, however it ended.
"""

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TypeAlias

from mrdkit.errors import MrdkitError
from mrdkit.study.tasks import Failure, Outcome, Task, encode_outcome, failure_of

__all__ = ["Analyse", "Finished", "execute"]

Analyse: TypeAlias = Callable[[Task], Outcome]

_DIED = Failure(
    code="WORKER_DIED",
    place=None,
    reason="the process that worked on this item ended without an answer; check the memory of the machine",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One finished task: its key, its encoded outcome or its failure, and the seconds it took."""

    key: str
    answer: bytes | Failure
    seconds: float


def execute(tasks: Mapping[str, Task], analyse: Analyse, *, workers: int) -> Iterator[Finished]:
    """Do every task and yield it as it is finished, in no particular order.

    Args:
        tasks: key -> task.
        analyse: does one task; a function of a module, so that a process can import it.
        workers: processes at the same time, at least 1.
    """
    waiting = dict(tasks)
    while waiting:
        for finished in _until_broken(dict(waiting), analyse, workers):
            del waiting[finished.key]
            yield finished
        # One of those under way ended its process: each is tried alone, which tells which one.
        for key in list(waiting)[:workers]:
            answers = list(_until_broken({key: waiting.pop(key)}, analyse, 1))
            yield from answers or [Finished(key=key, answer=_DIED, seconds=0.0)]


def _until_broken(tasks: Mapping[str, Task], analyse: Analyse, workers: int) -> Iterator[Finished]:
    """Yield finished tasks until all are, or until a process dies: then at most `workers` were under way.

    Tasks are handed out in order, so those under way are the first ones that were not yielded.
    """
    waiting = iter(tasks.items())
    running: dict[Future[tuple[bytes | Failure, float]], str] = {}
    pool = ProcessPoolExecutor(min(workers, len(tasks)), get_context("spawn"), initializer=_begin)
    try:
        while True:
            for key, task in waiting:
                running[pool.submit(_work, analyse, task)] = key
                if len(running) >= workers:
                    break
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                answer, seconds = future.result()
                yield Finished(key=running.pop(future), answer=answer, seconds=seconds)
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Prepare a worker: the parent alone answers Ctrl-C, and no worker outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _work(analyse: Analyse, task: Task) -> tuple[bytes | Failure, float]:
    """Do one task in a worker; whatever it raises is an answer."""
    start = time.perf_counter()
    try:
        answer: bytes | Failure = encode_outcome(analyse(task))
    except MrdkitError as error:
        answer = failure_of(error, file=task.path.name)
    except MemoryError:
        answer = Failure(
            code="OUT_OF_MEMORY", place=None, reason="the machine has too little memory for this item"
        )
    except Exception as error:  # noqa: BLE001 - a bug in one item must not stop the others
        answer = _bug(error)
    return answer, time.perf_counter() - start


def _bug(error: Exception) -> Failure:
    """Name an unexpected exception by kind and origin; its text may hold what a file says of a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    origin = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "an unknown place"
    reason = f"unexpected {type(error).__name__} in {origin}; this is a bug, report it with the file's format"
    return Failure(code="INTERNAL_ERROR", place=None, reason=reason)
