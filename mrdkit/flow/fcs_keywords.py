"""Numbers in FCS keywords, written with blanks, leading zeros or not at all.

Source: FCS 3.1, section 3.2; blanks and zeros around numbers occur in files of many cytometers.
"""

import math
import re

__all__ = ["real_number", "real_numbers", "whole_number"]

_WHOLE = re.compile(r"\+?0*(\d+)(\.0*)?")
_MOST_DIGITS = 18
_LONGEST_NUMBER = 64  # characters


def whole_number(text: str | None) -> int | None:
    """Return a whole number of at least zero, or None where `text` is no such number.

    A number that no file can mean is returned as 10**18, so that it is contradicted and not overlooked.

    >>> whole_number(" 00000108 "), whole_number("3.5"), whole_number(None), whole_number("9" * 20)
    (108, None, None, 1000000000000000000)
    """
    stripped = (text or "").strip()
    match = _WHOLE.fullmatch(stripped) if stripped.isascii() else None
    if match is None:
        return None
    return int(match[1]) if len(match[1]) <= _MOST_DIGITS else 10**_MOST_DIGITS


def real_number(text: str | None) -> float | None:
    """Return a finite number, or None where `text` is none.

    >>> real_number(" 0.01 "), real_number("NA"), real_number("inf")
    (0.01, None, None)
    """
    stripped = (text or "").strip()
    if not stripped or len(stripped) > _LONGEST_NUMBER or not stripped.isascii() or "_" in stripped:
        return None
    try:
        number = float(stripped)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def real_numbers(text: str, *, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` finite numbers separated by commas, or None.

    >>> real_numbers(" 4 , 0 ", count=2)
    (4.0, 0.0)
    """
    parts = text.split(",")
    if len(parts) != count:
        return None
    numbers = [real_number(part) for part in parts]
    return None if None in numbers else tuple(number for number in numbers if number is not None)
