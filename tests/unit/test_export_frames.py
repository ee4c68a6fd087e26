"""Rows of several kinds in one table keep their order; a value that a column cannot hold is an error."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from mrdkit.export.columns import Column
from mrdkit.export.frames import RowParts, frame_of
from mrdkit.results import InputDigest, MrdStatus


@dataclass(frozen=True, slots=True)
class Measured:
    name: object
    class_: object = None
    within: object = None


@dataclass(frozen=True, slots=True)
class Counted:
    name: object


def one(column: Column, value: object) -> Any:
    return frame_of("T1", (column,), [(Measured(value),)])[column.name].to_list()[0]


def test_rows_of_several_kinds_stay_in_their_order() -> None:
    columns = (Column("study_id"), Column("name"), Column("class"), Column("extra"))
    rows: list[RowParts] = [
        (Measured("a", class_="x"),),
        (Counted("b"),),
        ({"extra": "e", "name": "under"}, Counted("c")),
        (Measured("d"), {"name": "above"}),
    ]
    assert frame_of("T1", columns, rows).rows() == [
        ("T1", "a", "x", None),
        ("T1", "b", None, None),
        ("T1", "c", None, "e"),
        ("T1", "above", None, None),
    ]


def test_a_path_leads_through_records_and_mappings_of_different_keys() -> None:
    column = Column("found", "number", ("within", "1e-4"))
    rows = [(Measured("a", within=within),) for within in ({"1e-4": 2.5}, {"1e-5": 1.0}, None)]
    assert frame_of("T1", (column,), rows)["found"].to_list() == [2.5, None, None]


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("text", MrdStatus.NEGATIVE, "negative"),
        ("text", 46, "46"),
        ("text", date(2024, 2, 29), "2024-02-29"),
        ("number", 3, 3.0),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("truth", False, False),
        ("list", ("a|b", "c"), "a/b|c"),
        ("list", (), ""),
        ("list", (InputDigest(role="fcs", sha256="ab" * 32),), "fcs:" + "ab" * 32),
    ],
)
def test_values_are_written_as_their_column_says(kind: Any, value: object, written: object) -> None:
    assert one(Column("name", kind), value) == written


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "3"), ("count", 2.0), ("text", ("a",)), ("truth", "Y"), ("list", "a"), ("date", 3)],
)
def test_a_value_of_another_type_is_an_error(kind: Any, value: object) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        one(Column("name", kind), value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        one(Column("name", "number"), value)
