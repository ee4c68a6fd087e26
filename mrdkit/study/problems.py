"""A problem of a study: which file, which row, whose, what, and whether the study can still be run."""

from dataclasses import dataclass
from typing import Literal

from mrdkit.errors import MrdkitError

__all__ = ["Problem", "problem_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem.

    Attributes:
        file: path relative to the study.
        row: line of the file, the header being 1; None where the whole file is concerned.
        code: stable UPPER_SNAKE name.
        subject: subject id, None where no single subject is concerned.
        severity: `error`: the study cannot be run; `warning`: it can, this item fails or needs review.
    """

    file: str
    row: int | None
    code: str
    subject: str | None
    message: str
    severity: Literal["error", "warning"]


def problem_of(
    error: MrdkitError,
    *,
    file: str,
    row: int | None = None,
    subject: str | None = None,
    severity: Literal["error", "warning"] = "error",
) -> Problem:
    """Return a named error as a problem; the file is named relative to the study, without its folder."""
    parts = [error.what]
    parts += [f"expected {error.expected}"] if error.expected else []
    parts += [f"found {error.found}"] if error.found else []
    parts += [error.remedy] if error.remedy else []
    place = f"{error.place}: " if error.place else ""
    return Problem(
        file=file,
        row=row if row is not None else _row_in(error.place),
        code=error.code,
        subject=subject or None,
        message=place + "; ".join(parts),
        severity=severity,
    )


def _row_in(place: str | None) -> int | None:
    """Return the row that a place such as `row 7, column age` begins with."""
    match (place or "").replace(",", " ").split():
        case ["row", number, *_] if number.isdigit():
            return int(number)
        case _:
            return None
