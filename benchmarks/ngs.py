"""How much CPU reading and tracking a large sequence table costs, beside its bytes and beside peers.

    python benchmarks/ngs.py [ID.tsv MRD.tsv] [--repeat 200] [--runs 3]

Without files the real pair is taken from the folder that MRDKIT_TEST_DATA names. The rows of the MRD file are
repeated. Every run is a process of its own, its start included: CPU seconds of user and system and the peak
of memory, printed as the median, with the ratio to the raw read of the same run. A second table stands for
AIRR files, a third for matching alone. Peers that are not installed are named.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

BLOCK = 1024**2
AIRR_ROWS = 200_000
DATA = os.environ.get("MRDKIT_TEST_DATA", Path(__file__).parents[2] / "shared" / "data")
PAIR = Path(DATA) / "ngs" / "seanno-vdj"
COLUMNS = (
    *(
        "nucleotide",
        "inputTemplateEstimate",
        "locus",
        "jIndex",
        "vMaxResolved",
        "dMaxResolved",
        "jMaxResolved",
    ),
    *(
        "sequenceStatus",
        "sequenceTags",
        "cloneProbability",
        "cellularSensitivityBin",
        "cellFreeSensitivityBin",
    ),
    "copy",
)


def raw(path: Path) -> None:
    """Read the bytes and count the lines."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            block.count(b"\n")


def polars_columns(path: Path) -> None:
    """Read the columns that MRD needs, unchecked, with polars."""
    import polars as pl

    table = pl.scan_csv(path, separator="\t", comment_prefix="#", infer_schema=False, quote_char=None)
    casts = [pl.col(name).cast(pl.Float64, strict=False) for name in ("inputTemplateEstimate", "copy")]
    table.select(COLUMNS).with_columns(casts).collect(engine="streaming")


def pandas_columns(path: Path) -> None:
    """Read the columns that MRD needs, unchecked, with pandas."""
    import pandas as pd

    pd.read_csv(path, sep="\t", comment="#", usecols=list(COLUMNS), quoting=3)


def polars_airr(path: Path) -> None:
    """Read an AIRR table with polars."""
    import polars as pl

    pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None)


def pandas_airr(path: Path) -> None:
    """Read an AIRR table with pandas."""
    import pandas as pd

    pd.read_csv(path, sep="\t", quoting=3)


def airr_airr(path: Path) -> None:
    """Read an AIRR table with the reference library, which asks for a module that setuptools has dropped."""
    stand_in = types.ModuleType("pkg_resources")
    vars(stand_in)["resource_stream"] = lambda name, path: (resources.files(name.split(".")[0]) / path).open(
        "rb"
    )
    sys.modules.setdefault("pkg_resources", stand_in)
    import airr

    airr.load_rearrangement(str(path))


PEERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "raw": ("sys", raw),
    "polars, 13 columns": ("polars", polars_columns),
    "pandas, 13 columns": ("pandas", pandas_columns),
    "polars": ("polars", polars_airr),
    "pandas": ("pandas", pandas_airr),
    "airr": ("airr", airr_airr),
}


def main() -> None:
    """Measure, or, called by itself, run one peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id_file", type=Path, nargs="?", default=PAIR / "A_BCell_ID.tsv")
    parser.add_argument("mrd_file", type=Path, nargs="?", default=PAIR / "A_BCell_MRD.tsv")
    parser.add_argument("--repeat", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", choices=PEERS)
    options = parser.parse_args()
    if options.one:
        PEERS[options.one][1](options.mrd_file)
        return
    if not options.mrd_file.is_file():
        print(f"not measured: {options.mrd_file} is missing; set MRDKIT_TEST_DATA or name two files")
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options, Path(folder))


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Print the three tables."""
    large, airr, targets = folder / "large.tsv", folder / "airr.tsv", folder / "targets.parquet"
    n_rows = repeat(options.mrd_file, large, options.repeat)
    write_airr(options.mrd_file, airr)
    mrdkit = [sys.executable, "-m", "mrdkit", "ngs"]
    made = [*mrdkit, "calibrate", str(options.id_file), "--subject", "A", "-o", str(targets)]
    subprocess.run(made, check=True, capture_output=True)
    print(f"{n_rows:,} rows, {large.stat().st_size / 1e6:.0f} MB; whole processes, median of {options.runs}")
    report(
        {
            "raw": peer("raw", large),
            "mrdkit ngs inspect": [*mrdkit, "inspect", str(large), "--json"],
            "mrdkit ngs track": [*mrdkit, "track", str(large), "--targets", str(targets), "--json"],
            "polars, 13 columns": peer("polars, 13 columns", large),
            "pandas, 13 columns": peer("pandas, 13 columns", large),
        },
        options.runs,
    )
    print(f"\nAIRR, {AIRR_ROWS:,} rows, {airr.stat().st_size / 1e6:.0f} MB")
    commands = {"raw": peer("raw", airr), "mrdkit ngs inspect": [*mrdkit, "inspect", str(airr), "--json"]}
    report(commands | {name: peer(name, airr) for name in ("polars", "pandas", "airr")}, options.runs)
    match_all(options)


