"""What one signal pattern says: numbers of fused, red, green and aqua signals in a nucleus.

Grammar: a whole number and a letter (or the colour in full), repeated in any order; F fused, R red, G green,
A aqua; Y or yellow is F, O or orange is R; `dim` after a letter marks a weaker signal. Aqua is a control
colour; it decides nothing.
Source: project decision on CRLF2 break-apart FISH.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from mrdkit.errors import InputError

__all__ = ["Pattern", "parse_pattern"]

_NAMES = {"F": "F Y YELLOW", "R": "R RED O ORANGE", "G": "G GREEN", "A": "A AQUA"}
_LETTERS = {name: letter for letter, names in _NAMES.items() for name in names.split()}
_SIGNAL = re.compile(r"(-?[0-9]+) *(yellow|orange|red|green|aqua|[^\W\d_])(?: *(dim))? *", re.IGNORECASE)
_MOST_DIGITS = 3
_EXAMPLE = "numbers and letters such as 1F1R1G"


class Pattern(NamedTuple):
    """Signals of one nucleus by colour; `dim_*` says how many of them are weaker."""

    fused: int
    red: int
    green: int
    aqua: int
    dim_fused: int
    dim_red: int
    dim_green: int

    @property
    def dim(self) -> bool:
        """Whether a signal that decides the class is weaker."""
        return bool(self.dim_fused or self.dim_red or self.dim_green)


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Pattern:
    """Return the signals that a pattern names; `2F` equals `2F0R0G`.

    Raises:
        InputError: UNKNOWN_SIGNAL, NEGATIVE_NUMBER or PATTERN_INVALID.

    >>> parse_pattern("1Y1O1G") == parse_pattern("1F1R1G")
    True
    """
    bright = dict.fromkeys("FRGA", 0)
    dim = dict.fromkeys("FRGA", 0)
    at = 0
    while at < len(text):
        found = _SIGNAL.match(text, at)
        if found is None:
            raise _refused("the pattern is not complete", code="PATTERN_INVALID", text=text)
        letter, n = _signal(found, text)
        (dim if found[3] else bright)[letter] += n
        at = found.end()
    if not text:
        raise _refused("the pattern is empty", code="PATTERN_INVALID", text=text)
    fused, red, green, aqua = (bright[letter] + dim[letter] for letter in "FRGA")
    return Pattern(fused, red, green, aqua, dim["F"], dim["R"], dim["G"])


def _signal(found: re.Match[str], text: str) -> tuple[str, int]:
    digits, name = found[1], found[2].upper()
    if digits.startswith("-"):
        raise _refused("a number of signals is negative", code="NEGATIVE_NUMBER", text=text)
    if name not in _LETTERS:
        raise _refused(f"letter {found[2]} is not a known signal", code="UNKNOWN_SIGNAL", text=text)
    if len(digits) > _MOST_DIGITS:
        raise _refused("a number of signals is not plausible", code="PATTERN_INVALID", text=text)
    return _LETTERS[name], int(digits)


def _refused(what: str, *, code: str, text: str) -> InputError:
    return InputError(
        what,
        code=code,
        expected=f"{_EXAMPLE}; F, R, G, A, aliases Y and O, suffix dim",
        found=repr(text[:40]),
        remedy="correct the pattern",
    )
