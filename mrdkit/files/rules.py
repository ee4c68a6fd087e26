"""Rule files: TOML whose every value is checked before any code may read it.

A rule file carries `id`, `version` and `source`; the records that read them extend `Rule`. Unknown keys are
errors, since a misspelt threshold would otherwise be silently absent.
"""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.files.digest import unreadable

__all__ = ["STRICT", "Rule", "checked_dataclass", "read_rule", "rule_from_toml"]

#: The configuration of every record read from TOML: no unknown key, no NaN or infinity.
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)

_SHIPPED_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LARGEST_RULE_FILE = 4 * 1024 * 1024  # bytes; the shipped ones are below 100 kB

_UNKNOWN_KEY = {"extra_forbidden", "unexpected_keyword_argument"}  # pydantic's names for it

T = TypeVar("T")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Rule:
    """What every rule file begins with.

    Attributes:
        id: stable name of the rule, printed with every result that it decided.
        version: version of the rule's content.
        source: where its numbers come from.
    """

    id: str
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class _Origin:
    name: str
    text: str


def read_rule(
    kind: str, name_or_path: str | Path, model: type[T], *, shared: tuple[str, str] | None = None
) -> T:
    """Read a rule shipped under `reference/<kind>` by its name, or a user's file by its path.

    Args:
        kind: folder in `reference/`, such as `panels` or `criteria`.
        name_or_path: a shipped name (letters, digits, `_`, `-`) or the path of a `.toml` file.
        model: the frozen record that the file must fill exactly.
        shared: kind and name of a shipped file whose sections stand in where the rule states none; its own
            id, version and source become the section `shared`.

    Raises:
        RuleError: no such rule, not TOML, or a value that is missing, unknown or of the wrong kind.
    """
    origin = _origin(kind, name_or_path)
    content = _content(origin)
    if shared is not None:
        content = {**_sections(_content(_origin(*shared))), **content}
    return _validated(origin, content, model)


def rule_from_toml(path: Path, model: type[T]) -> T:
    """Read a user's TOML file into a frozen record; see `read_rule`."""
    origin = _Origin(str(path), _text_of(path))
    return _validated(origin, _content(origin), model)


def _origin(kind: str, name_or_path: str | Path) -> _Origin:
    name = str(name_or_path)
    if _SHIPPED_NAME.fullmatch(name):
        shipped = reference.names(kind)
        if name not in shipped:
            raise RuleError(
                f"no {kind} rule of this name is shipped",
                code="RULE_UNKNOWN",
                found=name,
                expected="one of " + ", ".join(shipped) if shipped else "the path of a .toml file",
                remedy="give a shipped name or the path of a .toml file",
            )
        return _Origin(f"reference/{kind}/{name}.toml", reference.text(kind, f"{name}.toml"))
    return _Origin(name, _text_of(Path(name)))


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_RULE_FILE:
            raise RuleError(
                "the file is too large for a rule",
                code="RULE_TOO_LARGE",
                file=path,
                expected=f"at most {_LARGEST_RULE_FILE} bytes",
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error) from None
    except UnicodeDecodeError as error:
        raise RuleError(
            "the file is not UTF-8 text",
            code="RULE_NOT_TEXT",
            file=path,
            place=f"byte {error.start}",
            remedy="save it as UTF-8",
        ) from None


def _sections(content: dict[str, object]) -> dict[str, object]:
    header = {field.name: content[field.name] for field in fields(Rule)}
    return {name: value for name, value in content.items() if name not in header} | {"shared": header}


def _content(origin: _Origin) -> dict[str, object]:
    try:
        return tomllib.loads(origin.text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(
            "the file is not valid TOML", code="RULE_NOT_TOML", file=origin.name, found=str(error)
        ) from None


def _validated(origin: _Origin, content: dict[str, object], model: type[T]) -> T:
    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        unknown = first["type"] in _UNKNOWN_KEY
        raise RuleError(
            "the rule is not complete and exact",
            code="RULE_INVALID",
            file=origin.name,
            place=".".join(str(part) for part in first["loc"]) or None,
            expected="no such key" if unknown else first["msg"],
            found=repr(first["input"])[:80],
            remedy=f"{error.error_count()} value(s) to correct",
        ) from None
