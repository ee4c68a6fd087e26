"""Time to summarise a large cohort on one core: every endpoint, per group, and at a landmark.

python benchmarks/cohort.py [PATIENTS]
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from strategies.cohort import random_cohort

from mrdkit.cohort import summarize, summarize_by
from mrdkit.cohort.landmark import landmark_rows, read_landmark
from mrdkit.cohort.regression import cox_report
from mrdkit.patient.records import EventKind, PatientRecord

PATIENTS = 10_000
GOAL_SECONDS = 10.0


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def summary_times(records: Sequence[PatientRecord]) -> dict[str, float]:
    """Return the CPU time of each analysis of a cohort; the first one includes importing lifelines."""
    landmark = read_landmark("sct:122")
    return {
        "summarize": seconds(lambda: summarize(records)),
        "summarize by arm": seconds(lambda: summarize_by(records, "arm")),
        "landmark": seconds(lambda: landmark_rows(records, landmark)),
        "cox of age, TP53 and transplant": seconds(
            lambda: cox_report(records, ["age", "tp53"], time_dependent=[EventKind.SCT])
        ),
    }


def main() -> None:
    """Print how long the cohort half takes; the goal is for classifying and summarising together."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    records: list[PatientRecord] = []
    made = seconds(lambda: records.extend(random_cohort(size, seed=1)))
    print(f"{size} patients; making and classifying them: {made:.2f} s CPU")
    for name, spent in summary_times(records).items():
        print(f"{name:<32} {spent:6.2f} s CPU")
    print(f"goal: classified and summarised in at most {GOAL_SECONDS:g} s for {PATIENTS} patients")


if __name__ == "__main__":
    main()
