"""The figures of a report as values: what stands beside a call, already drawn.

A figure carries its own picture so that a page needs no second file and no network.
"""

import base64
from dataclasses import dataclass

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture of one specimen.

    Attributes:
        specimen_id: the specimen that it shows.
        name: stable name within the specimen, such as the gate's.
        title: what a reader calls it.
        caption: what is drawn and how to read it, in one or two sentences.
        png: the picture, a PNG drawn at twice the size it is shown at.
    """

    specimen_id: str
    name: str
    title: str
    caption: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """The picture as a `data:` address, so that the page is self-contained."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")
