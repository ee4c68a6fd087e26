"""How long inspect and track take on a large pipeline file, beside a raw read and a plain polars scan.

    python benchmarks/ngs.py [ID.tsv MRD.tsv] [--repeat 200] [--runs 3]

Without files the real pair is taken from the folder that MRDKIT_TEST_DATA names. The rows of the MRD file are
repeated. Every run is a process of its own: CPU seconds and peak memory of one reader, printed as the median,
with the ratio to the raw read.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BLOCK = 1024**2
DATA = os.environ.get("MRDKIT_TEST_DATA", Path(__file__).parents[2] / "shared" / "data")
PAIR = Path(DATA) / "ngs" / "seanno-vdj"


def raw(_: Path, path: Path) -> int:
    """Read the bytes and count the lines."""
    lines = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
    return lines


def polars_scan(_: Path, path: Path) -> int:
    """Read the columns that MRD needs, as text, unchecked."""
    import polars as pl

    columns = ["nucleotide", "inputTemplateEstimate", "locus", "jIndex", "vMaxResolved", "dMaxResolved"]
    columns += [
        "jMaxResolved",
        "sequenceStatus",
        "sequenceTags",
        "cloneProbability",
        "cellularSensitivityBin",
    ]
    table = pl.scan_csv(path, separator="\t", comment_prefix="#", infer_schema=False, quote_char=None)
    return table.select(columns).collect(engine="streaming").height


def inspect(_: Path, path: Path) -> int:
    """Read and check one sample."""
    from mrdkit.ngs import read_sample

    return read_sample(path).rows.height


def inspect_and_track(id_path: Path, path: Path) -> int:
    """Read, check, match and call one sample."""
    from mrdkit.ngs import calibrate, load_rules, read_sample, track
    from mrdkit.results import Specimen

    rules = load_rules()
    targets = calibrate(read_sample(id_path), subject_id="A", rules=rules)
    call = track(read_sample(path), targets, specimen=Specimen(), rules=rules)
    return sum(target.templates for target in call.tracking)


READERS: dict[str, Callable[[Path, Path], int]] = {
    "raw": raw,
    "polars": polars_scan,
    "inspect": inspect,
    "inspect + track": inspect_and_track,
}


def main() -> None:
    """Measure every reader, or, called by itself, run one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id_file", type=Path, nargs="?", default=PAIR / "A_BCell_ID.tsv")
    parser.add_argument("mrd_file", type=Path, nargs="?", default=PAIR / "A_BCell_MRD.tsv")
    parser.add_argument("--repeat", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", choices=READERS)
    options = parser.parse_args()
    if options.one:
        answer = READERS[options.one](options.id_file, options.mrd_file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(time.process_time(), peak, answer)
        return
    if not options.mrd_file.is_file():
        print(f"not measured: {options.mrd_file} is missing; set MRDKIT_TEST_DATA or name two files")
        return
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.tsv"
        repeat(options.mrd_file, large, options.repeat)
        report(options.id_file, large, options.runs)


def repeat(source: Path, target: Path, times: int) -> None:
    """Write the rows of a pipeline file several times below its head."""
    lines = source.read_bytes().splitlines(keepends=True)
    n_head = sum(line.startswith(b"#") for line in lines) + 1
    with target.open("wb") as file:
        file.writelines(lines[:n_head])
        for _ in range(times):
            file.writelines(lines[n_head:])


def report(id_path: Path, large: Path, runs: int) -> None:
    """Print one line per reader."""
    base = 0.0
    print(f"{'reader':16} {'CPU s':>8} {'x raw':>7} {'peak MB':>8}  answer")
    for name in READERS:
        command = [sys.executable, __file__, str(id_path), str(large), "--one", name]
        results = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            for _ in range(runs)
        ]
        cpu = statistics.median(float(result[0]) for result in results)
        peak = statistics.median(float(result[1]) for result in results)
        base = base or cpu
        print(f"{name:16} {cpu:8.2f} {cpu / base:7.1f} {peak:8.0f}  {results[0][2]}")


if __name__ == "__main__":
    main()
