"""A bad file, a bug and a killed process cost one item each; the ledger loses nothing that was finished."""

import subprocess
import sys
import time
from pathlib import Path

import fake_rooms
import pytest

from mrdkit.errors import InputError, UsageError
from mrdkit.results import Specimen
from mrdkit.study.execute import execute
from mrdkit.study.ledger import LEDGER, open_ledger
from mrdkit.study.tasks import Failure, FlowTask, Note, Outcome, Task, decode_outcome, encode_outcome


def tasks_of(folder: Path, **words: str) -> dict[str, Task]:
    tasks: dict[str, Task] = {}
    for name, word in words.items():
        path = folder / f"{name}.fcs"
        path.write_text(word, encoding="utf-8")
        specimen = Specimen(subject_id="S1", visit=name, specimen_id=name)
        tasks[name] = FlowTask(
            specimen=specimen, path=path, panel="p", sample="", targeted=(), background=None
        )
    return tasks


@pytest.mark.parametrize("workers", [1, 2])
def test_each_item_is_answered_and_no_item_stops_another(tmp_path: Path, workers: int) -> None:
    tasks = tasks_of(tmp_path, a="ok", b="bad", c="die", d="ok", e="bug", f="ok")
    answers = {item.key: item.answer for item in execute(tasks, fake_rooms.analyse, workers=workers)}
    assert answers.keys() == tasks.keys()
    for key in "adf":
        answer = answers[key]
        assert isinstance(answer, bytes)
        (call,) = decode_outcome(answer).calls
        assert call == fake_rooms.analyse(tasks[key]).calls[0]
    assert answers["b"] == Failure(code="BAD", place="byte 7", reason="the file is damaged; found 7")
    died, bug = answers["c"], answers["e"]
    assert isinstance(died, Failure)
    assert died.code == "WORKER_DIED"
    assert isinstance(bug, Failure)
    assert bug.code == "INTERNAL_ERROR"
    assert "ZeroDivisionError" in bug.reason
    assert "Jane" not in bug.reason, "an exception's text may name a patient"


def test_an_outcome_comes_back_as_it_was(tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path, a="ok").values()
    outcome = fake_rooms.analyse(task)
    whole = Outcome(
        calls=(*outcome.calls, fake_rooms.KARYOTYPE),
        pictures=outcome.pictures,
        notes=(Note(code="NO_TARGET", message="none"),),
    )
    assert decode_outcome(encode_outcome(whole)) == whole
    assert encode_outcome(decode_outcome(encode_outcome(whole))) == encode_outcome(whole)


def test_the_ledger_keeps_outcomes_and_failures_until_they_are_replaced(tmp_path: Path) -> None:
    failure = Failure(code="BAD", place=None, reason="damaged")
    with open_ledger(tmp_path) as ledger:
        ledger.record("a", b"first")
        ledger.record_failure("b", failure)
        ledger.record_failure("c", failure)
        ledger.record("c", b"repaired")
    with open_ledger(tmp_path) as ledger:
        assert ledger.done(["a", "b", "c", "d"]) == {"a", "c"}
        assert (ledger.content("a"), ledger.content("b"), ledger.content("c")) == (
            b"first",
            None,
            b"repaired",
        )
        assert ledger.failure("b") == failure
        assert ledger.failure("c") is None


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with open_ledger(tmp_path), pytest.raises(UsageError) as caught, open_ledger(tmp_path):
        pass
    assert caught.value.code == "OUTPUT_IN_USE"


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"not a database" * 100)
    with pytest.raises(InputError) as caught, open_ledger(tmp_path):
        pass
    assert caught.value.code == "LEDGER_UNREADABLE"


WRITER = """
import sys, time
from pathlib import Path
from mrdkit.study.ledger import open_ledger
with open_ledger(Path(sys.argv[1])) as ledger:
    for number in range(1_000_000):
        ledger.record(f"{number:07}", b"x" * 5000)
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_had_recorded(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    recorded = [int(writer.stdout.readline()) for _ in range(25)]
    writer.kill()
    recorded += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    with open_ledger(tmp_path) as ledger:
        keys = [f"{number:07}" for number in recorded]
        assert ledger.done(keys) == set(keys)
        assert {ledger.content(key) for key in keys} == {b"x" * 5000}


PARENT = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import fake_rooms
from mrdkit.results import Specimen
from mrdkit.study.execute import execute
from mrdkit.study.tasks import FlowTask
if __name__ == "__main__":
    path = Path(sys.argv[1])
    whose = Specimen(subject_id="S")
    task = FlowTask(specimen=whose, path=path, panel="p", sample="", targeted=(), background=None)
    quick = replace(task, path=path.with_name("quick"))
    for finished in execute({"q": quick, "s": task}, fake_rooms.analyse, workers=1):
        print(finished.key, flush=True)
"""


def test_workers_leave_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    slow = tmp_path / "slow"
    slow.write_text("slow 60", encoding="utf-8")
    (tmp_path / "quick").write_text("ok", encoding="utf-8")
    tests = str(Path(fake_rooms.__file__).parent)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(slow), tests], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "q\n"
    parent.kill()
    parent.wait()
    start = time.monotonic()
    parent.stdout.read()  # ends when the last process that holds the pipe is gone
    parent.stdout.close()
    assert time.monotonic() - start < 20
