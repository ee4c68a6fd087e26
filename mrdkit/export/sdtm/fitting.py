"""Text as a transport file can hold it: printable ASCII in pieces of 200 bytes, coded values known terms.

Text that is no printable ASCII is escaped; its note says so. What identifies a subject or a specimen is
neither cut nor escaped, but refused. Columns repeat the same few texts: each distinct one is fitted once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mrdkit.errors import InputError
from mrdkit.export.sdtm.model import codelists
from mrdkit.export.values import ascii_text

__all__ = ["Fitted", "fitted_texts", "is_extension", "piece_name"]

_LONGEST = 200  # bytes of a value, by the transport format
_LONGEST_NAME = 8
_OPEN_CODELIST = "C96785"  # categories of a study's own criteria are added to it as they are
_IDENTIFIES = frozenset({"STUDYID", "USUBJID", "SUBJID", "REFID", "PARENT", "BEREFID"})
_IDENTIFIES_AT_END = "REFID"


@dataclass(frozen=True, slots=True)
class Fitted:
    """One text: as it is written, in pieces that fit (none of empty text), and what was changed in it."""

    text: str
    pieces: tuple[str, ...]
    change: str

    @property
    def first(self) -> str | None:
        """What stands in the cell itself."""
        return self.pieces[0] if self.pieces else None


def fitted_texts(place: str, owners: Mapping[str, str]) -> dict[str, Fitted]:
    """Return each distinct text of one variable as it is written.

    Args:
        place: data set and variable, such as `LB.LBORRES`.
        owners: each text with a subject that has it.

    Raises:
        InputError: an identifier does not fit the format.
    """
    return {text: _fitted(place, text.strip(), subject_id) for text, subject_id in owners.items()}


def _fitted(place: str, text: str, subject_id: str) -> Fitted:
    plain = text if text.isascii() and text.isprintable() else ascii_text(text)
    if (plain != text or len(text) > _LONGEST) and _identifies(place.partition(".")[2]):
        raise InputError(
            "an identifier cannot be written to SDTM",
            code="SDTM_IDENTIFIER",
            place=f"{place} of subject {subject_id!r}",
            expected=f"printable ASCII of at most {_LONGEST} characters",
            found=repr(text[:40]),
            remedy="give it another pseudonym in the study's tables",
        )
    change = "" if plain == text else f"{text[:80]!r} is written as {plain[:80]!r}"
    return Fitted(text=plain, pieces=tuple(_cut(plain)), change=change)


def _identifies(name: str) -> bool:
    return name in _IDENTIFIES or name.endswith(_IDENTIFIES_AT_END)


def _cut(text: str) -> list[str]:
    """Return text in pieces that fit; none ends with a blank, which the transport format would lose."""
    if len(text) <= _LONGEST:
        return [text] if text else []
    pieces: list[str] = []
    while text:
        length = len(text[:_LONGEST].rstrip()) or _LONGEST
        pieces.append(text[:length])
        text = text[length:]
    return pieces


def piece_name(name: str, number: int) -> str:
    """Return the qualifier's name of a piece: the name itself for the first, then with its number.

    >>> piece_name("MIORRES", 0), piece_name("RSREASON", 12)
    ('MIORRES', 'RSREAS12')
    """
    suffix = str(number) if number else ""
    return name[: _LONGEST_NAME - len(suffix)] + suffix


def is_extension(place: str, codelist: str, value: str) -> bool:
    """Tell whether a coded value is an extension of its codelist, not a term of it.

    Raises:
        LookupError: it is neither.
    """
    terms, extensions = _known_values(codelist)
    if value in terms:
        return False
    if value not in extensions and codelist != _OPEN_CODELIST:
        raise LookupError(f"{place}: {value!r} is no term of {codelist}")
    return True


@cache
def _known_values(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of a codelist and its extensions."""
    codelist = codelists()[code]
    extensions = frozenset(each.value for each in codelist.extensions)
    return frozenset(each.value for each in codelist.terms), extensions
