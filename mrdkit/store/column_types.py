"""Types of the columns, by the words that SQLite's STRICT tables know.

PostgreSQL gets its own DATE, BOOLEAN and JSON; SQLite keeps them as text and whole numbers, and refuses
whatever is of another kind. A document is its canonical text on both: nothing takes it apart on its way in
or out, so that what is stored, compared and hashed is one and the same.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Double, LargeBinary, Text
from sqlalchemy.ext.compiler import compiles

__all__ = ["Bytes", "Day", "Document", "Number", "Truth", "Whole", "Words"]


class Words(Text):
    """Text."""


class Whole(BigInteger):
    """A whole number of 64 bits."""


class Number(Double[float]):
    """A floating-point number of 64 bits."""


class Truth(Boolean):
    """True or false."""


class Day(Date):
    """A day, ISO 8601."""


class Document(Text):
    """A JSON value as its canonical text; None is no value."""


class Bytes(LargeBinary):
    """Bytes."""


@compiles(Whole, "sqlite")
@compiles(Truth, "sqlite")
def _integer(*_: Any, **__: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return "INTEGER"


@compiles(Number, "sqlite")
def _real(*_: Any, **__: Any) -> str:  # noqa: ANN401
    return "REAL"


@compiles(Day, "sqlite")
def _text(*_: Any, **__: Any) -> str:  # noqa: ANN401
    return "TEXT"


@compiles(Document, "postgresql")
def _json(*_: Any, **__: Any) -> str:  # noqa: ANN401
    return "JSON"