def peer(name: str, path: Path) -> list[str]:
    """Return the command that runs a peer; empty where it is not installed."""
    if find_spec(PEERS[name][0]) is None:
        return []
    return [sys.executable, __file__, str(path), str(path), "--one", name]


def report(commands: dict[str, list[str]], runs: int) -> None:
    """Print one line per command, with the ratio to the first."""
    base = 0.0
    print(f"  {'reader':20} {'CPU s':>7} {'x raw':>7} {'peak MB':>8}")
    for name, command in commands.items():
        if not command:
            print(f"  {name:20} not installed")
            continue
        used = [usage(command) for _ in range(runs)]
        cpu, peak = (statistics.median(each[i] for each in used) for i in range(2))
        base = base or cpu
        print(f"  {name:20} {cpu:7.2f} {cpu / base:7.1f} {peak:8.0f}")


def usage(command: Sequence[str]) -> tuple[float, float]:
    """Run a command; return its CPU seconds and its peak of memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} left with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def match_all(options: argparse.Namespace) -> None:
    """Time the search for the targets in all rows, none of them merged, with up to 2 substitutions."""
    import numpy as np

    from mrdkit.ngs import calibrate, load_rules, read_sample
    from mrdkit.ngs.matching import mismatches

    targets = calibrate(read_sample(options.id_file), subject_id="A", rules=load_rules()).targets
    rows = read_sample(options.mrd_file).rows
    rows = rows.taken(np.tile(np.arange(rows.n), options.repeat))
    times = []
    for _ in range(options.runs):
        start = time.process_time()
        found = [
            mismatches(
                rows,
                rows.rows_of(target.locus),
                target.sequence,
                target.j_index,
                min_overlap=25,
                max_mismatches=2,
            )
            for target in targets
        ]
        times.append(time.process_time() - start)
    hits = sum(int((each >= 0).sum()) for each in found)
    print(
        f"\n{len(targets)} targets in {rows.n:,} sequences within 2 substitutions: "
        f"{statistics.median(times):.3f} s CPU, {hits:,} matches"
    )


def repeat(source: Path, target: Path, times: int) -> int:
    """Write the rows of a pipeline file several times below its head; return how many there are."""
    lines = source.read_bytes().splitlines(keepends=True)
    n_head = sum(line.startswith(b"#") for line in lines) + 1
    with target.open("wb") as file:
        file.writelines(lines[:n_head])
        for _ in range(times):
            file.writelines(lines[n_head:])
    return (len(lines) - n_head) * times


def write_airr(source: Path, target: Path) -> None:
    """Write sequences of a pipeline file as an AIRR table of many rows."""
    lines = [line.split("\t") for line in source.read_text().splitlines() if not line.startswith("#")]
    places = {name: lines[0].index(name) for name in COLUMNS}
    head = (
        "sequence_id sequence rev_comp productive v_call d_call j_call sequence_alignment germline_alignment"
    )
    head += " junction junction_aa v_cigar d_cigar j_cigar locus j_sequence_start duplicate_count"
    with target.open("w") as file:
        file.write("\t".join(head.split()) + "\n")
        for number in range(AIRR_ROWS):
            cells = lines[1 + number % (len(lines) - 1)]
            row = {name: cells[place] for name, place in places.items()}
            sequence = row["nucleotide"]
            genes = (row["vMaxResolved"], row["dMaxResolved"], row["jMaxResolved"])
            numbers = (row["locus"][:3], str(int(row["jIndex"]) + 1), row["inputTemplateEstimate"])
            known = (str(number), sequence, "F", "T", *genes, sequence, sequence, sequence[20:60], "")
            file.write("\t".join((*known, "", "", "", *numbers)) + "\n")


if __name__ == "__main__":
    main()
