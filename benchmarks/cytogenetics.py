"""Karyotypes per second on one core: distinct, of the kinds that a laboratory writes.

Run: python benchmarks/cytogenetics.py [KARYOTYPES.csv [COLUMN]]; without a table the karyotypes are drawn.
Figures of one machine compare only with each other.
"""

import csv
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import Specimen

N = 10_000
CHANGES = [
    *(f"{sign}{number}" for sign in "+-" for number in range(1, 23)),
    *("del(5)(q13q33)", "add(9)(p13)", "i(17)(q10)", "t(4;11)(q21;q23)", "t(9;22)(q34;q11.2)"),
    *("der(19)t(1;19)(q23;p13.3)", "inv(14)(q11.2q32)", "dup(1)(q21q32)", "+mar", "del(12)(p12)"),
]


def best_of_three(action: Callable[[], object]) -> float:
    """Return the shortest of three runs in seconds of CPU, which other work on the machine disturbs least."""
    times = []
    for _ in range(3):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def drawn_karyotypes(n: int) -> list[str]:
    """Return karyotypes of a stemline, a sideline and normal cells, one in four with donor cells."""
    draw = random.Random(46)  # noqa: S311 - no secret
    found = []
    for number in range(n):
        items = draw.sample(CHANGES, draw.choice((1, 2, 3, 5, 8)))
        count = 46 + sum((item[0] == "+") - (item[0] == "-") for item in items)
        clone = ",".join((f"{count},XX", *items))
        donor = f"//46,XY[{1 + number % 20}]" if number % 4 == 0 else ""
        found.append(
            f"{clone}[{2 + number % 15}]/{count + 1},sl,+21[{3 + number % 7}]/46,XX[{number % 18}]{donor}"
        )
    return found


def from_table(path: Path, column: str, n: int) -> list[str]:
    """Return the karyotypes of a table, as often as it takes to have `n`."""
    with path.open(encoding="utf-8", newline="") as file:
        texts = [row[column] for row in csv.DictReader(file) if "," in row[column]]
    return [texts[number % len(texts)] for number in range(n)]


def karyotypes(arguments: Sequence[str]) -> None:
    """Print how long karyotypes take."""
    column = arguments[1] if len(arguments) > 1 else "karyotype"
    texts = from_table(Path(arguments[0]), column, N) if arguments else drawn_karyotypes(N)
    rule, specimen = read_karyotype_rule(), Specimen()
    seconds = best_of_three(lambda: [call_karyotype(text, specimen=specimen, rule=rule) for text in texts])
    length = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} karyotypes of {length:.0f} characters on average: {seconds:.2f} s of CPU")


if __name__ == "__main__":
    karyotypes(sys.argv[1:])
