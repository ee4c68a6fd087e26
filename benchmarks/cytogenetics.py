"""Cytogenetics on one core: FISH specimens called, strings read, karyotypes of the kinds a laboratory writes.

Run: python benchmarks/cytogenetics.py [SPECIMENS [KARYOTYPES.csv [COLUMN]]]; without a table the karyotypes
are drawn. Figures of one machine compare only with each other.
"""

import csv
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from yardstick import print_yardstick

from mrdkit.fish import (
    call_sheet,
    parse_iscn,
    read_counts,
    read_cutoffs,
    read_fish_rule,
    read_probes,
    read_text,
    read_text_rule,
)
from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import Specimen

HEADER = "specimen_id,subject_id,visit,collected_on,probe_id,reader,pattern,count\n"
PROBES = """
[probe.BA]
gene = "CRLF2"
kind = "break_apart"
red = "3prime"
green = "5prime"
source = "synthetic"
"""
CUTOFF = '[[cutoff]]\nprobe = "BA"\nmethod = "betainv"\nalpha = 0.05\nn = 200\nclass = "{}"\nmax_false = {}\n'
#: As the command line sets it.
OBJECTS_BETWEEN_COLLECTIONS = 100_000
CUTOFFS = {"split": 1, "del5": 5, "del3": 5, "gain": 3, "loss": 8}
PATTERNS = ("1F1R1G", "1F1R", "1F1G", "3F", "1F")
TEXTS = (
    "CRLF2 break apart: POSITIVE for rearrangement in 85 of 200 interphase nuclei (42.5%)",
    "NEGATIVE for CRLF2 rearrangement. Three copies of CRLF2 in 30% of nuclei",
    "At diagnosis rearranged (140/200). Current: 3/200 nuclei with split signals (cut-off 2.4%)",
)
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


def write_sheet(folder: Path, n: int) -> None:
    """Write a count sheet of two readers and five classes of patterns, its probes and its cut-offs."""
    draw = random.Random(7)  # noqa: S311 - no secret
    with (folder / "counts.csv").open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(n):
            for reader in "AB":
                found = {pattern: draw.choice((0, 0, 1, 3, 20)) for pattern in PATTERNS}
                found["2F"] = 100 - sum(found.values()) % 100
                for pattern, count in found.items():
                    file.write(f"S{number},P{number},baseline,2024-01-31,BA,{reader},{pattern},{count}\n")
    (folder / "probes.toml").write_text(PROBES, encoding="utf-8")
    cutoffs = "".join(CUTOFF.format(name, false) for name, false in CUTOFFS.items())
    (folder / "cutoffs.toml").write_text(cutoffs, encoding="utf-8")


def fish(n: int) -> None:
    """Print how long it takes to read and call a sheet, and to read as many strings and texts."""
    rule, words = read_fish_rule(), read_text_rule()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sheet(folder, n)
        probes, cutoffs = read_probes(folder / "probes.toml"), read_cutoffs(folder / "cutoffs.toml")
        sheet = read_counts(folder / "counts.csv")
        reading = best_of_three(lambda: read_counts(folder / "counts.csv"))
        calling = best_of_three(lambda: call_sheet(sheet, probes, cutoffs, rule=rule))
        calls = call_sheet(sheet, probes, cutoffs, rule=rule)
    strings = [text for call in calls for text in (getattr(call, "iscn_2024", None),) if text]
    print(f"read {n:,} specimens of a count sheet    {reading:6.2f} s")
    print(f"call {n:,} specimens                     {calling:6.2f} s")
    parsing = best_of_three(lambda: [parse_iscn(text, rule) for text in strings])
    print(f"read {len(strings):,} ISCN strings                  {parsing:6.2f} s")
    hearing = best_of_three(lambda: [read_text(TEXTS[i % len(TEXTS)], rule, words) for i in range(n)])
    print(f"read {n:,} free texts                    {hearing:6.2f} s")


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


def karyotypes(n: int, arguments: Sequence[str]) -> None:
    """Print how long karyotypes take."""
    column = arguments[1] if len(arguments) > 1 else "karyotype"
    texts = from_table(Path(arguments[0]), column, n) if arguments else drawn_karyotypes(n)
    rule, specimen = read_karyotype_rule(), Specimen()
    seconds = best_of_three(lambda: [call_karyotype(text, specimen=specimen, rule=rule) for text in texts])
    length = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} karyotypes of {length:.0f} characters on average: {seconds:.2f} s of CPU")


def main() -> None:
    """Print the figures of each half."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    print_yardstick()
    fish(n)
    karyotypes(n, sys.argv[2:])


if __name__ == "__main__":
    main()
