"""study.toml and the rule files that it names, written anew: no comment, no free text, no name of a file.

A rule file is the laboratory's, not a person's: its numbers and short texts stay, what stands under a key of
free text goes. A ready background keeps its blanks, without the paths of their files.
"""

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from mrdkit import reference
from mrdkit.errors import InputError
from mrdkit.files import write_text
from mrdkit.flow.mrd.background_file import background_text, read_background
from mrdkit.study.config import STUDY_FILE, StudyConfig, named_path
from mrdkit.study.deidentify.records import LeftOut, Notes
from mrdkit.study.deidentify.tables import Cleaner

__all__ = ["Settings", "write_settings"]

_Value: TypeAlias = object

_RULES = "rules"
_PANELS, _CRITERIA, _POLICIES = "panels", "criteria", "tp53_policies"
_LONGEST_TEXT = 200  # characters of a text in a rule file
_LIKE_A_PERSON = re.compile(r"[@\\]|\d{6}|\^")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What study.toml and its rules became.

    Attributes:
        folder: the study.
        out: the new study.
        cleaner: of labels.
        written: original path -> path in the new study.
    """

    folder: Path
    out: Path
    cleaner: Cleaner
    written: dict[str, str] = field(default_factory=dict)

    def rule(self, kind: str, name: str) -> str:
        """Return a rule's name: a shipped one's own, else that of its file, which is written.

        Raises:
            InputError: the file cannot be read.
        """
        if not name or name.lower() in reference.names(kind):
            return name.lower()
        if name not in self.written:
            self.written[name] = self._written(kind, name)
        return self.written[name]

    def panel(self, name: str) -> str:
        """Return the name of a panel of the manifest."""
        return self.rule(_PANELS, name)

    @property
    def _notes(self) -> Notes:
        return self.cleaner.notes

    def _written(self, kind: str, name: str) -> str:
        self._notes.remove("a path of study.toml or manifest.csv", Path(name).stem, strict=False)
        target = (
            f"{_RULES}/{kind}_{sum(f'{_RULES}/{kind}_' in path for path in self.written.values()) + 1}.toml"
        )
        source = named_path(self.folder, name)
        if not source.is_file():
            self._notes.left_out.append(
                LeftOut(table=STUDY_FILE, column=kind, code="FILE_MISSING", decides=True)
            )
            return target
        try:
            content = tomllib.loads(source.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            self._notes.left_out.append(
                LeftOut(table=STUDY_FILE, column=kind, code="RULE_NOT_CLEANED", decides=True)
            )
            return target
        cleaned = self._table(content)
        write_text(self.out / target, "\n".join(_toml(cleaned)) + "\n")
        return target

    def background(self, name: str) -> str:
        """Return the path of a ready background, which is written without the paths of its blanks."""
        self._notes.remove("a path of study.toml", Path(name).stem, strict=False)
        number = sum(path.startswith(f"{_RULES}/background_") for path in self.written.values()) + 1
        target = f"{_RULES}/background_{number}.json"
        self.written[name] = target
        source = named_path(self.folder, name)
        try:
            found = read_background(source)
            blanks = (replace(blank, path=f"blank-{n}") for n, blank in enumerate(found.blanks, start=1))
            write_text(self.out / target, background_text(replace(found, blanks=tuple(blanks))))
        except InputError as error:
            self._notes.left_out.append(
                LeftOut(table=STUDY_FILE, column="backgrounds", code=error.code, decides=True)
            )
        return target

    def _table(self, table: Mapping[str, _Value], parent: str = "") -> dict[str, _Value]:
        labels = self.cleaner.policy.rule.label_keys
        cleaned: dict[str, _Value] = {}
        for key, value in table.items():
            name = self.cleaner.label(labels[parent], key) if parent in labels else key
            if not isinstance(value, dt.date | dt.time):
                cleaned[name] = self._value(key, value)
        return cleaned

    def _value(self, key: str, value: _Value) -> _Value:
        match value:
            case Mapping():
                return self._table(value, key)
            case list():
                return [self._value(key, item) for item in value]
            case str():
                return self._text(key, value)
            case _:
                return value

    def _text(self, key: str, text: str) -> str:
        rule = self.cleaner.policy.rule
        if text in self.cleaner.policy.shipped:
            return text
        if key in rule.label_keys:
            return self.cleaner.label(rule.label_keys[key], text)
        if key in rule.free_text_keys or len(text) > _LONGEST_TEXT or _LIKE_A_PERSON.search(text):
            self._notes.remove("a rule file", text, strict=False)
            return rule.removed
        return text


def write_settings(settings: Settings, config: StudyConfig) -> None:
    """Write study.toml and every rule that it names."""
    policy, notes = settings.cleaner.policy, settings.cleaner.notes
    document: dict[str, _Value] = {"id": settings.cleaner.label("study", config.id)}
    document["criteria"] = settings.rule(_CRITERIA, config.criteria)
    for name, value in (("probes", config.probes), ("cutoffs", config.cutoffs)):
        if value:
            document[name] = settings.rule(name, value)
    if config.panel:
        document["panel"] = settings.rule(_PANELS, config.panel)
    if config.notice in policy.rule.notices:
        document["notice"] = config.notice
    elif config.notice:
        notes.remove("notice", config.notice, strict=False)
        notes.left_out.append(LeftOut(table=STUDY_FILE, column="notice", code="TEXT_LEFT_OUT", decides=False))
    document["ngs"] = _given(
        max_mismatch=config.ngs.max_mismatch, min_overlap=config.ngs.min_overlap, min_bin=config.ngs.min_bin
    )
    tp53 = config.tp53
    document["tp53"] = _given(
        policy=settings.rule(_POLICIES, tp53.policy) if tp53.policy else None,
        build=tp53.build,
        assume_covered=tp53.assume_covered or None,
    )
    document["backgrounds"] = {
        settings.rule(_PANELS, panel): settings.background(path) for panel, path in config.backgrounds.items()
    }
    write_text(settings.out / STUDY_FILE, "\n".join(_toml(document)) + "\n")


def _given(**values: _Value) -> dict[str, _Value]:
    return {name: value for name, value in values.items() if value is not None}


def _toml(table: Mapping[str, _Value], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the lines of a TOML table: its values, then its tables, then its lists of tables."""
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping) and value}
    lists = {key: value for key, value in table.items() if _is_list_of_tables(value)}
    for key, value in table.items():
        if key not in tables and key not in lists and value != {}:
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in tables.items():
        inner = (*path, key)
        yield f"\n[{'.'.join(map(_key, inner))}]"
        yield from _toml(value, inner)
    for key, items in lists.items():
        inner = (*path, key)
        for item in items:  # type: ignore[attr-defined]  # _is_list_of_tables
            yield f"\n[[{'.'.join(map(_key, inner))}]]"
            yield from _toml(item, inner)


def _is_list_of_tables(value: _Value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _inline(value: _Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case list():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case Mapping():
            return "{" + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + "}"
        case _:
            return repr(value)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are TOML's, but for DEL, which only TOML escapes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
