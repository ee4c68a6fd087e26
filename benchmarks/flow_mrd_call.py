"""From an FCS file of 1,000,000 events to an MRD call: time and memory of the command, share of each step.

Run: python benchmarks/flow_mrd_call.py [EVENTS]. 13 colours, 20 blanks, one diagnosis tube, all made up here.
The command runs in a process of its own: once with the patient's background, once with the panel's background
and the diagnosis tube, which then makes it the patient's. Steps are timed within one process.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mrdkit.flow import background_text, build_background, for_patient, read_background, read_fcs, read_panel
from mrdkit.flow.channel import Channel
from mrdkit.flow.dataset import FcsDataset, Spillover
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.flow.mrd.alignment import align
from mrdkit.flow.mrd.cluster import find_cluster
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.evaluable_tube import evaluable_tube
from mrdkit.flow.mrd.features import features_of
from mrdkit.flow.mrd.tube import tube_of
from mrdkit.flow.mrd.visible import visible_gates
from mrdkit.flow.mrd.visible_rules import read_visible_rules

MARKERS = "CD20 CD45 CD22 CD24 CD58 CD3 CD81 CD66c+CD123 CD34 CD19 CD10 CD38 Viability".split()
DETECTORS = [f"D{number:02d}-A" for number in range(1, len(MARKERS) + 1)]
#: Share of the cells; log10 FSC and SSC; log10 intensities in the order of MARKERS.
POPULATIONS: Mapping[str, tuple[float, float, float, tuple[float, ...]]] = {
    "t": (0.25, 4.74, 4.10, (1.9, 4.6, 1.9, 2.0, 3.2, 4.4, 3.6, 1.9, 1.8, 1.9, 1.8, 2.8, 2.0)),
    "granulocyte": (0.42, 4.96, 5.02, (2.1, 3.8, 2.2, 3.9, 3.0, 2.1, 2.3, 3.2, 2.0, 2.1, 3.0, 2.3, 2.0)),
    "monocyte": (0.07, 4.95, 4.58, (2.1, 4.25, 2.2, 2.4, 3.7, 2.1, 3.5, 3.0, 2.0, 2.1, 1.9, 3.6, 2.0)),
    "erythroid": (0.20, 4.58, 3.92, (1.8, 2.3, 1.8, 1.9, 3.2, 1.8, 3.0, 1.9, 1.8, 1.8, 1.8, 2.5, 2.0)),
    "b": (0.03, 4.72, 4.08, (4.3, 4.5, 3.9, 3.6, 2.9, 1.9, 3.6, 1.9, 1.8, 4.0, 1.9, 2.7, 2.0)),
    "hematogone": (0.01, 4.70, 4.02, (2.4, 3.5, 3.3, 4.2, 2.8, 1.8, 4.2, 1.9, 2.9, 3.5, 4.2, 4.5, 2.0)),
    "dead": (0.02, 4.62, 4.10, (2.7, 3.6, 2.7, 2.8, 3.0, 2.9, 3.0, 2.7, 2.7, 2.7, 2.7, 2.8, 4.4)),
    "debris": (0.02, 4.00, 3.60, (1.7,) * 13),
}
BLAST = (4.78, 4.06, (2.5, 3.0, 3.3, 4.2, 3.6, 1.8, 3.4, 2.8, 3.4, 3.5, 4.4, 3.5, 2.0))
CALL = "import sys; from mrdkit.cli import main; sys.argv[0] = 'mrdkit'; main()"


def tube(n: int, blasts: float, seed: int) -> FcsDataset:
    """Return a tube with this share of blasts."""
    rng = np.random.default_rng(seed)
    shares = np.array([row[0] for row in POPULATIONS.values()]) * rng.lognormal(0.0, 0.3, len(POPULATIONS))
    shares *= (1.0 - blasts) / shares.sum()
    counts = rng.multinomial(n, [*shares, blasts])
    kinds = [row[1:] for row in POPULATIONS.values()] + [BLAST]
    parts = []
    for (fsc, ssc, means), count in zip(kinds, counts, strict=True):
        light = 10.0 ** (fsc + rng.normal(0.0, 0.06, count))
        height = 0.8 * light * (1.0 + rng.normal(0.0, 0.02, count))
        side = 10.0 ** (ssc + rng.normal(0.0, 0.09, count))
        colours = 10.0 ** (np.array(means) + rng.normal(0.0, 0.2, (count, len(MARKERS))))
        parts.append(np.column_stack([light, height, side, colours]))
    events = np.vstack(parts)[rng.permutation(n)]
    matrix = np.eye(len(DETECTORS)) + 0.05 * np.eye(len(DETECTORS), k=1)
    events[:, 3:] = events[:, 3:] @ matrix + rng.normal(0.0, 45.0, (n, len(MARKERS)))
    names = ["FSC-A", "FSC-H", "SSC-A", *DETECTORS, "Time"]
    labels = ["", "", "", *MARKERS, ""]
    return FcsDataset(
        index=0,
        version="3.1",
        cytometer="made up",
        text={},
        channels=tuple(
            Channel(
                index=i, name=name, label=label, bits=32, range=4194304.0, amplification=(0.0, 0.0), gain=1.0
            )
            for i, (name, label) in enumerate(zip(names, labels, strict=True), start=1)
        ),
        n_events=n,
        n_events_declared=n,
        data_type="F",
        byte_order="little",
        offsets_used="text",
        spillover=Spillover(channels=tuple(DETECTORS), matrix=tuple(map(tuple, matrix.tolist()))),
        warnings=(),
        digest=lambda: "0" * 64,
        events=np.column_stack([events, np.arange(n) / 30.0]).astype(np.float32),
    )


def command(arguments: list[str]) -> tuple[dict[str, object], float, float]:
    """Run `mrdkit` in a process of its own; return its answer, seconds and the peak memory in GB."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CALL, *arguments], check=True, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    return json.loads(done.stdout), seconds, peak


