"""Spillover matrices in files of their own: the layouts that occur, and those that are refused."""

from pathlib import Path

import pytest
from real_data import real

from mrdkit.errors import InputError
from mrdkit.flow.compensation import SpilloverMatrix
from mrdkit.flow.spillover_file import read_spillover_file

NUMBERS = ((1.0, 0.2), (0.03, 1.0))


def read(folder: Path, text: str, *, encoding: str = "utf-8") -> SpilloverMatrix:
    path = folder / "matrix.csv"
    path.write_bytes(text.encode(encoding))
    return read_spillover_file(path)


@pytest.mark.parametrize(
    "text",
    [
        "FL1-A,FL2-A\n1,0.2\n0.03,1\n",
        "# FL1-A,FL2-A\r\n1.0,0.2\r\n0.03,1.0\r\n",
        ",FL1-A,FL2-A\nFL1-A,1,0.2\nFL2-A,0.03,1\n",
        "FL1-A;FL2-A\n1;2e-1\n3e-2;1\n",
        '"FL1-A" "FL2-A"\n"FL1-A" 1 0.2\n"FL2-A" 0.03   1\n',
        "Tube 5 matrix\r<\t>\rFL1-A\tFL2-A\r1\t0.2\r0.03\t1\r",
        "2,FL1-A,FL2-A,1,0.2,0.03,1",
        "\ufeffFL1-A,FL2-A\n1,0.2\n\n0.03,1",
    ],
)
def test_layouts_that_occur_give_one_matrix(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found == SpilloverMatrix(
        fluorochromes=("FL1-A", "FL2-A"), detectors=("FL1-A", "FL2-A"), coefficients=NUMBERS
    )


def test_rows_may_be_called_by_their_dye(tmp_path: Path) -> None:
    found = read(tmp_path, ",FL1-A,FL2-A\nFITC,1,0.2\nPE é,0.03,1\n", encoding="latin-1")
    assert found.fluorochromes == ("FITC", "PE é")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,0.2\n0.03,1\n",
        "FL1-A,FL2-A\n1,0.2\n",
        "FL1-A,FL2-A\n1,0.2\n0.03\n",
        "FL1-A,FL2-A\n1,0.2\n0.03,x\n",
        "FL1-A,\n1,0.2\n0.03,1\n",
        "FL1-A,FL2-A\n1,0.2\nFL2-A,0.03,1\n",
        "a\nb\nc\nFL1-A,FL2-A\n1,0.2\n0.03,1\n",
        "FL1-A;FL2-A\n1;0,2\n0,03;1\n",
        "FL1-A,FL2-A\n1,nan\n0.03,1\n",
    ],
)
def test_what_could_shift_a_row_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert caught.value.code == "SPILLOVER_FILE_INVALID"
    assert caught.value.file is not None


def test_a_missing_file_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_spillover_file(tmp_path / "none.csv")
    with pytest.raises(InputError, match="4194304 bytes"):
        read(tmp_path, "1," * 3_000_000)


@pytest.mark.parametrize(
    ("name", "size", "place", "value"),
    [
        ("comp_complete_example.csv", 14, (0, 1), 0.2986),
        ("compref", 4, (0, 1), 0.242022277630705),
        ("compmatrix", 4, (3, 2), 3.23e-3),
        ("den_comp.csv", 8, (0, 6), 0.015546),
        ("den_comp_null_channel.csv", 7, (0, 3), 0.020596),
    ],
)
def test_real_matrices(name: str, size: int, place: tuple[int, int], value: float) -> None:
    found = read_spillover_file(real(f"flow/compensation/{name}"))
    assert len(found.detectors) == len(found.coefficients) == size
    assert found.coefficients[place[0]][place[1]] == value
