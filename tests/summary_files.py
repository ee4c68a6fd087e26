"""Synthetic deliveries of a sponsor and the maps that read them; subjects and values of our own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mrdkit.ngs.summary import Delivery, read_summary
from mrdkit.ngs.summary_map import read_summary_map
from mrdkit.ngs.summary_row import SummaryRow

COLUMNS = ("Subj", "Sample", "Visit", "PerMillion", "S4", "S5", "S6", "Cells", "Drawn", "Kind", "Screen")

MAP = """
id = "test_delivery"
version = "1"
source = "a test"

[columns]
subject = "Subj"
sample = "Sample"
visit = "Visit"
per_million = "PerMillion"
cells = "Cells"
collected_on = "Drawn"
specimen_type = "Kind"
screening_per_million = "Screen"

[status]
"1e-4" = "S4"
"1e-5" = "S5"
"1e-6" = "S6"

[words]
positive = ["Pos", "detected"]
negative = ["Neg", "not  detected"]
indeterminate = ["Indet."]
not_evaluable = ["QNS"]
"""


def line(**cells: object) -> dict[str, str]:
    """One row that is negative everywhere unless told otherwise."""
    ordinary = {
        "Subj": "P1",
        "Sample": "S1",
        "Visit": "C1",
        "S4": "Negative",
        "S5": "Negative",
        "S6": "Negative",
    }
    return {**ordinary, **{name: str(value) for name, value in cells.items()}}


def text(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = COLUMNS, mark: str = ",") -> str:
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "".join(mark.join(cells) + "\n" for cells in lines)


def delivered(folder: Path, content: str, map_text: str = MAP) -> Delivery:
    """Write a delivery and its map, and read them."""
    (folder / "map.toml").write_text(map_text, encoding="utf-8")
    (folder / "delivery.csv").write_text(content, encoding="utf-8", newline="")
    return read_summary(folder / "delivery.csv", read_summary_map(folder / "map.toml"))


def one_row(folder: Path, map_text: str = MAP, **cells: object) -> SummaryRow:
    """Read a delivery of one row."""
    (row,) = delivered(folder, text([line(**cells)]), map_text).summary.rows
    return row
