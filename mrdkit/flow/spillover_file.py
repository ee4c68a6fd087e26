"""A spillover matrix in a text file of its own, as cytometers, FlowJo and R write it.

Read are the layout of the FCS keyword on one line (n, names, numbers), and tables: a line with the names of
the detectors, then one row of numbers per fluorochrome, the rows in the order of the detectors or named in
their first cell. Cells are separated by commas, semicolons, tabs or blanks; names may stand in quotes, the
line of names may begin with # or an empty cell, and a title of two lines may stand above it. Whatever cannot
be read so is refused: a matrix read with a shifted row would compensate everything wrongly.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files.digest import unreadable
from mrdkit.flow.compensation import SpilloverMatrix, from_file
from mrdkit.flow.fcs_keywords import real_number
from mrdkit.flow.fcs_spillover import parse_spillover

__all__ = ["read_spillover_file"]

_LARGEST = 4 * 1024 * 1024  # bytes
_QUOTED_OR_BARE = re.compile(r'"([^"]*)"|(\S+)')
_MOST_LINES_ABOVE = 3  # a title of at most two lines, and the names


def read_spillover_file(path: Path) -> SpilloverMatrix:
    """Read one matrix.

    Raises:
        InputError: the file is missing, too large, or no square matrix with one name per detector.
    """
    lines = [line.strip("\r\n") for line in _text(path).replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) == 1 and (keyword := parse_spillover(lines[0])) is not None:
        return from_file(keyword)
    return _table([_cells(line, _separator(lines)) for line in lines], path)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise _refused(path, f"more than {_LARGEST} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _separator(lines: Sequence[str]) -> str:
    """Return what separates the cells of every line; a blank stands for any run of blanks."""
    return next((mark for mark in ("\t", ",", ";") if any(mark in line for line in lines)), " ")


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return [quoted or bare for quoted, bare in _QUOTED_OR_BARE.findall(line)]
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _table(rows: Sequence[Sequence[str]], path: Path) -> SpilloverMatrix:
    first = next((i for i, row in enumerate(rows) if real_number(row[-1]) is not None), None)
    if not first or first > _MOST_LINES_ABOVE:
        raise _refused(path, "no line of names above the first row of numbers")
    names, body = list(rows[first - 1]), rows[first:]
    if names[0].startswith("#"):
        names = [names[0].removeprefix("#").strip(), *names[1:]]
    size = len(body)
    labelled = {len(row) for row in body} == {size + 1}
    if names[0] == "" and len(names) == size + 1:
        names = names[1:]
    numbers = [[real_number(cell) for cell in (row[1:] if labelled else row)] for row in body]
    if len(names) != size or any(len(row) != size or None in row for row in numbers) or "" in names:
        raise _refused(path, f"{len(names)} names above {size} rows of {len(body[0])} cells")
    return SpilloverMatrix(
        fluorochromes=tuple(row[0] for row in body) if labelled else tuple(names),
        detectors=tuple(names),
        coefficients=tuple(tuple(n for n in row if n is not None) for row in numbers),
    )


def _refused(path: Path, found: str) -> InputError:
    return InputError(
        "this is no square spillover matrix with one name per detector",
        code="SPILLOVER_FILE_INVALID",
        file=path,
        expected="a line of names and as many rows of as many numbers, decimals with a point",
        found=found,
        remedy="export the matrix again as CSV",
    )
