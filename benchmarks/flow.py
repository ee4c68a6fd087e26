"""The flow engine beside FlowKit, FlowIO, FlowUtils, fcsparser and the numpy floor, in one run.

Run: python benchmarks/flow.py [EVENTS ...]   (default 1,000,000 and 5,000,000; of the second and further
numbers only the whole way from file to counts)

Files are made on the fly: 14 parameters (FSC-A, FSC-H, SSC-A, ten colours, Time), once as float32 with a
10 x 10 spillover matrix, once as 20-bit integers in 32-bit words. Each tool does each task in a process of
its own, with one thread; the tools take turns, so that what else the machine does meets them alike. Printed
are the median CPU time of a task after a first run that is not counted, the peak memory of the process with
that run, and how many times longer each tool takes than mrdkit.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COLOURS = tuple(f"FL{number}-A" for number in range(1, 11))
NAMES = ("FSC-A", "FSC-H", "SSC-A", *COLOURS, "Time")
MATRIX = np.eye(10) + 0.08 * np.eye(10, k=1) + 0.03 * np.eye(10, k=-1)
TURNS = 3
REPEATS = 3
TWENTY_BITS = 2**20

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
kind = "quadrant"
parent = "fl1"
dividers = [{ axis = "FL2", values = [0.4] }, { axis = "FL3", values = [0.4] }]
quadrants = [
    { name = "--", locations = { FL2 = 0.0, FL3 = 0.0 } },
    { name = "-+", locations = { FL2 = 0.0, FL3 = 1.0 } },
    { name = "+-", locations = { FL2 = 1.0, FL3 = 0.0 } },
    { name = "++", locations = { FL2 = 1.0, FL3 = 1.0 } },
]
[[gating.gate]]
kind = "ellipse"
name = "ellipse"
parent = "fl1"
axes = ["FL3", "FL4"]
mean = [0.6, 0.6]
covariance = [[0.04, 0.01], [0.01, 0.05]]
distance_square = 1.0
[[gating.gate]]
kind = "boolean"
name = "outside"
parent = "fl1"
operator = "not"
gates = ["ellipse"]
"""
POPULATIONS = ("cells", "singlets", "fl1", "--", "-+", "+-", "++", "ellipse", "outside")

Task = Callable[[Path], Callable[[], object]]


def write_files(folder: Path, events: int) -> None:
    """Write the float and the integer file."""
    rng = np.random.default_rng(1)
    area = rng.lognormal(11.2, 0.5, events)
    colours = rng.lognormal(6.5, 2.0, (events, 10)) @ MATRIX
    time_ticks = np.arange(events) / 100.0
    columns = [area, 0.8 * area * rng.normal(1.0, 0.04, events), 0.6 * area, colours, time_ticks]
    floats = np.column_stack(columns).astype("<f4")
    spillover = ",".join(["10", *COLOURS, *(repr(float(value)) for value in MATRIX.ravel())])
    keywords = {"$SPILLOVER": spillover, "$TIMESTEP": "0.01"}
    (folder / "float.fcs").write_bytes(fcs(floats, "F", "1,2,3,4", 262144, keywords))
    integers = rng.integers(0, TWENTY_BITS, (events, len(NAMES))).astype(">u4")
    (folder / "integer.fcs").write_bytes(fcs(integers, "I", "4,3,2,1", TWENTY_BITS, {"$TIMESTEP": "0.01"}))
    (folder / "gates.toml").write_text(TEMPLATE, encoding="utf-8")


def fcs(
    matrix: NDArray[np.generic], number: str, order: str, highest: int, keywords: Mapping[str, str]
) -> bytes:
    """Return an FCS 3.1 file with one value of 32 bits per parameter."""
    general = {
        **dict.fromkeys(("$BEGINANALYSIS", "$ENDANALYSIS", "$BEGINSTEXT", "$ENDSTEXT", "$NEXTDATA"), "0"),
        "$MODE": "L",
        "$DATATYPE": number,
        "$BYTEORD": order,
        "$PAR": str(matrix.shape[1]),
        "$TOT": str(len(matrix)),
        **keywords,
    }
    for n, name in enumerate(NAMES, start=1):
        general |= {f"$P{n}N": name, f"$P{n}B": "32", f"$P{n}R": str(highest), f"$P{n}E": "0,0"}
    body = "".join(f"{key}|{value}|" for key, value in general.items())
    first = 58 + len(f"|{body}$BEGINDATA|{0:012}|$ENDDATA|{0:012}|")
    last = first + matrix.nbytes - 1
    text = f"|{body}$BEGINDATA|{first:012}|$ENDDATA|{last:012}|"
    in_header = (first, last) if last < 10**8 else (0, 0)
    header = "FCS3.1    " + "".join(f"{offset:8}" for offset in (58, first - 1, *in_header, 0, 0))
    return (header + text).encode() + matrix.tobytes()


# --- reading: all values as one float64 matrix (fcsparser: a frame) ---------------------------------------


def mrdkit_read(path: Path) -> Callable[[], object]:
    """Read all stored values."""
    from mrdkit.flow import read_fcs

    return lambda: read_fcs(path).stored()


