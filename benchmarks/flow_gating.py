"""Compensation, logicle and a six-gate hierarchy beside FlowUtils and FlowKit, in CPU milliseconds.

Run: python benchmarks/flow_gating.py [EVENTS]. Threads of the linear algebra library should be set to 1
(OPENBLAS_NUM_THREADS=1), so that CPU time compares one thread with one.
"""

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mrdkit.files import read_rule
from mrdkit.flow import apply_gating, load_gating
from mrdkit.flow.compensation import CompensationLimits, compensate, compensation_of, from_file
from mrdkit.flow.dataset import Channel, FcsDataset, Spillover
from mrdkit.flow.transforms import Logicle

F64 = NDArray[np.float64]

COLOURS = tuple(f"FL{number}-A" for number in range(1, 11))
NAMES = ("FSC-A", "FSC-H", "SSC-A", *COLOURS, "Time")
REPEATS = 5

TEMPLATE = """
id = "bench"
version = "1"
source = "benchmark"
[gating.scale.fluorescence]
kind = "logicle"
T = 262144.0
W = 0.5
M = 4.5
A = 0.0
[gating.axis]
FSC-A = { channel = "FSC-A", compensation = "uncompensated", scale = "none" }
FSC-H = { channel = "FSC-H", compensation = "uncompensated", scale = "none" }
SSC-A = { channel = "SSC-A", compensation = "uncompensated", scale = "none" }
FL1 = { channel = "FL1-A", compensation = "FCS", scale = "fluorescence" }
FL2 = { channel = "FL2-A", compensation = "FCS", scale = "fluorescence" }
FL3 = { channel = "FL3-A", compensation = "FCS", scale = "fluorescence" }
FL4 = { channel = "FL4-A", compensation = "FCS", scale = "fluorescence" }
[[gating.gate]]
kind = "rectangle"
name = "cells"
bounds = [{ axis = "FSC-A", min = 20000.0, max = 200000.0 }, { axis = "SSC-A", min = 0.0, max = 150000.0 }]
[[gating.gate]]
kind = "polygon"
name = "singlets"
parent = "cells"
axes = ["FSC-A", "FSC-H"]
vertices = [[20000.0, 14000.0], [250000.0, 190000.0], [250000.0, 220000.0], [20000.0, 19000.0]]
[[gating.gate]]
kind = "range"
name = "fl1"
parent = "singlets"
bounds = [{ axis = "FL1", min = 0.3 }]
[[gating.gate]]
kind = "rectangle"
name = "fl2_fl3"
parent = "fl1"
bounds = [{ axis = "FL2", min = 0.2, max = 0.8 }, { axis = "FL3", min = 0.1, max = 0.9 }]
[[gating.gate]]
kind = "ellipse"
name = "ellipse"
parent = "fl2_fl3"
axes = ["FL3", "FL4"]
mean = [0.6, 0.6]
covariance = [[0.04, 0.01], [0.01, 0.05]]
distance_square = 1.0
[[gating.gate]]
kind = "boolean"
name = "outside"
parent = "fl2_fl3"
operator = "not"
gates = ["ellipse"]
"""


def tube(n_events: int) -> FcsDataset:
    """Return a made-up tube of float data with a 10 x 10 matrix."""
    rng = np.random.default_rng(1)
    area = rng.lognormal(11.2, 0.5, n_events)
    matrix = np.eye(10) + 0.08 * np.eye(10, k=1) + 0.03 * np.eye(10, k=-1)
    colours = rng.lognormal(6.5, 2.0, (n_events, 10)) @ matrix
    events = np.column_stack(
        [area, 0.8 * area * rng.normal(1.0, 0.04, n_events), 0.6 * area, colours, np.arange(n_events)]
    )
    channels = tuple(
        Channel(index=i, name=n, label="", bits=32, range=262144.0, amplification=(0.0, 0.0), gain=1.0)
        for i, n in enumerate(NAMES, start=1)
    )
    return FcsDataset(
        index=0,
        version="3.1",
        cytometer=None,
        text={},
        channels=channels,
        n_events=n_events,
        n_events_declared=n_events,
        data_type="F",
        byte_order="little",
        offsets_used="header",
        spillover=Spillover(channels=COLOURS, matrix=tuple(map(tuple, matrix.tolist()))),
        warnings=(),
        digest=str,
        events=events.astype(np.float32).astype(np.float64),
    )


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the median CPU time of a few runs, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times)


