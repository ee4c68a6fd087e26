"""The figures of a report as values: what stands beside a call, already drawn.

A figure carries its own picture so that a page needs no second file and no network.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

__all__ = ["Figure", "Section", "in_sections"]

#: Where a figure stands in the report of a tube: its quality, the way to its counts, the cells made visible.
Section: TypeAlias = Literal["quality", "gating", "visible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture of one specimen.

    Attributes:
        specimen_id: the specimen that it shows.
        input_sha256: the file that it shows; a specimen may have several.
        section: where it stands in the report of the tube.
        name: stable name within the specimen, such as the gate's.
        title: what a reader calls it.
        caption: what is drawn and how to read it; each line stands on a line of its own.
        png: the picture, a PNG drawn at twice the size it is shown at.
    """

    specimen_id: str
    input_sha256: str
    section: Section
    name: str
    title: str
    caption: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """The picture as a `data:` address, so that the page is self-contained."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def in_sections(figures: Iterable[Figure]) -> tuple[tuple[Figure, ...], ...]:
    """Return the figures of each section, in the order of the sections."""
    drawn = tuple(figures)
    return tuple(
        tuple(figure for figure in drawn if figure.section == section) for section in get_args(Section)
    )
