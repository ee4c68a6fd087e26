"""What the commands that read texts share: texts of the command line, or of a column of a table."""

from pathlib import Path
from typing import NamedTuple

from mrdkit.cli.output import Failure
from mrdkit.errors import MrdkitError, UsageError

__all__ = ["TextCell", "text_cells"]


class TextCell(NamedTuple):
    """One text, and where it stands; both are None on the command line."""

    text: str
    specimen_id: str | None
    row: int | None


def text_cells(
    texts: list[str] | None, file: Path | None, column: str | None, *, noun: str
) -> tuple[list[TextCell], list[Failure]]:
    """Return the texts in their order, and the file that cannot be read.

    Raises:
        UsageError: neither texts nor a file and its column, or both.
    """
    if (file is None) != (column is None) or (texts is None) == (file is None):
        raise UsageError(
            "what to read is not clear",
            code="TEXTS_UNCLEAR",
            expected=f"either {noun}... or --file CSV with --column NAME",
        )
    if file is None or column is None:
        return [TextCell(text, None, None) for text in texts or []], []
    from mrdkit.files import read_table

    try:
        rows = read_table(file, required=[column], separators=",;\t").rows
    except MrdkitError as error:
        return [], [Failure(path=str(file), error=error.code, message=str(error))]
    return [TextCell(row.text(column), row.text("specimen_id") or None, row.number) for row in rows], []
