"""The names that a file itself gives an allele: kept beside the computed ones, never used.

Read from the annotations of SnpEff (ANN), VEP (CSQ) and ANNOVAR (AAChange), for the transcript that mrdkit
names on. Such names stand on other isoforms, unshifted places and other anchors often enough to need a column
of their own.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mrdkit.tp53.records import VcfRecord

__all__ = ["supplied_names"]

_ANNOTATIONS = re.compile(r"(?i)ANN|CSQ|BCSQ|AAChange.*")
_TRANSCRIPTS = ("NM_000546", "ENST00000269305")
_CELLS = re.compile(r"[|:]")
_LONGEST = 200  # characters


def supplied_names(record: VcfRecord, alt: str) -> str | None:
    """Return the file's own `c.` and `p.` names of one allele, joined by a blank; None where it has none."""
    for cells in _entries(record):
        if len(record.alts) == 1 or cells[0] in {alt, alt[1:]}:
            names = [next((cell for cell in cells if cell.startswith(kind)), None) for kind in ("c.", "p.")]
            found = " ".join(name for name in names if name)
            if found:
                return found[:_LONGEST]
    return None


def _entries(record: VcfRecord) -> Iterator[list[str]]:
    """Yield the cells of each annotation on the transcript; ANNOVAR's first cell is a gene, not an allele."""
    for tag, value in record.info.items():
        if not _ANNOTATIONS.fullmatch(tag):
            continue
        for entry in value.split(","):
            cells = [unquote(cell) for cell in _CELLS.split(entry)]
            if any(cell.startswith(_TRANSCRIPTS) for cell in cells):
                yield cells
