"""Where the parts of a karyotype begin and end: populations, clones, items, brackets, the FISH part.

Separators count only outside brackets. `//` stands once at most, recipient to its left, donor to its right.
A part such as `.nuc ish ...` runs to the next clone or to the end. Positions are characters from 1.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.errors import InputError

__all__ = ["TECHNIQUE", "Field", "Population", "Section", "sections_of", "split_fields", "unreadable"]

Population: TypeAlias = Literal["recipient", "donor"]

_PAIRS = {")": "(", "]": "["}
#: How the part of another technique begins, behind its dot.
TECHNIQUE = r"(?:(?:nuc|metaph)\.? ?ish|ish|arr|sseq|seq|ogm|rsa|mlpa|subtel)\b"
_TECHNIQUE = re.compile(rf"\. ?(?={TECHNIQUE})", re.IGNORECASE | re.ASCII)
_SQUARE = re.compile(r"\[([^\[\]]*)\]")
#: A bracket without brackets in it as one sign, or a single one.
_SIGN = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]|[()\[\]/.]")
_CLONE_AHEAD = re.compile(r"(?:\d{1,3}(?:~\d{1,3})?,?(?:<\d?n>)?,|non-?clonal)", re.IGNORECASE | re.ASCII)


class Section(NamedTuple):
    """The text between two slashes, and the FISH part behind it."""

    text: str
    position: int
    population: Population
    technique: str = ""


class Field(NamedTuple):
    """The text between two commas, the brackets behind it and what stands behind those."""

    text: str
    position: int
    brackets: tuple[str, ...]
    remark: str


def unreadable(what: str, *, code: str, position: int) -> InputError:
    """Return the named error of a karyotype that cannot be read at a character."""
    return InputError(what, code=code, place=f"character {position}")


def sections_of(text: str) -> tuple[Section, ...]:
    """Return the sections of a cleaned karyotype in order.

    Raises:
        InputError: UNBALANCED_BRACKET, SECOND_DONOR_SEPARATOR or EMPTY_CLONE.
    """
    cuts = list(_slashes(text))
    doubles = [at for at, width in cuts if width > 1]
    if len(doubles) > 1 or any(width > len("//") for _, width in cuts):
        at = (doubles[1] if len(doubles) > 1 else doubles[0]) + 1
        raise unreadable("a second // stands in the karyotype", code="SECOND_DONOR_SEPARATOR", position=at)
    found: list[Section] = []
    population: Population = "recipient"
    start = 0
    for at, width in [*cuts, (len(text), 0)]:
        outer = at in doubles or start - len("//") in doubles
        found += _section(text, start, at, population, may_be_empty=outer)
        start = at + width
        if at in doubles:
            population = "donor"
    if not found:
        raise unreadable("the karyotype has no clone", code="EMPTY_CLONE", position=1)
    return tuple(found)


def split_fields(section: str) -> tuple[Field, ...]:
    """Return the comma-separated fields of a section, placed within it from 1.

    A comma in brackets separates nothing.
    """
    fields: list[Field] = []
    start, open_part = 0, ""
    for part in section.split(","):
        text = f"{open_part},{part}" if open_part else part
        if text.count("(") == text.count(")") and text.count("[") == text.count("]"):
            fields.append(_field(text, start + 1))
            start, open_part = start + len(text) + 1, ""
        else:
            open_part = text
    return (*fields, _field(open_part, start + 1)) if open_part else tuple(fields)


def _field(text: str, position: int) -> Field:
    first = text.find("[")
    if first < 0:
        return Field(text=text.strip(), position=position, brackets=(), remark="")
    last = text.rfind("]") + 1
    brackets = tuple(_SQUARE.findall(text, first, last))
    between = _SQUARE.sub(" ", text[first:last]).strip()
    remark = " ".join(part for part in (between, text[last:].strip()) if part)
    return Field(text=text[:first].strip(), position=position, brackets=brackets, remark=remark)


def _section(
    text: str, start: int, end: int, population: Population, *, may_be_empty: bool
) -> Iterator[Section]:
    technique = _technique_start(text, start, end)
    clone = text[start:technique]
    if clone.strip():
        yield Section(
            text=clone, position=start + 1, population=population, technique=text[technique:end].strip()
        )
    elif text[start:end].strip() or not may_be_empty:
        raise unreadable("a clone is empty", code="EMPTY_CLONE", position=min(start + 1, max(len(text), 1)))


def _technique_start(text: str, start: int, end: int) -> int:
    found = _TECHNIQUE.search(text, start, end)
    return found.start() if found else end


def _slashes(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and width of each run of slashes that separates clones."""
    in_technique = False
    open_brackets: list[tuple[str, int]] = []
    behind = 0
    for found in _SIGN.finditer(text):
        at, character = found.start(), found[0]
        if at < behind or len(character) > 1:
            continue
        if character in "([":
            open_brackets.append((character, at))
        elif character in ")]":
            if not open_brackets or open_brackets.pop()[0] != _PAIRS[character]:
                raise unreadable("a bracket is not opened", code="UNBALANCED_BRACKET", position=at + 1)
        elif not open_brackets and character == "/":
            width = len(text[at:]) - len(text[at:].lstrip("/"))
            resumes = _CLONE_AHEAD.match(text, at + width) is not None
            behind = at + width
            if not (in_technique and not resumes) and not _is_with(text, at):
                in_technique = False
                yield at, width
        elif not open_brackets and _TECHNIQUE.match(text, at):
            in_technique = True
    if open_brackets:
        at = open_brackets[-1][1]
        raise unreadable("a bracket is not closed", code="UNBALANCED_BRACKET", position=at + 1)


def _is_with(text: str, at: int) -> bool:
    """Return whether the slash is that of `w/`, short for with."""
    return at > 0 and text[at - 1] in "wW" and (at == 1 or not text[at - 2].isalnum())