@contextmanager
def timed(name: str, times: dict[str, float]) -> Iterator[None]:
    """Add the seconds of a block."""
    start = time.perf_counter()
    yield
    times[name] = time.perf_counter() - start


def steps(file: Path, background: Path) -> dict[str, float]:
    """Return the seconds of each step of one call."""
    times: dict[str, float] = {}
    panel, settings = read_panel("b_all_mrd"), read_detector_settings()
    rules = panel.rule.detection
    assert rules is not None
    with timed("read the background", times):
        limits = read_background(background)
    assert limits.reference is not None
    assert limits.patient is not None
    with timed("read the file, gate, check", times):
        dataset = read_fcs(file)
        gated = evaluable_tube(dataset, panel, frozenset())
    with timed("compensate, landmarks", times):
        cells = tube_of(dataset, panel, gated.gating)
    with timed("align", times):
        events = align(
            cells, features_of(panel), limits.reference.landmarks, rules.alignment, settings
        ).events
    with timed("own normal cells and cluster", times):
        cluster = find_cluster(
            events, limits.reference.normal.pooled, limits.patient.phenotype, 90.0, settings
        )
    with timed("second opinion", times):
        limits.patient.opinion.count(events)
    with timed("visible gates", times):
        scored = np.zeros(len(events), dtype=np.bool_)
        scored[cluster.called] = True
        visible_gates(events, scored, list(rules.features), read_visible_rules())
    return times


def make(folder: Path, n: int, say: Callable[[str], None]) -> None:
    """Write the tubes and both backgrounds."""
    panel = read_panel("b_all_mrd")
    for number in range(20):
        (folder / f"blank{number:02d}.fcs").write_bytes(to_fcs(tube(n // 4, 0.0, number), values="stored"))
    (folder / "diagnosis.fcs").write_bytes(to_fcs(tube(n // 4, 0.6, 90), values="stored"))
    (folder / "followup.fcs").write_bytes(to_fcs(tube(n, 1e-4, 91), values="stored"))
    start = time.perf_counter()
    blanks = sorted(folder.glob("blank*.fcs"))
    base = build_background(((path.name, read_fcs(path)) for path in blanks), panel)
    say(f"background of 20 blanks of {n // 4} events: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    mine = for_patient(base, panel, read_fcs(folder / "diagnosis.fcs"))
    say(f"made the patient's: {time.perf_counter() - start:.1f} s")
    (folder / "base.json").write_text(background_text(base), encoding="utf-8")
    (folder / "mine.json").write_text(background_text(mine), encoding="utf-8")


def main() -> None:
    """Print the table."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, n, print)
        call = ["flow", "call", str(folder / "followup.fcs"), "--panel", "b_all_mrd", "--json"]
        for title, background in (("with the patient's background", "mine"), ("making it first", "base")):
            given = ["--background", str(folder / f"{background}.json")]
            given += ["--diagnosis", str(folder / "diagnosis.fcs")]
            answer, seconds, peak = command([*call, *given])
            result = answer["results"][0]  # type: ignore[index]
            counts = f"{result['n_target']} of {result['n_denominator']}"
            print(f"{n} events, {title}: {seconds:.1f} s, peak {peak:.2f} GB; {result['state']}, {counts}")
        times = steps(folder / "followup.fcs", folder / "mine.json")
        for step, seconds in times.items():
            print(f"  {step:30} {seconds:6.2f} s  {100.0 * seconds / sum(times.values()):5.1f} %")


if __name__ == "__main__":
    main()
