"""Which cells of a study's tables identify nobody: the rule file, ready to be asked.

A cell is kept because its words are known and its numbers are short, never because nothing was found in it.
Rules: reference/study/deidentification.toml.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from mrdkit import reference
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.flow.deidentify_policy import Policy as ScanPolicy
from mrdkit.flow.deidentify_policy import read_policy as read_scan_policy
from mrdkit.ngs.sharing_cells import shared_names
from mrdkit.patient.quantities import COUNT_UNITS, PERCENT_UNITS
from mrdkit.tp53.sharing import shared_field_names

__all__ = ["Kind", "StudyPolicy", "is_count", "is_pattern", "read_study_policy"]

Kind: TypeAlias = Literal[
    "subject",
    "specimen",
    "visit",
    "date",
    "label",
    "probe",
    "word",
    "text",
    "value",
    "age",
    "count",
    "pattern",
    "karyotype",
    "path",
    "coverage",
    "sha256",
    "panel",
    "sample",
]

_LONGEST_PLAIN = 80  # characters
_LONGEST_KARYOTYPE = 8192
_LETTERS = re.compile(r"[^\W\d_]+")
_LONG_NUMBER = re.compile(r"\d{4}")
_NUMBERS_APART = re.compile(r"\d[\W_]+\d")
_INITIALS = re.compile(r"(?<![^\W\d_])[^\W\d_][\W_]*[\W_][^\W\d_](?![^\W\d_])")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4}")
_SEXES = re.compile(r"[xy]+")
_NUMBER = r"[+-]?(?:\d{1,9}(?:[.,]\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2}(?!\d))?"
_VALUE = re.compile(rf"(?:[<>=≤≥~]{{1,2}}\s*)?{_NUMBER}(?:\s*(?:-|to)\s*{_NUMBER})?\s*(?P<unit>[^\d.,;].*)?")
_COUNT = re.compile(r"\d{1,9}")
_AGE = re.compile(r"(\d{1,3})(\.\d{1,2})?")
_PATTERN = re.compile(r"(-?\d{1,3} *(yellow|orange|[FRGAYO])(dim)? *)+", re.IGNORECASE)
_FISH_KEYS = (
    "probe cutoff gene kind break_apart 3prime 5prime class method alpha betainv max_false given".split()
)
_MICRO = str.maketrans("µμ", "uu")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Rule(Rule):
    largest_shift_days: int
    oldest_age: int
    removed: str
    notices: tuple[str, ...]
    free_text_keys: tuple[str, ...]
    label_keys: Mapping[str, str]
    tables: Mapping[str, Mapping[str, Kind]]
    vocabulary: Mapping[str, str]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPolicy:
    """The rule file, ready to be asked.

    Attributes:
        rule: as written.
        words: vocabulary of all tables, in small letters.
        karyotype: words that a karyotype may hold.
        phrases: whole cells that are kept.
        shipped: texts of the shipped rules, which a laboratory's copy of one repeats.
        scan: what is looked for in what is written: the policy of FCS files, with this vocabulary.
    """

    rule: _Rule
    words: frozenset[str]
    karyotype: frozenset[str]
    phrases: frozenset[str]
    shipped: frozenset[str]
    scan: ScanPolicy

    def is_plain(self, text: str) -> bool:
        """Tell whether a text is words of the vocabulary and short numbers."""
        if text.casefold() in self.phrases:
            return True
        return (
            len(text) <= _LONGEST_PLAIN
            and text.isprintable()
            and all(word.casefold() in self.words for word in _LETTERS.findall(text))
            and not any(pattern.search(text) for pattern in (_LONG_NUMBER, _NUMBERS_APART, _INITIALS))
        )

    def is_value(self, text: str) -> bool:
        """Tell whether a text is a number, bound or range, with a known unit or none, or a unit alone."""
        if self.is_plain(text) or self._is_unit(text):
            return True
        match = _VALUE.fullmatch(text)
        return match is not None and self._is_unit(match["unit"] or "")

    def is_karyotype(self, text: str) -> bool:
        """Tell whether a text holds nothing but ISCN and remarks of the vocabulary."""
        return (
            len(text) <= _LONGEST_KARYOTYPE
            and all(
                word in self.karyotype or _SEXES.fullmatch(word) for word in _LETTERS.findall(text.casefold())
            )
            and _LONG_NUMBER.search(text) is None
            and _DATE.search(text) is None
        )

    def age(self, text: str) -> str | None:
        """Return an age as it may be given away, None where it is no age."""
        match = _AGE.fullmatch(text)
        if match is None:
            return None
        oldest = self.rule.oldest_age
        return text if float(text) < oldest + 1 else str(oldest + 1)

    def _is_unit(self, text: str) -> bool:
        unit = "".join(text.translate(_MICRO).casefold().split()).replace("mcl", "ul").removeprefix("x")
        return unit in {*COUNT_UNITS.factors, *PERCENT_UNITS.factors, *self.phrases}


def is_count(text: str) -> bool:
    """Tell whether a text is a count."""
    return _COUNT.fullmatch(text) is not None


def is_pattern(text: str) -> bool:
    """Tell whether a text is a pattern of FISH signals."""
    return _PATTERN.fullmatch(text) is not None


def read_study_policy(name_or_path: str | Path = "deidentification") -> StudyPolicy:
    """Read the shipped policy, or a laboratory's own by its path.

    Raises:
        RuleError: unknown or not complete and exact.
    """
    rule = read_rule("study", name_or_path, _Rule)
    written = {name: _LETTERS.findall(words.casefold()) for name, words in rule.vocabulary.items()}
    general = frozenset(written["general"])
    words = frozenset(word for name, found in written.items() if name != "karyotype" for word in found)
    scan = read_scan_policy()
    columns = (name for columns in rule.tables.values() for name in columns)
    shipped = tuple(_shipped())
    of_rules = (text for _, text in shipped if " " not in text)
    names = (*columns, *shared_names(), *shared_field_names(), *of_rules)
    known = words | {word.casefold() for name in names for word in (name, *_LETTERS.findall(name))}
    return StudyPolicy(
        rule=rule,
        words=words,
        karyotype=frozenset(written["karyotype"]) | general,
        phrases=frozenset(phrase.casefold() for phrase in rule.phrases),
        shipped=frozenset(text for kind, text in shipped if kind == "text"),
        scan=replace(scan, generic=scan.generic | known | frozenset(written["karyotype"])),
    )


def _shipped() -> Iterator[tuple[str, str]]:
    """Yield the keys and texts of the shipped rules that a study may name or copy."""
    for kind in ("panels", "criteria", "tp53_policies"):
        for name in reference.names(kind):
            yield from _parts(tomllib.loads(reference.text(kind, f"{name}.toml")))
    yield from (("key", word) for word in _FISH_KEYS)


def _parts(value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield "key", key
                yield from _parts(item)
        case list():
            for item in value:
                yield from _parts(item)
        case str():
            yield "text", value
