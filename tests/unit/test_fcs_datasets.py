"""Files with several data sets: all are given, and one is chosen only where its content tells which."""

from pathlib import Path

import numpy as np
import pytest
from fcs_files import fcs_bytes

from mrdkit.errors import InputError, UsageError
from mrdkit.flow import read_fcs, read_fcs_datasets

EVENTS = [[100, 200], [300, 400]]
FINE = [[102_400, 204_800], [307_200, 409_600]]


def list_mode(**second: object) -> bytes:
    """Return a Beckman list-mode file: ten bits and logarithms first, twenty linear bits behind."""
    first = fcs_bytes(
        EVENTS,
        version="2.0",
        number="I",
        bits=[16, 16],
        ranges=[1024, 1024],
        names=["FS INT LIN", "FL1 INT LOG"],
        keywords={"$P2E": "4,0.1024", "$CYT": "Navios"},
        next_data=True,
    )
    settings: dict[str, object] = {
        "version": "3.0",
        "number": "I",
        "ranges": [1_048_576, 1_048_576],
        "names": ["FS-A", "FL1-A"],
    }
    return first + fcs_bytes(FINE, **(settings | second))  # type: ignore[arg-type]  # a table of arguments


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "tube.LMD"
    path.write_bytes(content)
    return path


def test_both_data_sets_of_a_list_mode_file_are_given(tmp_path: Path) -> None:
    coarse, fine = read_fcs_datasets(write(tmp_path, list_mode()))
    assert (coarse.index, coarse.version, fine.index, fine.version) == (0, "2.0", 1, "3.0")
    np.testing.assert_array_equal(coarse.stored(), EVENTS)
    np.testing.assert_array_equal(fine.stored(), FINE)
    assert coarse.linear()[0, 1] == pytest.approx(0.1024 * 10 ** (4 * 200 / 1024))
    assert coarse.sha256 == fine.sha256


def test_the_linear_data_set_with_more_bits_is_the_one_used(tmp_path: Path) -> None:
    dataset = read_fcs(write(tmp_path, list_mode()))
    assert dataset.index == 1
    assert [warning.code for warning in dataset.warnings] == ["DATASET_CHOSEN"]
    assert read_fcs(write(tmp_path, list_mode()), dataset=0).index == 0


@pytest.mark.parametrize(
    "second",
    [
        {"version": "2.0"},
        {"ranges": [512, 512]},
        {"keywords": {"$P1E": "4,1"}},
        {"keywords": {"$TOT": "1"}},
    ],
    ids=["same version", "fewer bits", "logarithmic", "other events"],
)
def test_nothing_is_chosen_where_the_content_does_not_tell(tmp_path: Path, second: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        read_fcs(write(tmp_path, list_mode(**second)))
    assert caught.value.code == "DATASET_AMBIGUOUS"
    assert "1 (FCS" in str(caught.value)


def test_one_data_set_per_sample_is_never_merged_or_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, b"".join(fcs_bytes([[float(i), 0.0]], next_data=i < 4) for i in range(5)))
    assert [dataset.stored()[0, 0] for dataset in read_fcs_datasets(path)] == [0, 1, 2, 3, 4]
    with pytest.raises(UsageError, match="several data sets"):
        read_fcs(path)
    assert read_fcs(path, dataset=3).stored()[0, 0] == 3


@pytest.mark.parametrize("dataset", [-1, 2])
def test_a_data_set_that_is_not_there_is_a_usage_error(tmp_path: Path, dataset: int) -> None:
    with pytest.raises(UsageError) as caught:
        read_fcs(write(tmp_path, list_mode()), dataset=dataset)
    assert caught.value.code == "DATASET_UNKNOWN"


@pytest.mark.parametrize("place", ["1", "300", "99999999", "9" * 25, "-1", "next"])
def test_a_chain_that_leads_nowhere_ends_with_a_flag(tmp_path: Path, place: str) -> None:
    (dataset,) = read_fcs_datasets(write(tmp_path, fcs_bytes([[1.0, 2.0]], keywords={"$NEXTDATA": place})))
    assert {warning.code for warning in dataset.warnings} == {"NEXTDATA_INVALID"}
    np.testing.assert_array_equal(dataset.stored(), [[1.0, 2.0]])


def test_a_damaged_second_data_set_is_never_silently_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, list_mode()[:-200])
    with pytest.raises(InputError, match="data set 1"):
        read_fcs(path)
    with pytest.raises(InputError, match="data set 1"):
        read_fcs_datasets(path)
    assert read_fcs(path, dataset=0).n_events == 2


def test_check_words_belong_to_their_data_set(tmp_path: Path) -> None:
    parts = [
        fcs_bytes([[1.0, 2.0]], next_data=True, tail=b"00001234"),
        fcs_bytes([[3.0, 4.0]], tail=b"00000000"),
    ]
    found = [
        {w.code for w in dataset.warnings} for dataset in read_fcs_datasets(write(tmp_path, b"".join(parts)))
    ]
    assert found == [{"CRC_MISMATCH"}, set()]
