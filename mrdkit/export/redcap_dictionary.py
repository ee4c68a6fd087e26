"""The REDCap data dictionary, and whether a value obeys it. Source: reference/terms/redcap.toml."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Literal

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["DICTIONARY_COLUMNS", "Field", "Instrument", "dictionary_rows", "instruments", "obeys"]

DICTIONARY_COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
#: REDCap's own form of a number: no exponent.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Field:
    """One field; `text` names the field that holds the word where none of the choices is it."""

    name: str
    label: str
    type: Literal["text", "notes"] = "text"
    note: str = ""
    validation: Literal["", "number", "date_ymd"] = ""
    choices: Mapping[str, str] | None = None
    text: str = ""


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Instrument:
    """One form of the project."""

    name: str
    repeats: bool
    fields: tuple[Field, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Instruments(Rule):
    instrument: tuple[Instrument, ...]


@cache
def instruments() -> tuple[Instrument, ...]:
    """Return the forms of the project, the one with the record's id first."""
    return read_rule("terms", "redcap", _Instruments).instrument


def dictionary_rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the data dictionary."""
    for instrument in instruments():
        for field in instrument.fields:
            choices = " | ".join(f"{code}, {label}" for code, label in (field.choices or {}).items())
            kind = "radio" if field.choices else field.type
            yield (
                field.name,
                instrument.name,
                "",
                kind,
                field.label,
                choices,
                field.note,
                field.validation,
                *[""] * 10,
            )


def obeys(field: Field, value: str) -> bool:
    """Tell whether a value is one that the dictionary allows; an empty one is."""
    if not value:
        return True
    if field.choices is not None:
        return value in field.choices
    return _VALID[field.validation](value)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_VALID: Mapping[str, Callable[[str], bool]] = {
    "": lambda _: True,
    "number": lambda value: _NUMBER.fullmatch(value) is not None,
    "date_ymd": _is_date,
}
