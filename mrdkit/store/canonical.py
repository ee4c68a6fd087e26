"""Values in their one canonical form, and the digests that name rows, contents and links of the chain."""

import hashlib
import json
from datetime import date

from mrdkit.results import Json

__all__ = ["canonical", "digest_of", "digest_of_text", "plain", "stable"]

#: What a release may word differently without changing an answer.
_VOLATILE = frozenset({"reasons", "software_version"})


def plain(value: object) -> str:
    """Return a cell that JSON does not know as it stands in a digest: a day as text, bytes by their digest.

    Raises:
        TypeError: the value is of another kind.
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"no canonical form for {type(value).__name__}")


_dumps = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,
    default=plain,
).encode


def canonical(value: object) -> str:
    """Return a value in its canonical form: JSON with sorted keys, without blanks."""
    return _dumps(value)


def digest_of(value: object) -> str:
    """Return the sha256 of a value in its canonical form."""
    return digest_of_text(_dumps(value))


def digest_of_text(text: str) -> str:
    """Return the sha256 of a text: that of a value, where the text is its canonical form."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def stable(value: Json) -> Json:
    """Return a document without the software's version and the wording of reasons."""
    if isinstance(value, dict):
        return {
            name: stable(item) if isinstance(item, dict | list) else item
            for name, item in value.items()
            if name not in _VOLATILE
        }
    if isinstance(value, list):
        return [stable(item) if isinstance(item, dict | list) else item for item in value]
    return value
