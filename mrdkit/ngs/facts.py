"""What a file says of its sample beside the sequences: `#key=value` lines, or columns that repeat one value.

Header keys are read in any case, and unknown ones are kept. A value that contradicts another, or that no tube
can have, is an error. Source: clonoSEQ pipeline header; immunoSEQ v3 sample columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mrdkit.errors import InputError
from mrdkit.ngs.cells import Cells
from mrdkit.ngs.layouts import Layout
from mrdkit.ngs.sample import StatedCells
from mrdkit.ngs.source import TableHead

__all__ = ["SampleFacts", "facts_of_columns", "facts_of_header"]

_NOT_STATED = re.compile(r"|-1(\.0*)?|NA|N/A(,N/A)*|null|no data|unknown", re.IGNORECASE)
_SMALLEST_NUMBER = 1e-6  # cells, nanograms, millilitres, templates: far below and above any tube
_LARGEST_NUMBER = 1e10
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFacts:
    """Sample-level values.

    Attributes:
        header: all keys -> values as written.
        templates: of the whole sample, None where not stated.
    """

    header: Mapping[str, str] = field(repr=False)
    stated: StatedCells
    templates: int | None = None
    plasma_ml: float | None = None
    qc_flags: str | None = None
    pipeline_version: str | None = None
    config_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Keys and values, with the file that they are from."""

    head: TableHead
    values: Mapping[str, str]

    def text(self, key: str) -> str | None:
        """Return a value whatever the case of its key: without it the sample would be another."""
        found = {value for name, value in self.values.items() if name.casefold() == key.casefold()}
        return " / ".join(sorted(found)) or None

    def number(self, key: str) -> float | None:
        """Return a value of at least 0, None where it is not stated."""
        text = self.text(key) or ""
        if _NOT_STATED.fullmatch(text):
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value != 0.0 and not _SMALLEST_NUMBER <= value <= _LARGEST_NUMBER:
            raise InputError(
                "a header value is not a plausible number",
                code="HEADER_VALUE",
                file=self.head.path,
                place=f"header {key}",
                expected=f"0, or {_SMALLEST_NUMBER:g} to {_LARGEST_NUMBER:g}, or -1, NA or nothing",
                found=repr(text[:_LONGEST_SHOWN]),
            )
        return value


def facts_of_header(head: TableHead) -> SampleFacts:
    """Read the `#key=value` lines of a pipeline file.

    Raises:
        InputError: a key stands twice with different values, or a number is none.
    """
    header = _Header(head=head, values=_lines(head))
    parts = [header.number(f"{kind}_est_input_templates") for kind in ("VJ", "DJ")]
    stated = [part for part in parts if part is not None]
    return SampleFacts(
        header=header.values,
        stated=StatedCells(
            reference_loci=header.number("estTotalNucleatedCells"),
            dna_ng=header.number("productionPCRAmountofTemplate"),
        ),
        templates=round(sum(stated)) if len(stated) == len(parts) else None,
        plasma_ml=header.number("sampleMilliliters") or None,
        qc_flags=header.text("qc_flags"),
        pipeline_version=header.text("pipelineVersion"),
        config_version=header.text("configVersion"),
    )


def _lines(head: TableHead) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, line in enumerate(head.comments, start=1):
        key, _, value = (part.strip() for part in line.lstrip("#").partition("="))
        if values.setdefault(key, value) != value:
            raise InputError(
                "a header key stands twice with different values",
                code="HEADER_CONFLICT",
                file=head.path,
                place=f"line {number}",
                found=repr(key[:_LONGEST_SHOWN]),
                remedy="take the file as the vendor delivered it",
            )
    return values


def facts_of_columns(cells: Cells, layout: Layout, rows: NDArray[np.int64]) -> SampleFacts:
    """Read the columns that say the same in every row of a sample.

    Args:
        cells: of the table.
        layout: of its dialect.
        rows: of the sample.

    Raises:
        InputError: a column does not say the same in every row, or a number is none.
    """
    names = [name for name in layout.facts if name in cells.raw.cells]
    header = _Header(
        head=cells.head, values={name: _only_value(cells, name, rows) for name in names if len(rows)}
    )
    return SampleFacts(
        header=header.values,
        stated=StatedCells(
            vendor_count=header.number("sample_cells") or None,
            from_mass=header.number("sample_cells_mass_estimate") or None,
            dna_ng=header.number("sample_amount_ng"),
        ),
        templates=None if (total := header.number("total_templates")) is None else round(total),
    )


def _only_value(cells: Cells, name: str, rows: NDArray[np.int64]) -> str:
    column = cells.words(name)
    values = {column.values[code] for code in np.unique(column.codes[rows])}
    if len(values) > 1:
        raise InputError(
            "a sample-level column does not say the same in every row",
            code="HEADER_CONFLICT",
            file=cells.head.path,
            place=f"column {name}",
            found=f"{len(values)} values",
            remedy="give one file per sample, or name the sample",
        )
    return next(iter(values)) or ""
