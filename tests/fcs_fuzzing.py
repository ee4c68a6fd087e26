"""Damaged FCS files, read whole: a named error or a result, in little time and memory.

Each file is read by everything that decodes (all data sets, stored and linear values, single columns). A
finding is any other exception than a named error, more than 2 s of CPU time, or more memory at a time than
four times the file and 4 MiB. The file under test lies at the place of findings, so a crash leaves it behind.
"""

import argparse
import faulthandler
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fcs_mutation import made_seeds, mutated, real_seeds

from mrdkit.errors import MrdkitError
from mrdkit.flow import read_fcs_datasets

__all__ = ["FindingError", "fuzz", "try_file"]

MOST_SECONDS = 2.0
MOST_TIMES_THE_FILE = 4
ROOM = 4 * 2**20  # bytes; a block of text or bits at a time
HANGS = 60.0  # seconds, after which the run is given up


class FindingError(AssertionError):
    """A file for which the reader does not do what it promises."""


def try_file(path: Path) -> str:
    """Read everything in a file; return the code of the named error, or "read".

    Raises:
        FindingError: any promise was broken.
    """
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    begin = time.process_time()
    try:
        outcome = _read(path)
    except MrdkitError as error:
        outcome = error.code
    except Exception as error:
        raise FindingError(f"{type(error).__name__}: {error}") from error
    seconds = time.process_time() - begin
    memory = tracemalloc.get_traced_memory()[1] - before
    if seconds > MOST_SECONDS:
        raise FindingError(f"{seconds:.1f} s")
    if memory > MOST_TIMES_THE_FILE * path.stat().st_size + ROOM:
        raise FindingError(f"{memory} bytes of memory for a file of {path.stat().st_size}")
    return outcome


def _read(path: Path) -> str:
    for dataset in read_fcs_datasets(path):
        shape = (dataset.n_events, len(dataset.channels))
        stored = dataset.stored()
        assert stored.shape == dataset.linear().shape == shape
        last = shape[1] - 1
        assert np.array_equal(dataset.stored_columns([last])[0], stored[:, last], equal_nan=True)
        assert len(dataset.linear_columns([0])[0]) == dataset.n_events
    return "read"


def fuzz(seeds: Sequence[bytes], path: Path, *, seed: int, runs: int, until: float = np.inf) -> Counter[str]:
    """Read damaged files; count the outcomes. A run follows from `seed` and its number alone.

    Args:
        seeds: valid files.
        path: where each file is written, and where the one of a finding stays.
        seed: of all random choices.
        runs: at most so many files.
        until: end no later, on the clock of `time.monotonic`.

    Raises:
        FindingError: any promise was broken; the message names the run.
    """
    outcomes: Counter[str] = Counter()
    tracemalloc.start()
    try:
        for run in range(runs):
            if time.monotonic() >= until:
                break
            path.write_bytes(mutated(seeds, np.random.default_rng([seed, run])))
            try:
                outcomes[try_file(path)] += 1
            except FindingError as finding:
                raise FindingError(f"seed {seed}, run {run}: {finding}") from finding
    finally:
        tracemalloc.stop()
    path.unlink(missing_ok=True)
    return outcomes


def main() -> int:
    """Fuzz for some time; return 1 on a finding."""
    parser = argparse.ArgumentParser(description="read damaged FCS files")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--finding", type=Path, default=Path("fuzz-finding.fcs"), help="its bytes")
    options = parser.parse_args()
    seeds = [*made_seeds(), *real_seeds()]
    begin, outcomes, seed = time.monotonic(), Counter[str](), options.seed
    until = begin + options.seconds
    try:
        while time.monotonic() < until:
            faulthandler.dump_traceback_later(HANGS, exit=True)
            outcomes += fuzz(seeds, options.finding, seed=seed, runs=1000, until=until)
            seed += 1
    except FindingError as finding:
        sys.stdout.write(f"FINDING in {options.finding}: {finding}\n")
        return 1
    finally:
        faulthandler.cancel_dump_traceback_later()
    runs, seconds = outcomes.total(), time.monotonic() - begin
    sys.stdout.write(
        f"{runs} files of {len(seeds)} seeds in {seconds:.0f} s, {runs / seconds:.0f} per second\n"
    )
    for outcome, count in outcomes.most_common():
        sys.stdout.write(f"{count:9d} {outcome}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
