"""The key file: one secret, from which every pseudonym and every offset of dates follows, and who is who.

Kept apart from the de-identified study. The secret is drawn once and read again afterwards, so that a second
run gives the same bytes and a subject added later changes nobody else. A pseudonym is letters without vowels:
no word and no number can arise in it.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from mrdkit.errors import InputError, UsageError
from mrdkit.files import read_json, write_bytes
from mrdkit.files.rules import STRICT, checked_dataclass

__all__ = ["KeyMap", "open_key"]

_FORMAT = "mrdkit key map 1"
_KINDS = ("subjects", "date_shift_days", "specimens", "labels", "files")
_SECRET_BYTES = 32
_LARGEST_KEY = 256 * 1024 * 1024  # bytes
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_PSEUDONYM_LETTERS = 8
_CODE_LETTERS = 8


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Stored:
    """The key file."""

    format: Literal["mrdkit key map 1"]
    secret: str = Field(pattern=rf"^[0-9a-f]{{{2 * _SECRET_BYTES}}}$")
    subjects: Mapping[str, str]
    date_shift_days: Mapping[str, Annotated[str, Field(pattern=r"^-[1-9][0-9]{0,4}$")]]
    specimens: Mapping[str, str]
    labels: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMap:
    """The secret and what was made of it so far.

    Attributes:
        path: the key file.
        secret: never printed.
        largest_shift: days by which dates are moved at most, always to earlier ones.
        known: kind -> original -> what stands for it; grows as it is asked.
        owners: what stands for something, and for what.
    """

    path: Path
    secret: bytes = field(repr=False)
    largest_shift: int
    known: Mapping[str, dict[str, str]] = field(repr=False)
    owners: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def subject(self, subject_id: str) -> str:
        """Return the pseudonym of a subject."""
        return self._own(
            "subjects", subject_id, "P" + self._letters("subject", subject_id, _PSEUDONYM_LETTERS)
        )

    def specimen(self, specimen_id: str) -> str:
        """Return what stands for a specimen's id."""
        made = "SP-" + self._letters("specimen", specimen_id, _PSEUDONYM_LETTERS)
        return self._own("specimens", specimen_id, made)

    def label(self, kind: str, text: str) -> str:
        """Return what stands for a label; the same label of a kind is the same everywhere."""
        return self._own("labels", f"{kind}: {text}", f"{kind}-{self._letters(kind, text, _CODE_LETTERS)}")

    def file(self, original: str, output: str) -> str:
        """Keep where a file went, and return it."""
        return self._kept("files", original, output)

    def shift(self, subject_id: str) -> int:
        """Return the days, below 0, by which every date of a subject is moved: those of the first run."""
        if (stored := self.known["date_shift_days"].get(subject_id)) is not None:
            return int(stored)
        number = int.from_bytes(self._digest("shift", subject_id)[:8], "big")
        days = -1 - number % self.largest_shift
        return int(self._kept("date_shift_days", subject_id, str(days)))

    def made(self) -> frozenset[str]:
        """Return every pseudonym and code."""
        kinds = ("subjects", "specimens", "labels")
        return frozenset(made for kind in kinds for made in self.known[kind].values())

    def write(self) -> None:
        """Write the key file, for its owner only."""
        document = {
            "format": _FORMAT,
            "secret": self.secret.hex(),
            **{kind: dict(sorted(self.known[kind].items())) for kind in _KINDS},
        }
        content = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        write_bytes(self.path, content.encode("utf-8"), private=True)

    def _kept(self, kind: str, original: str, made: str) -> str:
        self.known[kind][original] = made
        return made

    def _own(self, kind: str, original: str, made: str) -> str:
        """Keep what stands for one original alone."""
        if self.owners.setdefault((kind, made), original) != original:
            raise InputError(
                "two names would become one pseudonym",
                code="PSEUDONYM_SHARED",
                remedy="start with a new key file",
            )
        return self._kept(kind, original, made)

    def _letters(self, kind: str, text: str, n: int) -> str:
        number = int.from_bytes(self._digest(kind, text), "big")
        letters = []
        for _ in range(n):
            number, rest = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[rest])
        return "".join(letters)

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.digest(self.secret, f"{kind}\0{text}".encode(), sha256)


def open_key(path: Path, *, largest_shift: int) -> KeyMap:
    """Read a key file, or make a new one with a secret of its own.

    Raises:
        InputError: there is something else of this name; it is never replaced.
        UsageError: it cannot be written.
    """
    if not path.exists():
        _create(path)
    try:
        stored = TypeAdapter(_Stored).validate_python(read_json(path, at_most=_LARGEST_KEY))
    except ValidationError:
        raise _invalid() from None
    known = {kind: dict(getattr(stored, kind)) for kind in _KINDS}
    return KeyMap(path=path, secret=bytes.fromhex(stored.secret), largest_shift=largest_shift, known=known)


def _create(path: Path) -> None:
    key = KeyMap(
        path=path,
        secret=secrets.token_bytes(_SECRET_BYTES),
        largest_shift=1,
        known={kind: {} for kind in _KINDS},
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        key.write()
    except OSError as error:
        raise UsageError(
            "the key file cannot be written",
            code="KEY_UNWRITABLE",
            found=type(error).__name__,
            remedy="name a file in a folder that you may write to",
        ) from None


def _invalid() -> InputError:
    return InputError(
        "the key file is none",
        code="KEY_INVALID",
        expected=f"a file that begins with format {_FORMAT!r} and holds a secret",
        remedy="name the key file of the first run, or a new one, which gives other pseudonyms",
    )