def numpy_read(path: Path) -> Callable[[], object]:
    """Load the bytes and convert them: the floor."""
    dtype = "<f4" if path.name == "float.fcs" else ">u4"
    first = int(path.read_bytes()[:4096].split(b"$BEGINDATA|")[1].split(b"|")[0])
    return lambda: np.fromfile(path, dtype=dtype, offset=first).astype(np.float64)


def flowio_read(path: Path) -> Callable[[], object]:
    """Read all stored values with FlowIO."""
    import flowio

    return lambda: flowio.FlowData(str(path)).as_array(preprocess=False)


def flowkit_read(path: Path) -> Callable[[], object]:
    """Read with FlowKit."""
    import flowkit

    return lambda: flowkit.Sample(str(path))


def fcsparser_read(path: Path) -> Callable[[], object]:
    """Read with fcsparser."""
    import fcsparser

    return lambda: fcsparser.parse(str(path), reformat_meta=False)


# --- steps on ten colours in memory -----------------------------------------------------------------------


def colours_of(path: Path) -> NDArray[np.float64]:
    """Return (10, n_events) linear values of the colours."""
    from mrdkit.flow import read_fcs

    return read_fcs(path).linear_columns(range(3, 13))


def mrdkit_compensate(path: Path) -> Callable[[], object]:
    """Compensate ten colours."""
    from mrdkit.files import read_rule
    from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix, compensate, compensation_of

    matrix = SpilloverMatrix(
        fluorochromes=COLOURS, detectors=COLOURS, coefficients=tuple(map(tuple, MATRIX.tolist()))
    )
    checked = compensation_of(matrix, read_rule("flow", "compensation", CompensationLimits))
    values = colours_of(path)
    return lambda: compensate(values, checked, range(10))


def flowutils_compensate(path: Path) -> Callable[[], object]:
    """Compensate with FlowUtils."""
    from flowutils import compensate

    values = np.ascontiguousarray(colours_of(path).T)
    return lambda: compensate.compensate(values, MATRIX)


def numpy_compensate(path: Path) -> Callable[[], object]:
    """Multiply by the inverse: the floor."""
    values = np.ascontiguousarray(colours_of(path).T)
    inverse = np.linalg.inv(MATRIX)
    return lambda: values @ inverse


def mrdkit_scale(kind: str) -> Task:
    """Return the task of scaling ten colours into an array that is already there."""

    def task(path: Path) -> Callable[[], object]:
        from mrdkit.flow.scale_curve import asinh_curve, hyperlog_curve, logicle_curve, to_display

        values = colours_of(path)
        out = np.zeros_like(values)
        curve = {
            "logicle": lambda: logicle_curve(t=262144.0, w=0.5, m=4.5, a=0.0),
            "hyperlog": lambda: hyperlog_curve(t=262144.0, w=0.5, m=4.5, a=0.0),
            "asinh": lambda: asinh_curve(t=262144.0, m=4.5, a=0.0),
        }[kind]()
        return lambda: to_display(values, curve, out)

    return task


def flowutils_scale(kind: str) -> Task:
    """Return the task of scaling ten colours with FlowUtils."""

    def task(path: Path) -> Callable[[], object]:
        from flowutils import transforms

        values = np.ascontiguousarray(colours_of(path).T)
        places = list(range(10))
        if kind == "asinh":
            return lambda: transforms.asinh(values, places, t=262144, m=4.5, a=0)
        scale = getattr(transforms, kind)
        return lambda: scale(values, places, t=262144, m=4.5, w=0.5, a=0)

    return task


# --- the whole way: file to counts ------------------------------------------------------------------------


def mrdkit_gate(path: Path) -> Callable[[], object]:
    """Read, compensate, scale and gate."""
    from mrdkit.flow import apply_gating, load_gating, read_fcs

    strategy = load_gating(path.with_name("gates.toml"))

    def work() -> list[int]:
        result = apply_gating(read_fcs(path), strategy)
        return [result.counts[name] for name in POPULATIONS]

    return work


