"""Damaged files give a valid result or a named error: never another exception, a hang or runaway memory."""

import time
import tracemalloc
from pathlib import Path

import pytest
from fcs_files import fcs_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrdkit.errors import MrdkitError
from mrdkit.flow import read_fcs_datasets

EVENTS = [[float(i), float(i * i), i / 7] for i in range(20)]
SPILL = {"$SPILLOVER": "2,C1,C2,1,0.1,0.02,1", "$P1S": "CD19//PE", "$TIMESTEP": "0.01"}
WHOLE = [
    fcs_bytes(EVENTS, keywords=SPILL, tail=b"00000000"),
    fcs_bytes([[i, i * 3, 255 - i] for i in range(20)], number="I", bits=[8, 16, 32], version="2.0", gap=30),
    fcs_bytes(EVENTS, next_data=True) + fcs_bytes(EVENTS, number="D", big_endian=True, version="3.2"),
]
TEXT_END = 700  # bytes that hold HEADER and TEXT of each
ROOM = 16 * 2**20  # bytes a reader may take for itself


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(WHOLE)))
    places = st.integers(0, min(TEXT_END, len(content) - 1))
    written = st.sampled_from(
        [b"/", b"//", b"9", b"0", b"-", b" ", b"\0", b"\xff", b"99999999", b"$", b",", b"NaN"]
    )
    for place, value in draw(
        st.lists(st.tuples(places, written | st.binary(min_size=1, max_size=9)), max_size=6)
    ):
        content[place : place + len(value)] = value
    if draw(st.booleans()):
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


def outcome(path: Path, content: bytes) -> tuple[MrdkitError | None, int]:
    """Read everything; return the named error, None where there is none, and the memory taken at most."""
    path.write_bytes(content)
    error = None
    tracemalloc.start()
    try:
        for dataset in read_fcs_datasets(path):
            assert dataset.linear().shape == (dataset.n_events, len(dataset.channels))
    except MrdkitError as caught:
        error = caught
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return error, peak


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged())
def test_damage_gives_a_named_error_or_a_result(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tube.fcs"
    error, peak = outcome(path, content)
    assert error is None or (error.code.isupper() and error.file == str(path))
    assert peak < ROOM


HOSTILE = {
    "events": fcs_bytes(EVENTS, keywords={"$TOT": "999999999999999999"}),
    "parameters": fcs_bytes(EVENTS, keywords={"$PAR": "999999999999999999"}),
    "digits": fcs_bytes(EVENTS, keywords={"$TOT": "9" * 100_000}),
    "offsets": fcs_bytes(EVENTS, keywords={"$BEGINDATA": "9" * 18, "$ENDDATA": "9" * 18}),
    "spillover": fcs_bytes(EVENTS, keywords={"$SPILLOVER": "999999999,C1,C2,1,0,0,1"}),
    "delimiters": fcs_bytes(EVENTS, keywords={"NOTE": "/" * 1_000_000}),
    "values": fcs_bytes(EVENTS, keywords={"NOTE": "/a" * 90_000}),
    "repetition": fcs_bytes(EVENTS, keywords={f"K{i}": "1" for i in range(30_000)}),
    "names": fcs_bytes([[1.0] * 5_000], names=["X"] * 5_000),
    "loop": fcs_bytes(EVENTS, keywords={"$NEXTDATA": "0" * 5 + "0"}).replace(
        b"$NEXTDATA/000000", b"$NEXTDATA/000058"
    ),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_absurd_declarations_cost_little(tmp_path: Path, content: bytes) -> None:
    begin = time.process_time()
    error, peak = outcome(tmp_path / "tube.fcs", content)
    assert error is None or (error.code.isupper() and len(str(error)) < 1_000)
    assert peak < ROOM + 4 * len(content)
    assert time.process_time() - begin < 10
