"""Numbers and names in the words of a report. A value that does not apply is a dash, never a zero."""

import math

__all__ = [
    "as_percent",
    "count",
    "decimal",
    "fraction",
    "fraction_percent",
    "number",
    "percent",
    "signed",
    "words",
]

NOTHING = "\u2013"
LEAST_PERCENT = 1e-6  # below it a percentage is written as a power of ten
SMALL = 0.01  # below it a fraction is written as a power of ten

CAPITALS = {
    "cr": "CR",
    "crp": "CRp",
    "cri": "CRi",
    "crlf2": "CRLF2",
    "fish": "FISH",
    "mrd": "MRD",
    "ngs": "NGS",
    "sct": "SCT",
    "tp53": "TP53",
}

Number = float | int | None


def count(value: Number) -> str:
    """Return a whole number with thousands separators."""
    return NOTHING if value is None else f"{value:,.0f}"


def decimal(value: Number) -> str:
    """Return a number with up to two decimals, small ones with two significant digits."""
    if value is None:
        return NOTHING
    if value == 0 or abs(value) >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.2g}"


def number(value: Number) -> str:
    """Return a number as it was delivered, without noise digits."""
    return NOTHING if value is None else f"{value:.6g}"


def percent(value: Number) -> str:
    """Return a percentage with two significant digits where it is small, one decimal elsewhere."""
    if value is None:
        return NOTHING
    if value == 0 or value >= 1:
        return f"{value:.1f}"
    if value < LEAST_PERCENT:
        return f"{value:.2g}"
    return f"{value:.{1 - math.floor(math.log10(value))}f}"


def fraction(value: Number) -> str:
    """Return a fraction: 2.4e-3 below one in a hundred, else in percent; zero stays 0."""
    if value is None:
        return NOTHING
    if value <= 0:
        return f"{value:g}"
    if value >= SMALL:
        return f"{100 * value:.1f} %"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def fraction_percent(value: Number) -> str:
    """Return a fraction in percent with one decimal."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def as_percent(value: Number) -> str:
    """Return a fraction as a percentage."""
    return percent(None if value is None else 100 * value)


def signed(value: Number) -> str:
    """Return a difference with its sign and two decimals."""
    return NOTHING if value is None else f"{value:+.2f}"


def words(identifier: str) -> str:
    """Return an identifier as words, with the field's own capitals."""
    return " ".join(CAPITALS.get(word, word) for word in identifier.split("_"))
