"""Transport files read back equal by another reader, and what does not fit is refused."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrdkit.errors import InputError
from mrdkit.export.sdtm.datasets import Dataset, Value
from mrdkit.export.sdtm.model import Variable
from mrdkit.export.sdtm.xpt import xpt_bytes

CREATED = datetime(1970, 1, 1)  # noqa: DTZ001 - the format holds local time
TEXT = Variable(name="TEXT", label="A text", type="Char", core="Perm")
NUMBER = Variable(name="NUMBER", label="A number", type="Num", core="Perm")
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200).map(str.strip)
NUMBERS = st.floats(-7e75, 7e75).filter(lambda value: value == 0 or abs(value) > 1e-77)


def dataset(rows: Any, *variables: Variable, name: str = "LB", label: str = "Laboratory") -> Dataset:
    variables = variables or (TEXT, NUMBER)
    columns = tuple([row[at] for row in rows] for at in range(len(variables)))
    return Dataset(name=name, label=label, keys=(), variables=variables, columns=columns)


def read(path: Path, content: bytes) -> tuple[Any, Any]:
    path.write_bytes(content)
    frame, meta = pyreadstat.read_xport(str(path))
    return frame, meta


@settings(max_examples=60)
@given(st.lists(st.tuples(ASCII, NUMBERS), min_size=1, max_size=5))
def test_values_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float]]
) -> None:
    # A row that is blank as a whole at the end of a file is padding to every reader.
    rows = [*rows, ("end", 1.0)]
    frame, meta = read(tmp_path_factory.mktemp("xpt") / "lb.xpt", xpt_bytes(dataset(rows), CREATED))
    assert list(frame.itertuples(index=False, name=None)) == rows
    assert meta.column_names_to_labels == {"TEXT": "A text", "NUMBER": "A number"}
    assert (meta.table_name, meta.file_label) == ("LB", "Laboratory")


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    frame, _ = read(tmp_path / "lb.xpt", xpt_bytes(dataset([(None, None), ("x", 0.0)]), CREATED))
    assert frame["NUMBER"].isna().tolist() == [True, False]
    assert frame["TEXT"].tolist() == ["", "x"]


def test_a_data_set_without_rows_has_its_variables(tmp_path: Path) -> None:
    frame, _ = read(tmp_path / "lb.xpt", xpt_bytes(dataset([]), CREATED))
    assert (list(frame.columns), len(frame)) == (["TEXT", "NUMBER"], 0)


def test_a_file_consists_of_records_of_80_bytes_and_states_the_given_time() -> None:
    content = xpt_bytes(dataset([("x", 1.0)]), datetime(2024, 2, 29, 13, 5, 7))  # noqa: DTZ001
    assert len(content) % 80 == 0
    assert content.count(b"29FEB24:13:05:07") == 4


@pytest.mark.parametrize(
    ("value", "variable"),
    [
        ("x" * 201, TEXT),
        ("\u00b5", TEXT),
        ("a\nb", TEXT),
        (0, TEXT),
        ("5", NUMBER),
        (float("nan"), NUMBER),
        (float("inf"), NUMBER),
        (1e76, NUMBER),
        (1e-80, NUMBER),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(value: Value, variable: Variable) -> None:
    with pytest.raises(InputError, match=f"LB.{variable.name}") as caught:
        xpt_bytes(dataset([(value,)], variable), CREATED)
    assert caught.value.code == "XPT_VALUE"


@pytest.mark.parametrize(
    "wrong",
    [
        dataset([], Variable(name="NINECHARS", label="x", type="Char", core="Perm")),
        dataset([], Variable(name="X", label="x" * 41, type="Char", core="Perm")),
        dataset([], name="NINECHARS"),
        dataset([], label="x" * 41),
    ],
)
def test_names_and_labels_that_do_not_fit_are_refused(wrong: Dataset) -> None:
    with pytest.raises(InputError, match="ASCII characters"):
        xpt_bytes(wrong, CREATED)