def flowkit_gate(path: Path) -> Callable[[], object]:
    """Do the same with FlowKit."""
    import flowkit as fk
    from flowkit import gates as fkg

    def plain(name: str, low: float | None = None, high: float | None = None) -> fk.Dimension:
        return fk.Dimension(name, compensation_ref="uncompensated", range_min=low, range_max=high)

    def colour(name: str, low: float | None = None, high: float | None = None) -> fk.Dimension:
        return fk.Dimension(name, compensation_ref="m", transformation_ref="l", range_min=low, range_max=high)

    strategy = fk.GatingStrategy()
    strategy.add_comp_matrix("m", fk.Matrix(MATRIX, list(COLOURS)))
    scale = fk.transforms.LogicleTransform(param_t=262144.0, param_w=0.5, param_m=4.5, param_a=0.0)
    strategy.add_transform("l", scale)
    corners = [(20000.0, 14000.0), (250000.0, 190000.0), (250000.0, 220000.0), (20000.0, 19000.0)]
    gates = (
        fkg.RectangleGate("cells", [plain("FSC-A", 20000.0, 200000.0), plain("SSC-A", 0.0, 150000.0)]),
        fkg.PolygonGate("singlets", [plain("FSC-A"), plain("FSC-H")], corners),
        fkg.RectangleGate("fl1", [colour("FL1-A", 0.3)]),
    )
    path_of_gates = ("root",)
    for gate in gates:
        strategy.add_gate(gate, path_of_gates)
        path_of_gates = (*path_of_gates, gate.gate_name)
    dividers = [
        fk.QuadrantDivider(name, name, "m", [0.4], transformation_ref="l") for name in ("FL2-A", "FL3-A")
    ]
    cells = [
        fkg.Quadrant(
            quadrant_id=("+" if up2 else "-") + ("+" if up3 else "-"),
            divider_refs=["FL2-A", "FL3-A"],
            divider_ranges=[(0.4, None) if up else (None, 0.4) for up in (up2, up3)],
        )
        for up2 in (False, True)
        for up3 in (False, True)
    ]
    strategy.add_gate(fkg.QuadrantGate("quadrants", dividers, cells), path_of_gates)
    ellipse = [colour("FL3-A"), colour("FL4-A")]
    spread = [[0.04, 0.01], [0.01, 0.05]]
    strategy.add_gate(fkg.EllipsoidGate("ellipse", ellipse, [0.6, 0.6], spread, 1.0), path_of_gates)
    reference = [{"ref": "ellipse", "path": path_of_gates, "complement": False}]
    strategy.add_gate(fkg.BooleanGate("outside", "not", reference), path_of_gates)

    def work() -> list[int]:
        result = strategy.gate_sample(fk.Sample(str(path), sample_id="bench"))
        return [int(result.get_gate_count(name)) for name in POPULATIONS]

    return work


TASKS: Mapping[str, tuple[str, Mapping[str, Task]]] = {
    "read + compensate + logicle + 6 gates (9 populations)": (
        "float.fcs",
        {"mrdkit": mrdkit_gate, "FlowKit": flowkit_gate},
    ),
    "read float32": (
        "float.fcs",
        {
            "mrdkit": mrdkit_read,
            "numpy floor": numpy_read,
            "FlowIO": flowio_read,
            "FlowKit": flowkit_read,
            "fcsparser": fcsparser_read,
        },
    ),
    "read 20-bit integers in 32-bit words": (
        "integer.fcs",
        {"mrdkit": mrdkit_read, "numpy floor": numpy_read, "FlowIO": flowio_read},
    ),
    "compensate 10 x 10": (
        "float.fcs",
        {"mrdkit": mrdkit_compensate, "numpy floor": numpy_compensate, "FlowUtils": flowutils_compensate},
    ),
    **{
        f"{kind} of 10 channels": (
            "float.fcs",
            {"mrdkit": mrdkit_scale(kind), "FlowUtils": flowutils_scale(kind)},
        )
        for kind in ("logicle", "hyperlog", "asinh")
    },
}


def work(task: str, tool: str, folder: Path) -> None:
    """Do one task with one tool a few times and print times, peak memory and what came out."""
    warnings.simplefilter("ignore")
    name, tools = TASKS[task]
    action = tools[tool](folder / name)
    action()  # imports on first use, tables made once
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        outcome = action()
        times.append(1e3 * (time.process_time() - start))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024.0  # ru_maxrss would begin with the parent's
    counts = outcome if isinstance(outcome, list) else None
    json.dump({"times": times, "peak": peak, "counts": counts}, sys.stdout)


def measured(task: str, tool: str, folder: Path) -> dict[str, list[float] | float | None]:
    """Run one worker."""
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, __file__, "--worker", task, tool, str(folder)]
    finished = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **single}
    )
    found: dict[str, list[float] | float | None] = json.loads(finished.stdout.splitlines()[-1])
    return found


def compare(task: str, folder: Path) -> None:
    """Let the tools take turns at one task and print the comparison."""
    times: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    counts = []
    for _ in range(TURNS):
        for tool in TASKS[task][1]:
            found = measured(task, tool, folder)
            times.setdefault(tool, []).extend(found["times"])
            peaks[tool] = max(found["peak"], peaks.get(tool, 0.0))
            counts += [] if found["counts"] is None else [found["counts"]]
    print(task)
    ours = statistics.median(times["mrdkit"])
    for tool, taken in times.items():
        middle = statistics.median(taken)
        ratio = f"{middle / ours:7.1f} x"
        print(
            f"  {tool:12} {middle:9.1f} ms CPU (from {min(taken):.1f})  {peaks[tool]:7.0f} MB peak  {ratio}"
        )
    if counts:
        print(
            f"  all counts identical: {'yes' if all(c == counts[0] for c in counts) else 'NO'}  {counts[0]}"
        )


def main(arguments: Sequence[str]) -> None:
    """Print the comparison for each number of events."""
    for place, events in enumerate([int(argument) for argument in arguments] or [1_000_000, 5_000_000]):
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), events)
            print(f"== {events} events, 14 parameters; median of {TURNS * REPEATS} runs")
            for task in TASKS if place == 0 else list(TASKS)[:1]:
                compare(task, Path(folder))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main(sys.argv[1:])
