"""Numbers and states in the words of a report. A value that does not apply is a dash, never a zero."""

from typing import Literal

from mrdkit.results import FlowMrdCall, NgsMrdCall

__all__ = [
    "count",
    "decimal",
    "flow_level",
    "flow_state",
    "fraction",
    "fraction_percent",
    "ngs_level",
    "number",
    "percent",
    "words",
]

NOTHING = "\u2013"
SMALL = 0.01  # below it a fraction is written as a power of ten

STATES = {
    "positive": "A cluster above the limit of detection, at or above 1e-4, with enough events to quantify.",
    "detected_below": "A cluster was seen, below 1e-4 or with too few events to quantify: neither positive "
    "nor negative at 1e-4.",
    "insufficient": "No cluster was seen, but with so few cells it could have been missed: this is not a "
    "negative.",
    "negative": "No cluster was seen, and one at 1e-4 would have been.",
    "not_evaluable": "The tube cannot be judged; no number is given.",
}

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
    """Return a percentage with two decimals where it is small, one elsewhere."""
    if value is None:
        return NOTHING
    return f"{value:.1f}" if value == 0 or value >= 1 else f"{value:.2g}"


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


def words(identifier: str) -> str:
    """Return an identifier as words, with the field's own capitals."""
    return " ".join(CAPITALS.get(word, word) for word in identifier.split("_"))


def flow_state(
    state: Literal["positive", "detected_below", "insufficient", "negative", "not_evaluable"],
) -> str:
    """Return what a state of a flow call means, in a sentence."""
    return STATES[state]


def flow_level(call: FlowMrdCall) -> str:
    """Return the headline of a flow call."""
    if call.state == "not_evaluable":
        return "Not evaluable"
    if call.detected:
        quantity = "" if call.quantifiable else ", not quantifiable"
        return f"{fraction(call.fraction)} of {call.denominator} cells{quantity}"
    sensitivity = fraction(call.sensitivity)
    return f"Not detected; sensitivity reached {sensitivity} of {call.denominator} cells"


def ngs_level(call: NgsMrdCall) -> str:
    """Return the headline of a sequencing call."""
    if call.detected is None:
        return "Not evaluable"
    if not call.detected:
        return f"Not detected; the disease is below {fraction(call.upper_limit)} with 95 % confidence"
    quantity = "" if call.quantifiable else ", not quantifiable"
    if call.mrd_per_million is not None:
        return f"{decimal(call.mrd_per_million)} per million cells{quantity}"
    if call.mrd_per_ml is not None:
        return f"{decimal(call.mrd_per_ml)} per mL{quantity}"
    return "Detected; without a denominator there is no level"
