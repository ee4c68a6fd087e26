"""The names that a file itself gives an allele: kept beside the computed ones, never used.

Read from the annotations of SnpEff (ANN), VEP (CSQ) and ANNOVAR (AAChange), for the transcript that mrdkit
names on. Such names stand on other isoforms, unshifted places and other anchors often enough to need a column
of their own.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mrdkit.tp53.records import VcfRecord

__all__ = ["is_annotation", "names_transcript", "supplied_names"]

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


def is_annotation(tag: str) -> bool:
    """Tell the INFO tags of annotation programs."""
    return _ANNOTATIONS.fullmatch(tag) is not None


def names_transcript(entry: str) -> bool:
    """Tell whether an annotation, or a cell of it, is on the transcript that mrdkit names on."""
    return any(unquote(cell).startswith(_TRANSCRIPTS) for cell in _CELLS.split(entry))


def _entries(record: VcfRecord) -> Iterator[list[str]]:
    """Yield the cells of each annotation on the transcript; ANNOVAR's first cell is a gene, not an allele."""
    for tag, value in record.info.items():
        if is_annotation(tag):
            for entry in filter(names_transcript, value.split(",")):
                yield [unquote(cell) for cell in _CELLS.split(entry)]