def flowkit_run(data: FcsDataset) -> tuple[Callable[[], object], Callable[[], dict[str, int]]]:
    """Return FlowKit's gating of the same gates, and its counts."""
    import flowkit as fk
    from flowkit import gates as fkg

    sample = fk.Sample(data.linear(), sample_id="bench", channel_labels=list(NAMES))
    assert data.spillover is not None
    scale = fk.transforms.LogicleTransform(param_t=262144.0, param_w=0.5, param_m=4.5, param_a=0.0)
    strategy = fk.GatingStrategy()
    strategy.add_comp_matrix("m", fk.Matrix(np.array(data.spillover.matrix), list(COLOURS)))
    strategy.add_transform("l", scale)

    def plain(name: str, low: float | None = None, high: float | None = None) -> fk.Dimension:
        return fk.Dimension(name, compensation_ref="uncompensated", range_min=low, range_max=high)

    def colour(name: str, low: float | None = None, high: float | None = None) -> fk.Dimension:
        return fk.Dimension(name, compensation_ref="m", transformation_ref="l", range_min=low, range_max=high)

    corners = [(20000.0, 14000.0), (250000.0, 190000.0), (250000.0, 220000.0), (20000.0, 19000.0)]
    path = ("root",)
    for gate in (
        fkg.RectangleGate("cells", [plain("FSC-A", 20000.0, 200000.0), plain("SSC-A", 0.0, 150000.0)]),
        fkg.PolygonGate("singlets", [plain("FSC-A"), plain("FSC-H")], corners),
        fkg.RectangleGate("fl1", [colour("FL1-A", 0.3)]),
        fkg.RectangleGate("fl2_fl3", [colour("FL2-A", 0.2, 0.8), colour("FL3-A", 0.1, 0.9)]),
    ):
        strategy.add_gate(gate, path)
        path = (*path, gate.gate_name)
    ellipse = fkg.EllipsoidGate(
        "ellipse", [colour("FL3-A"), colour("FL4-A")], [0.6, 0.6], [[0.04, 0.01], [0.01, 0.05]], 1.0
    )
    strategy.add_gate(ellipse, path)
    reference = [{"ref": "ellipse", "path": path, "complement": False}]
    strategy.add_gate(fkg.BooleanGate("outside", "not", reference), path)
    return lambda: strategy.gate_sample(sample), lambda: {
        gate: int(strategy.gate_sample(sample).get_gate_count(gate))
        for gate in ("cells", "singlets", "fl1", "fl2_fl3", "ellipse", "outside")
    }


def main() -> None:
    """Print the comparison."""
    warnings.simplefilter("ignore")
    from flowutils import compensate as fu_compensate
    from flowutils import transforms as fu_transforms

    data = tube(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.toml"
        path.write_text(TEMPLATE, encoding="utf-8")
        strategy = load_gating(path)
    limits = read_rule("flow", "compensation", CompensationLimits)
    assert data.spillover is not None
    compensation = compensation_of(from_file(data.spillover), limits)
    colours = np.ascontiguousarray(data.linear()[:, 3:13])
    observed = np.ascontiguousarray(colours.T)
    scale = Logicle(T=262144.0, W=0.5, M=4.5, A=0.0)
    matrix = np.array(data.spillover.matrix)
    gate_all, counts = flowkit_run(data)
    rows = (
        (
            "compensate 10 x 10",
            cpu_ms(lambda: compensate(observed, compensation, range(10))),
            cpu_ms(lambda: fu_compensate.compensate(colours, matrix)),
        ),
        (
            "logicle, 10 channels",
            cpu_ms(lambda: scale.apply(observed)),
            cpu_ms(lambda: fu_transforms.logicle(colours, list(range(10)), t=262144, m=4.5, w=0.5, a=0)),
        ),
        ("6 gates in all", cpu_ms(lambda: apply_gating(data, strategy)), cpu_ms(gate_all)),
    )
    print(f"{data.n_events} events, median of {REPEATS}, CPU ms")
    for name, ours, theirs in rows:
        print(f"{name:22s} mrdkit {ours:8.1f}   peer {theirs:8.1f}   ratio {theirs / ours:5.1f}")
    print("counts equal to FlowKit:", apply_gating(data, strategy).counts == counts())


if __name__ == "__main__":
    main()
