"""Every way of storing numbers that FCS knows comes back as the number that was written."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fcs_files import fcs_bytes, packed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import rows

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs

EVENTS = [[1, 2, 3], [40, 50, 60], [200, 100, 255]]


def read(tmp_path: Path, content: bytes) -> FcsDataset:
    path = tmp_path / "tube.fcs"
    path.write_bytes(content)
    return read_fcs(path)


def codes(dataset: FcsDataset) -> set[str]:
    return {warning.code for warning in dataset.warnings}


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
@pytest.mark.parametrize(
    ("number", "bits"),
    [("F", 32), ("D", 64), ("I", 8), ("I", 16), ("I", 24), ("I", 32), ("I", 64)],
)
def test_each_storage_comes_back(
    tmp_path: Path, *, number: str, bits: int, version: str, big_endian: bool
) -> None:
    content = fcs_bytes(
        EVENTS, number=number, bits=[bits] * 3, version=version, big_endian=big_endian, ranges=[256] * 3
    )
    dataset = read(tmp_path, content)
    np.testing.assert_array_equal(dataset.stored(), EVENTS)
    np.testing.assert_array_equal(dataset.linear(), EVENTS)
    assert (dataset.version, dataset.data_type, dataset.n_events) == (version, number, 3)
    assert dataset.byte_order == ("big" if big_endian else "little")
    assert dataset.offsets_used == ("header" if version == "2.0" else "text")
    assert not dataset.warnings


@pytest.mark.parametrize("big_endian", [False, True])
def test_widths_may_differ_within_one_event(tmp_path: Path, *, big_endian: bool) -> None:
    bits = [8, 24, 16]
    content = fcs_bytes(EVENTS, number="I", bits=bits, big_endian=big_endian)
    np.testing.assert_array_equal(read(tmp_path, content).stored(), EVENTS)


def test_fcs_3_2_gives_a_parameter_its_own_data_type(tmp_path: Path) -> None:
    events = [[1.5, 7, 0.1], [-2.5, 4095, 1e300]]
    data = packed(events, numbers="FID", bits=[32, 16, 64])
    keywords = {"$P2DATATYPE": "I", "$P3DATATYPE": "D", "$P2R": "4096", "$P2E": "4,1"}
    content = fcs_bytes(events, version="3.2", bits=[32, 16, 64], data=data, keywords=keywords)
    dataset = read(tmp_path, content)
    assert dataset.data_type == "mixed"
    np.testing.assert_array_equal(dataset.stored(), events)
    assert dataset.linear_columns([1])[0].tolist() == [10 ** (4 * 7 / 4096), 10 ** (4 * 4095 / 4096)]


MASKS = """
    range      | bits | stored     | read       | why
    -----------+------+------------+------------+-----------------------------------------
    1024       | 16   | 0xFFFF     | 1023       | ten bits
    1000       | 16   | 0xFFFF     | 1023       | the bits that 1000 needs
    1025       | 16   | 0xFFFF     | 2047       | one more
    262144     | 32   | 0xFFF60001 | 0x20001    | 18 bits; the rest is junk
    65536      | 16   | 0xFFFF     | 65535      | nothing to mask
    4294967296 | 32   | 0xFFFFFFFF | 4294967295 | nothing to mask
    99999999   | 16   | 0xFFFF     | 65535      | a range wider than its storage
    0          | 16   | 0xFFFF     | 65535      | no usable range: nothing is masked
"""


@pytest.mark.parametrize("row", rows(MASKS), ids=" ".join)
def test_integers_are_masked_to_the_bits_of_their_range(tmp_path: Path, row: list[str]) -> None:
    range_, bits, stored, expected, why = row
    value = int(stored, 0)
    content = fcs_bytes([[value]], number="I", bits=[int(bits)], keywords={"$P1R": range_})
    found = read(tmp_path, content).stored()[0, 0]
    assert found == int(expected, 0), why


SCALES = """
    number | PnE      | PnG | range | stored | linear       | why
    -------+----------+-----+-------+--------+--------------+--------------------------------------------
    I      | 4,1      |     | 1024  | 512    | 100          | half of four decades
    I      | 4,0      |     | 1024  | 512    | 100          | 4,0 is read as 4,1
    I      | 4,0.1024 |     | 1024  | 512    | 10.24        | value at zero
    I      | 4,1      | 2   | 1024  | 512    | 100          | no gain on logarithms
    I      | 0,0      | 4   | 1024  | 512    | 128          | gain
    F      | 0,0      | 4   | 1024  | 512    | 128          | gain
    F      | 4,1      |     | 1024  | 512    | 512          | amplification is for integers
    F      | 0,0      | NA  | 1024  | 512    | 512          | a gain that is no number
    F      | 0,0      | 0   | 1024  | 512    | 512          | a gain of zero
    I      | 0 , 0    | 1.0 | 1024  | 512    | 512          | blanks
"""


@pytest.mark.parametrize("row", rows(SCALES), ids=" ".join)
def test_scales(tmp_path: Path, row: list[str]) -> None:
    number, pne, png, range_, stored, linear, why = row
    keywords = {"$P1E": pne, "$P1R": range_, **({"$P1G": png} if png else {})}
    dataset = read(tmp_path, fcs_bytes([[float(stored)]], number=number, keywords=keywords))
    assert dataset.linear()[0, 0] == pytest.approx(float(linear), rel=1e-12), why
    assert dataset.linear_columns([0])[0][0] == dataset.linear()[0, 0]


TIMES = """
    TIMESTEP | PnG  | linear | flags
    ---------+------+--------+-----------------------------------
    0.01     |      | 3      |
    0.01     | 0.01 | 3      | TIME_GAIN_IGNORED
             |      | 300    | TIMESTEP_MISSING
    xxxx     | 0.01 | 300    | TIMESTEP_MISSING TIME_GAIN_IGNORED
    0        |      | 300    | TIMESTEP_MISSING
"""


@pytest.mark.parametrize(("step", "gain", "linear", "flags"), rows(TIMES))
def test_time_is_in_seconds_whatever_its_gain(
    tmp_path: Path, step: str, gain: str, linear: str, flags: str
) -> None:
    keywords = {key: value for key, value in (("$TIMESTEP", step), ("$P1G", gain)) if value}
    dataset = read(tmp_path, fcs_bytes([[300.0]], names=["TIME"], keywords=keywords))
    assert dataset.linear()[0, 0] == pytest.approx(float(linear))
    assert dataset.stored()[0, 0] == 300.0
    assert codes(dataset) == set(flags.split())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    events=st.lists(st.tuples(*[st.floats(width=32)] * 3), min_size=1, max_size=8),
    big_endian=st.booleans(),
)
def test_any_float_comes_back_bit_by_bit(
    tmp_path: Path, *, events: Sequence[Sequence[float]], big_endian: bool
) -> None:
    dataset = read(tmp_path, fcs_bytes(events, big_endian=big_endian))
    np.testing.assert_array_equal(dataset.stored(), np.array(events))


def test_a_whole_number_that_float64_would_round_is_refused(tmp_path: Path) -> None:
    content = fcs_bytes([[2**53 + 1]], number="I", bits=[64], keywords={"$P1R": str(2**60)})
    with pytest.raises(InputError, match="too large to be kept exactly"):
        read(tmp_path, content)
