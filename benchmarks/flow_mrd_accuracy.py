"""Flow MRD on labelled simulated tubes: false positives, detection, quantity, interval and defects.

Run: python benchmarks/flow_mrd_accuracy.py SIMULATOR [--parameters FILE] [--strength X] [--seed N] ...
SIMULATOR is a script that writes tubes, manifest.csv and truth.csv (what the caller never reads); without one
nothing is measured. A simulator ranks methods; it certifies no limit of detection for patients. Figures say
how many tubes they rest on.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from mrdkit.flow import (
    Background,
    Panel,
    assess_flow_mrd,
    background_text,
    build_background,
    for_patient,
    read_background,
    read_fcs,
    read_panel,
)
from mrdkit.results import FlowMrdCall, Specimen

TARGETS = {"inotuzumab": "CD22", "blinatumomab": "CD19"}
LEUKEMIC = "leukemic"
WITHIN_LOG10 = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One called tube beside its truth."""

    kind: str
    level: float
    truth: float
    call: FlowMrdCall
    f1: float | None


def simulated(simulator: Path, folder: Path, options: argparse.Namespace) -> None:
    """Write the tubes."""
    command = [sys.executable, str(simulator), "--out", str(folder), "--seed", str(options.seed)]
    command += ["--strength", str(options.strength), "--blanks", "20", "--diagnoses", str(options.diagnoses)]
    command += ["--negatives", str(options.negatives), "--replicates", str(options.replicates)]
    command += ["--dilutions", options.dilutions, "--traps", options.traps]
    command += ["--params", str(options.parameters)] if options.parameters else []
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference(folder: Path, manifest: Sequence[dict[str, str]], panel: Panel) -> Background:
    """Return the background of the blanks."""
    blanks = [row["file"] for row in manifest if row["role"] == "blank"]
    return build_background(((name, read_fcs(folder / name)) for name in blanks), panel)


def outcome(task: tuple[Path, str, dict[str, str], dict[str, str], float]) -> Outcome:
    """Call one tube; the truth is looked at afterwards only."""
    folder, background, row, truth, level = task
    panel = read_panel("b_all_mrd")
    targeted = frozenset(TARGETS[drug] for drug in row["therapy"].split(";") if drug in TARGETS)
    made = assess_flow_mrd(
        read_fcs(folder / row["file"]),
        panel,
        specimen=Specimen(),
        targeted=targeted,
        background=read_background(Path(background)),
    )
    labels = np.load(folder / "labels" / (Path(row["file"]).stem + ".npy"))
    codes = json.loads((folder / "labels" / "codes.json").read_text(encoding="utf-8"))
    leukemic = labels == int(codes[LEUKEMIC])
    f1 = None
    if made.target is not None and leukemic.any():
        f1 = 2.0 * float((made.target & leukemic).sum()) / float(made.target.sum() + leukemic.sum())
    kind, fraction = truth["kind"], float(truth["true_fraction"])
    return Outcome(kind=kind, level=level, truth=fraction, call=made.call, f1=f1)


def outcomes(folder: Path) -> list[Outcome]:
    """Make the background, one per patient, and call every follow-up tube."""
    manifest = rows(folder / "manifest.csv")
    truths = {row["file"]: row for row in rows(folder / "truth.csv")}
    panel = read_panel("b_all_mrd")
    base = reference(folder, manifest, panel)
    files: dict[str, str] = {}
    for row in manifest:
        if row["role"] == "diagnosis":
            path = folder / f"background_{row['patient']}.json"
            made = for_patient(base, panel, read_fcs(folder / row["file"]))
            path.write_text(background_text(made), encoding="utf-8")
            files[row["patient"]] = str(path)
    tasks = [
        (folder, files[row["patient"]], row, truths[row["file"]], float(truths[row["file"]]["target"]))
        for row in manifest
        if row["role"] == "followup"
    ]
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(outcome, tasks))


def share(flags: Sequence[bool]) -> str:
    """Return how many of the flags are set."""
    return f"{sum(flags)}/{len(flags)}"


def print_level(name: str, diluted: Sequence[Outcome]) -> None:
    """Print what became of the tubes of one level."""
    logs = [
        math.log10(max(each.call.fraction or 0.0, 1e-9) / each.truth) for each in diluted if each.truth > 0.0
    ]
    print(f"  {name}: detected {share([bool(each.call.detected) for each in diluted])}", end=", ")
    print(f"called negative {share([each.call.state == 'negative' for each in diluted])}", end=", ")
    print(f"within 0.3 log {share([abs(log) <= WITHIN_LOG10 for log in logs])}", end=", ")
    print(f"median q/true {10 ** median(logs):.2f}", end=", ")
    print(f"median event F1 {median(each.f1 or 0.0 for each in diluted):.3f}")


def print_summary(found: Sequence[Outcome]) -> None:
    """Print the table."""
    blanks = [each.call for each in found if each.kind == "negative"]
    diluted = [each for each in found if each.kind == "dilution"]
    covered = [
        (each.call.ci_low or 0.0) <= each.truth <= (1.0 if each.call.ci_high is None else each.call.ci_high)
        for each in found
        if each.kind in {"negative", "dilution"} and each.call.fraction is not None
    ]
    print(f"  fresh blanks: positive {share([c.state == 'positive' for c in blanks])}", end=", ")
    print(f"detected {share([bool(c.detected) for c in blanks])}", end=", ")
    print(f"negative {share([c.state == 'negative' for c in blanks])}")
    levels = sorted({each.level for each in diluted})
    for level in levels:
        print_level(f"at {level:g}", [each for each in diluted if each.level == level])
    if len(levels) > 1:
        print_level("together", diluted)
    print(f"  95 % interval covers the truth: {share(covered)}")
    for each in found:
        if each.kind.startswith("trap:"):
            flags = ", ".join(each.call.flags)
            print(f"  {each.kind[5:]:11} true {each.truth:.1e}  {each.call.state:14} {flags}")


def main() -> None:
    """Simulate, call, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("simulator", type=Path, nargs="?")
    parser.add_argument("--parameters", type=Path)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--diagnoses", type=int, default=4)
    parser.add_argument("--negatives", type=int, default=15)
    parser.add_argument("--replicates", type=int, default=12)
    parser.add_argument("--dilutions", default="1e-4", help="levels, joined by commas")
    parser.add_argument("--traps", default="all")
    options = parser.parse_args()
    if options.simulator is None:
        print("no simulator is given: nothing is measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        simulated(options.simulator, Path(folder), options)
        found = outcomes(Path(folder))
    name = options.parameters.stem if options.parameters else "public"
    print(f"{name} parameters, strength {options.strength:g}, seed {options.seed}, 20 blanks:")
    print_summary(found)


if __name__ == "__main__":
    main()
