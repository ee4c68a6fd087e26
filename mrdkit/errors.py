"""The error tree. One class decides one exit code; a message names what a person needs to act.

Exit codes are part of the command line's contract: 1 internal error, 2 usage, 3 input unreadable or
refused, 5 store conflict. (0 is done and 4 is "finished, but some items failed"; neither is an error.)
"""

from collections.abc import Mapping
from typing import Self, TypeVar

__all__ = ["InputError", "MrdkitError", "RuleError", "StoreError", "UsageError"]

_Error = TypeVar("_Error", bound="MrdkitError")


class MrdkitError(Exception):
    """A named failure that a user can act on; printed without a traceback.

    Attributes:
        code: stable UPPER_SNAKE name of the failure, for scripts.
        file: the file concerned, as the user named it.
        place: where in it: a row, a column, a keyword, a byte offset.
        expected: what should have been there.
        found: what was there.
        remedy: what to do about it.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        code: str,
        file: object = None,
        place: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.code = code
        self.file = None if file is None else str(file)
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the whole message on one line, in the order a reader asks."""
        where = ", ".join(part for part in (self.file, self.place) if part)
        sentences = [f"{where}: {self.what}" if where else self.what]
        if self.expected:
            sentences.append(f"expected {self.expected}")
        if self.found:
            sentences.append(f"found {self.found}")
        if self.remedy:
            sentences.append(self.remedy)
        return "; ".join(sentences)

    def in_file(self, file: object) -> Self:
        """Return the same error with the file named, where the raiser did not know it."""
        return self if self.file else _rebuild(type(self), self.what, {**self._parts(), "file": str(file)})

    def at(self, place: str) -> Self:
        """Return the same error with the place named, where the raiser did not know it."""
        return self if self.place else _rebuild(type(self), self.what, {**self._parts(), "place": place})

    def _parts(self) -> dict[str, str | None]:
        names = ("code", "file", "place", "expected", "found", "remedy")
        return {name: getattr(self, name) for name in names}

    def __reduce__(self) -> tuple[object, ...]:
        """Let a worker process hand the error to its parent."""
        return _rebuild, (type(self), self.what, self._parts())


def _rebuild(kind: type[_Error], what: str, parts: Mapping[str, str | None]) -> _Error:
    return kind(what, **parts)  # type: ignore[arg-type]  # code is always a string in _parts


class UsageError(MrdkitError):
    """The command was not clear: a wrong option, an ambiguous sample or data set."""

    exit_code = 2


class InputError(MrdkitError):
    """An input cannot be read, or is refused because its meaning is not certain."""

    exit_code = 3


class RuleError(InputError):
    """A rule file (panel, criteria, cut-offs, policy, study) is not what it must be."""


class StoreError(MrdkitError):
    """The results database refuses a change, or its audit chain is broken."""

    exit_code = 5
