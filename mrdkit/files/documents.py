"""JSON documents of other programs: whole, of a stated size and depth, each key once, no NaN.

Size and depth are checked before the parser sees the text. A repeated key would silently keep its last value,
so that it is an error.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from mrdkit.errors import InputError
from mrdkit.files.content import read_content

__all__ = ["read_json"]

_DEEPEST = 64  # objects and lists inside each other
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_BRACKETS = b'"[]{}'
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))


def read_json(path: Path, *, at_most: int) -> object:
    """Return the document in a UTF-8 file, plain or gzip-compressed.

    Raises:
        InputError: unreadable, too large, too deep, no JSON, a repeated key, or a number that is none.
    """
    content = read_content(path, at_most=at_most)
    _check_depth(path, content)
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_each_key_once, parse_constant=_no_number
        )
    except json.JSONDecodeError as error:
        raise _invalid(path, f"line {error.lineno}, column {error.colno}", error.msg) from None
    except UnicodeDecodeError as error:
        raise _invalid(path, f"byte {error.start}", "bytes that are not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _invalid(path, None, str(error)) from None


def _check_depth(path: Path, content: bytes) -> None:
    brackets = _STRING.sub(b"", _ESCAPED.sub(b"", content).translate(None, _NOT_BRACKETS))
    codes = np.frombuffer(brackets, dtype=np.uint8)
    steps = np.where((codes == ord("[")) | (codes == ord("{")), 1, -1)
    depth = int(np.cumsum(steps).max(initial=0))
    if depth > _DEEPEST:
        raise InputError(
            "the JSON document is nested too deeply",
            code="JSON_TOO_DEEP",
            file=path,
            expected=f"at most {_DEEPEST} levels",
            found=str(depth),
        )


def _each_key_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)[:40]!r} stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _invalid(path: Path, place: str | None, found: str) -> InputError:
    return InputError(
        "the file is not valid JSON",
        code="JSON_INVALID",
        file=path,
        place=place,
        found=found,
        remedy="export or transfer the file again",
    )
