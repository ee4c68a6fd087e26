"""What is peculiar to AIRR Rearrangement files: strands, coordinates from 1, and the frame in three columns.

Where `rev_comp` is true, coordinates refer to the reverse complement of `sequence`; some programs write the
sequence already turned. The junction tells which: it must stand in the sequence that coordinates refer to.
Some programs count coordinates from 0; a start of 0 shows it, for the standard knows none. Source: AIRR
Rearrangement schema.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.cells import Cells
from mrdkit.ngs.sample import SampleWarning
from mrdkit.ngs.sequences import NO_INDEX
from mrdkit.ngs.table import Coded

__all__ = ["COLUMNS", "AirrRows", "airr_rows"]

_STARTS = ("v_sequence_start", "d_sequence_start", "j_sequence_start")

#: Columns that only this dialect has.
COLUMNS = ("rev_comp", "junction", "productive", "vj_in_frame", "stop_codon", "d_sequence_end", *_STARTS)

_COMPLEMENT = bytes.maketrans(b"ACGTN", b"TGCAN")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AirrRows:
    """Rows of an AIRR table with every sequence on the coding strand and indexes from 0.

    Attributes:
        cells: the table with its sequences turned.
        anchors: (n,) first base of J.
        d_starts: (n,) first base of D.
        d_ends: (n,) first base behind D.
        frame: In, Out, Stop or None.
    """

    cells: Cells
    anchors: NDArray[np.int32]
    d_starts: NDArray[np.int32]
    d_ends: NDArray[np.int32]
    frame: Coded[str | None]
    warnings: tuple[SampleWarning, ...]


def airr_rows(cells: Cells) -> AirrRows:
    """Return the rows of an AIRR table.

    Raises:
        InputError: a truth value or a coordinate is none.
    """
    starts = {name: cells.indexes(_present(cells, name), NO_INDEX) for name in _STARTS}
    from_zero = any(bool((column == 0).any()) for column in starts.values())
    shift = 0 if from_zero else 1
    ends = cells.indexes(_present(cells, "d_sequence_end"), NO_INDEX)  # closed from 1 is open from 0
    turned, n_kept = _turned(cells)
    warnings = []
    if from_zero:
        warnings.append(
            SampleWarning(code="AIRR_COUNTED_FROM_0", message="Coordinates are counted from 0, not from 1.")
        )
    if n_kept:
        warnings.append(
            SampleWarning(
                code="AIRR_ALREADY_TURNED",
                message=f"{n_kept:,} sequence(s) with rev_comp are on the coding strand already, by their "
                "junction.",
            )
        )
    return AirrRows(
        cells=turned,
        anchors=_from_zero(starts["j_sequence_start"], shift),
        d_starts=_from_zero(starts["d_sequence_start"], shift),
        d_ends=ends,
        frame=_frame(cells),
        warnings=tuple(warnings),
    )


def _present(cells: Cells, name: str) -> str | None:
    return name if name in cells.raw.cells else None


def _from_zero(starts: NDArray[np.int32], shift: int) -> NDArray[np.int32]:
    return np.where(starts >= shift, starts - shift, NO_INDEX).astype(np.int32)


def _turned(cells: Cells) -> tuple[Cells, int]:
    """Return the table with sequences turned where they must be, and how many were so already."""
    raw = cells.raw
    opposite = np.flatnonzero(cells.truths(_present(cells, "rev_comp")).mapped(bool).array(np.bool_))
    if not len(opposite):
        return cells, 0
    junctions = cells.words(_present(cells, "junction"))
    bases = raw.bases.copy()
    n_kept = 0
    for row in opposite:
        place = slice(int(raw.offsets[row]), int(raw.offsets[row + 1]))
        sequence = bases[place].tobytes()
        junction = junctions.at(int(row))
        if junction and junction.upper().encode() in sequence:
            n_kept += 1
        else:
            bases[place] = np.frombuffer(sequence[::-1].translate(_COMPLEMENT), dtype=np.uint8)
    return replace(cells, raw=replace(raw, bases=bases)), n_kept


def _frame(cells: Cells) -> Coded[str | None]:
    """Return Stop where a codon stops, else In or Out where the frame or productivity is stated."""
    names = ("stop_codon", "vj_in_frame", "productive")
    stop, frame, productive = (cells.truths(_present(cells, name)) for name in names)
    stops = stop.mapped(lambda value: value is True).array(np.bool_)
    inside = frame.mapped(lambda value: value is True).array(np.bool_)
    outside = frame.mapped(lambda value: value is False).array(np.bool_)
    works = productive.mapped(lambda value: value is True).array(np.bool_)
    codes = np.select(
        [stops, inside | works, outside], [np.uint16(1), np.uint16(2), np.uint16(3)], np.uint16(0)
    )
    return Coded(codes=codes, values=(None, "Stop", "In", "Out"))
