"""MRD measurements written as a hematologist writes them in a table: `2e-4 [1e-4, 4e-4]`, `<1e-5`, a word."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from hypothesis import strategies as st

from mrdkit.patient.mrd_records import MrdMeasurement

__all__ = ["START", "in_two_orders", "measured", "measurements"]

START = date(2024, 1, 8)
_CELLS = ("1e-3 [8e-4, 1.2e-3]", "1e-5", "5e-5 [4e-5, 6e-5]", "<1e-4", "<1e-6", "positive", "not_evaluable")
_VALUE = re.compile(r"(?P<value>[0-9.e-]+)(?: \[(?P<low>[0-9.e-]+), (?P<high>[0-9.e-]+)\])?")


def measured(
    cell: str,
    *,
    day: int | None = 0,
    visit: str = "C1",
    method: Literal["flow", "ngs"] = "flow",
    specimen_type: str | None = None,
) -> MrdMeasurement:
    """Return the measurement of one cell.

    Args:
        cell: a value with or without its interval, `<limit`, or the status word of a result without a number.
        day: days after the start, None where the date is not known.
        visit: label.
        method: flow or ngs.
        specimen_type: as in a manifest.
    """
    base = MrdMeasurement(
        method=method,
        visit=visit,
        specimen_id=None,
        collected_on=None if day is None else START + timedelta(days=day),
        fraction=None,
        ci_low=None,
        ci_high=None,
        limit=None,
        detected=None,
        status={"1e-4": cell},
        source="mrdkit",
        flags=(),
        specimen_type=specimen_type,
    )
    if cell.startswith("<"):
        limit = float(cell[1:])
        word = "negative" if limit <= 1e-4 else "indeterminate"
        return replace(base, fraction=0.0, limit=limit, detected=False, status={"1e-4": word})
    match = _VALUE.fullmatch(cell)
    if match is None:
        return replace(base, detected={"positive": True, "negative": False}.get(cell))
    value = float(match["value"])
    low, high = (None if match[name] is None else float(match[name]) for name in ("low", "high"))
    word = "positive" if value >= 1e-4 else "negative" if method == "ngs" else "positive"
    return replace(
        base, fraction=value, ci_low=low, ci_high=high, detected=True, lod=4e-5, status={"1e-4": word}
    )


def measurements() -> st.SearchStrategy[MrdMeasurement]:
    """Return measurements that often share a day, a visit or a value."""
    return st.builds(
        measured,
        st.sampled_from(_CELLS),
        day=st.sampled_from((None, 0, 28, 56)),
        visit=st.sampled_from(("", "C1", "C2")),
        method=st.sampled_from(("flow", "ngs")),
        specimen_type=st.sampled_from((None, "BM", "PB", "swab")),
    )


def in_two_orders() -> st.SearchStrategy[tuple[list[MrdMeasurement], list[MrdMeasurement]]]:
    """Return the same measurements in two orders."""
    return st.lists(measurements(), max_size=8).flatmap(
        lambda found: st.tuples(st.just(found), st.permutations(found))
    )
