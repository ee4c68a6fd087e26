"""Limits of single targets as the vendor's report or a laboratory states them, from a CSV file."""

from pathlib import Path

from mrdkit.files import Row, read_table
from mrdkit.ngs.options import MeasuredLimit

__all__ = ["read_limits"]

_COLUMNS = ("target_id", "unit", "lod", "loq", "source")


def read_limits(path: Path) -> dict[str, MeasuredLimit]:
    """Read limits: target_id, unit (per_million or per_ml), lod, loq, source.

    Returns:
        target id -> limits.

    Raises:
        InputError: unreadable, a column is missing, a target stands twice, or a value is no limit.
    """
    limits: dict[str, MeasuredLimit] = {}
    for row in read_table(path, required=_COLUMNS).rows:
        name = row.required("target_id")
        if name in limits:
            raise row.error("a target stands twice", code="TARGET_REPEATED", column="target_id")
        limits[name] = _limit(row)
    return limits


def _limit(row: Row) -> MeasuredLimit:
    unit = row.required("unit")
    if unit not in {"per_million", "per_ml"}:
        raise row.error("the unit is none of per_million, per_ml", code="CELL_INVALID", column="unit")
    try:
        return MeasuredLimit(
            unit="per_million" if unit == "per_million" else "per_ml",
            lod=row.decimal("lod"),
            loq=row.decimal("loq"),
            source=row.required("source"),
        )
    except ValueError as error:
        raise row.error(str(error), code="CELL_INVALID", column="lod") from None
