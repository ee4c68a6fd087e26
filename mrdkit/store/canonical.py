"""Values in their one canonical form, and the digests that name rows, contents and links of the chain."""

import hashlib
import json
from datetime import date

from mrdkit.results import Json

__all__ = ["canonical", "digest_of", "digest_of_answer", "digest_of_text", "plain"]

#: What a release may word differently without changing an answer.
_VOLATILE = frozenset({"reasons", "software_version"})
#: Kinds of values that hold no others.
_PLAIN = frozenset({str, float, int, bool, type(None)})


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


# Values are trees: to look for one that holds itself takes as long as to write it.
_encoded = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,
    default=plain,
).encode


def canonical(value: object) -> str:
    """Return a value in its canonical form: JSON with sorted keys, without blanks.

    Raises:
        TypeError: something in it has no such form.
        ValueError: a number is not finite.
    """
    return _encoded(value)


def digest_of(value: object) -> str:
    """Return the sha256 of a value in its canonical form."""
    return digest_of_text(canonical(value))


def digest_of_text(text: str) -> str:
    """Return the sha256 of a text: that of a value, where the text is its canonical form."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest_of_answer(document: Json) -> str:
    """Return the digest of a document without the software's version and the wording of reasons."""
    return digest_of(_stable(document))


def _stable(value: Json) -> Json:
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in _VOLATILE}
        return {name: item if type(item) in _PLAIN else _stable(item) for name, item in kept.items()}
    if isinstance(value, list):
        return [item if type(item) in _PLAIN else _stable(item) for item in value]
    return value
