"""Results of a dilution series: one row per tube with its true level, level 0 being a blank.

A tube that was not evaluable has no fraction and no detection; else both are there and agree with the state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, get_args

from mrdkit.errors import InputError
from mrdkit.files import Row, Table, read_table
from mrdkit.flow.mrd.decision import State

__all__ = ["LEAST_LEVEL", "DilutionTube", "level_in", "read_dilution", "tubes_of"]

COLUMNS = ("level", "replicate", "fraction", "detected", "state")
LEAST_LEVEL = 1e-12  # of all cells of a body, no tube holds so many
DETECTED = {"true": True, "false": False}
SEEN: frozenset[State] = frozenset({"positive", "detected_below"})

Key: TypeAlias = tuple[float, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DilutionTube:
    """One tube.

    Attributes:
        level: the true fraction; 0 is a blank.
        fraction: the measured fraction, None where the tube was not evaluable.
        state: the state of its call.
    """

    level: float
    fraction: float | None
    state: State

    @property
    def detected(self) -> bool:
        """Whether a cluster was seen."""
        return self.state in SEEN


def read_dilution(path: Path) -> tuple[DilutionTube, ...]:
    """Read the results of a dilution series: level, replicate, fraction, detected, state.

    Raises:
        InputError: the table is damaged or empty, a tube stands twice, or a row contradicts itself.
    """
    return tubes_of(read_table(path, required=COLUMNS), _tube)


def tubes_of(table: Table, tube_of: Callable[[Row], DilutionTube]) -> tuple[DilutionTube, ...]:
    """Return the tube of each row of a table with the columns level and replicate.

    Raises:
        InputError: the table is empty, or a tube stands twice.
    """
    if not table.rows:
        raise InputError(
            "the table has no rows", code="TABLE_WITHOUT_ROWS", file=table.file, expected="one row per tube"
        )
    rows: dict[Key, int] = {}
    tubes = []
    for row in table.rows:
        tube = tube_of(row)
        first = rows.setdefault((tube.level, row.required("replicate")), row.number)
        if first != row.number:
            raise row.error(
                "the tube stands twice",
                code="ROW_REPEATED",
                column="replicate",
                found=f"level and replicate of row {first}",
                remedy="keep one of them, or number the replicates",
            )
        tubes.append(tube)
    return tuple(tubes)


def _tube(row: Row) -> DilutionTube:
    state, level = _state(row), level_in(row)
    if state == "not_evaluable":
        _check_empty(row, "fraction")
        _check_empty(row, "detected")
        return DilutionTube(level=level, fraction=None, state=state)
    fraction = row.decimal("fraction", at_least=0.0, at_most=1.0)
    tube = DilutionTube(level=level, fraction=fraction, state=state)
    if DETECTED.get(row.required("detected").lower()) is not tube.detected:
        raise row.error(
            "the cell contradicts the state, or is neither true nor false",
            code="DETECTED_CONTRADICTS",
            column="detected",
            expected=f"{str(tube.detected).lower()} with state {state}",
            found=repr(row.text("detected")[:40]),
        )
    return tube


def level_in(row: Row) -> float:
    """Return the level of a row, 0 for a blank.

    Raises:
        InputError: it is no level.
    """
    level = row.decimal("level", at_least=0.0, at_most=1.0)
    if 0.0 < level < LEAST_LEVEL:
        raise row.error(
            "the level is no fraction that cells can have",
            code="LEVEL_TOO_SMALL",
            column="level",
            expected=f"0 for a blank, or at least {LEAST_LEVEL:g}",
            found=repr(row.text("level")[:40]),
        )
    return level


def _state(row: Row) -> State:
    text = row.required("state")
    for state in get_args(State):
        if text == state:
            return state  # type: ignore[no-any-return]  # one of the words of State
    raise row.error(
        "the cell is not a state of a call",
        code="STATE_UNKNOWN",
        column="state",
        expected="one of " + ", ".join(get_args(State)),
        found=repr(text[:40]),
    )


def _check_empty(row: Row, column: str) -> None:
    if row.text(column):
        raise row.error(
            "a tube that was not evaluable has no value",
            code="NOT_EVALUABLE_WITH_VALUE",
            column=column,
            expected="an empty cell",
            found=repr(row.text(column)[:40]),
        )
