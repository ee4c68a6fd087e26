"""What reading a free-text FISH result gives; its field names are those of the command line."""

from dataclasses import dataclass

__all__ = ["TextResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextResult:
    """One text.

    Attributes:
        text: as given.
        call: a call of counts, or one of the further words of texts.
        n_abnormal: nuclei of the call, None where not written.
        n_scored: nuclei scored, None where not written.
        percent: from the nuclei where they are written, else as stated.
        iscn: the ISCN string in the text, None without one.
        iscn_call: its call of CRLF2.
        unparsed: sentences about CRLF2 that were not understood.
        flags: stable codes.
        reasons: sentences.
    """

    text: str
    call: str
    n_abnormal: int | None
    n_scored: int | None
    percent: float | None
    iscn: str | None
    iscn_call: str | None
    unparsed: tuple[str, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
