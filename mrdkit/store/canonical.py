"""Values in their one canonical form, and the digests that name rows, contents and links of the chain."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from mrdkit.results import Json

__all__ = ["canonical", "digest_of", "row_digest", "stable"]

#: What a release may word differently without changing an answer.
_VOLATILE = frozenset({"reasons", "software_version"})

_dumps = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def canonical(value: Json) -> str:
    """Return a JSON value in its canonical form: sorted keys, no blanks."""
    return _dumps(value)


def digest_of(value: Json) -> str:
    """Return the sha256 of a JSON value in its canonical form."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def row_digest(row: Mapping[str, Any]) -> str:
    """Return the digest of a whole row as the database gives it back, whichever database it is."""
    return digest_of({name: _plain(value) for name, value in row.items()})


def stable(value: Json) -> Json:
    """Return a document without the software's version and the wording of reasons."""
    match value:
        case dict():
            return {name: stable(item) for name, item in value.items() if name not in _VOLATILE}
        case list():
            return [stable(item) for item in value]
        case _:
            return value


def _plain(value: Any) -> Json:  # noqa: ANN401 - a cell of any column
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    cell: Json = value
    return cell
