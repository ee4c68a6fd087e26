"""Reading FCS files beside FlowIO and beside the floor (numpy.fromfile), in CPU time of one process.

Run: python benchmarks/flow_read.py [EVENTS]. Prints medians in milliseconds and ratios; the two files are
made on the fly: 14 float32 columns, and 14 columns of 20-bit integers in 32 bits, big endian.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import flowio
import numpy as np

from mrdkit.flow import read_fcs

CHANNELS = 14
REPEATS = 7
TWENTY_BITS = 2**20


def main() -> None:
    """Make both files, read each with each reader, print the ratios."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        compare("float32", float_file(Path(folder) / "float.fcs", events), ">f4")
        compare("20-bit integers in 32 bits", integer_file(Path(folder) / "integer.fcs", events), ">u4")


def compare(title: str, path: Path, dtype: str) -> None:
    """Print how long each reader takes for one file, and that all give the same numbers."""
    times = {
        "numpy.fromfile, the floor": cpu_ms(lambda: np.fromfile(path, dtype=dtype)),
        "mrdkit read_fcs, nothing decoded": cpu_ms(lambda: read_fcs(path)),
        "mrdkit read_fcs().linear_columns([3])": cpu_ms(lambda: read_fcs(path).linear_columns([3])[0]),
        "mrdkit read_fcs().stored()": cpu_ms(lambda: read_fcs(path).stored()),
        "mrdkit read_fcs().linear_columns(all)": cpu_ms(
            lambda: read_fcs(path).linear_columns(range(CHANNELS))
        ),
        "mrdkit read_fcs().linear()": cpu_ms(lambda: read_fcs(path).linear()),
        "mrdkit sha256 of the file": cpu_ms(lambda: read_fcs(path).sha256),
        "flowio as_array(preprocess=False)": cpu_ms(lambda: second_reader(path)),
    }
    same = np.array_equal(read_fcs(path).stored(), second_reader(path))
    report(f"{title}, {path.stat().st_size / 1e6:.0f} MB, same numbers: {'yes' if same else 'NO'}", times)


def report(title: str, times: Mapping[str, float]) -> None:
    """Print times and how many times faster than FlowIO each is."""
    print(title)
    slowest = times["flowio as_array(preprocess=False)"]
    for name, milliseconds in times.items():
        print(
            f"  {name:40} {milliseconds:9.1f} ms   flowio / this = {slowest / max(milliseconds, 1e-3):8.1f}"
        )


def cpu_ms(action: Callable[[], object]) -> float:
    """Return the median CPU time of an action in milliseconds."""
    taken = []
    for _ in range(REPEATS):
        begin = time.process_time()
        action()
        taken.append(1e3 * (time.process_time() - begin))
    return statistics.median(taken)


def second_reader(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Read a file with FlowIO."""
    return np.asarray(flowio.FlowData(str(path)).as_array(preprocess=False))


def float_file(path: Path, events: int) -> Path:
    """Write a file of float32 columns."""
    values = np.random.default_rng(1).normal(1e4, 3e3, (events, CHANNELS))
    return write(path, events, "F", values.astype(">f4").tobytes(), 262_144)


def integer_file(path: Path, events: int) -> Path:
    """Write a file of 20-bit integers with nothing in the upper bits, which FlowIO leaves there otherwise."""
    values = np.random.default_rng(2).integers(0, TWENTY_BITS, (events, CHANNELS))
    return write(path, events, "I", values.astype(">u4").tobytes(), TWENTY_BITS)


def write(path: Path, events: int, number: str, data: bytes, highest: int) -> Path:
    """Write an FCS 3.1 file of 14 columns whose last one is Time."""
    names = [f"FL{i}-A" for i in range(1, CHANNELS)] + ["Time"]
    parameters = "".join(
        f"$P{n}N/{name}/$P{n}B/32/$P{n}R/{highest}/$P{n}E/0,0/" for n, name in enumerate(names, start=1)
    )
    general = f"$PAR/{CHANNELS}/$TOT/{events}/$MODE/L/$DATATYPE/{number}/$BYTEORD/4,3,2,1/$NEXTDATA/0/"
    segments = "$BEGINANALYSIS/0/$ENDANALYSIS/0/$BEGINSTEXT/0/$ENDSTEXT/0/$TIMESTEP/0.01/"
    first = 58 + len(f"/{general}{segments}{parameters}$BEGINDATA/{0:012}/$ENDDATA/{0:012}/")
    last = first + len(data) - 1
    text = f"/{general}{segments}{parameters}$BEGINDATA/{first:012}/$ENDDATA/{last:012}/"
    in_header = (first, last) if last < 10**8 else (0, 0)
    offsets = "".join(f"{offset:8}" for offset in (58, first - 1, *in_header, 0, 0))
    path.write_bytes(f"FCS3.1    {offsets}{text}".encode() + data)
    return path


if __name__ == "__main__":
    main()
