"""Which keywords of an FCS file may leave the laboratory, and which dropped ones carried identity.

An allow-list: a keyword that is not listed is dropped, whatever it says, and so is a listed one whose value
is not of the listed kind (a gain that is no number may be a name).
Rules: reference/flow/deidentification.toml.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule
from mrdkit.flow.fcs_spillover import parse_spillover

__all__ = ["Policy", "ValueKind", "family_of", "read_policy"]

ValueKind: TypeAlias = Literal["layout", "numbers", "scale", "letter", "matrix", "text"]
_Class: TypeAlias = Literal["kept", "identity", "technical", "vendor"]

_NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*{_NUMBER}(\s*[,;\s]\s*{_NUMBER})*\s*")
_SCALE = re.compile(rf"\s*(lin|linear|log|logarithmic)(\s*,\s*{_NUMBER})*\s*", re.IGNORECASE)
_LETTER = re.compile(r"\s*[IFDifd]\s*")
_DIGITS = re.compile(r"\d+")
_PARAMETER = re.compile(r"\$P(\d+)[A-Z]+")
_MOST_CHANNELS = 1_000


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class KeepRule:
    """Keywords that are kept where their value is of one kind."""

    value: ValueKind
    keywords: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class IdentityRule:
    """Keywords that carry identity, by their family or by what their name contains."""

    keywords: tuple[str, ...]
    name_contains: tuple[str, ...]
    name_words: tuple[str, ...]
    specimen_labels: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TechnicalRule:
    """Keywords of the instrument, whose values are dropped and not looked for."""

    keywords: tuple[str, ...]
    name_begins: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule(Rule):
    """The whole rule file."""

    value_characters_at_least: int
    chance_characters_below: int
    generic_words: str
    keep: tuple[KeepRule, ...]
    identity: IdentityRule
    technical: TechnicalRule


def family_of(keyword: str) -> str:
    """Return a keyword, in capitals, with `n` for each number in it; a family is its own family.

    >>> family_of("$P12S"), family_of("&10PATIENT ID")
    ('$PnS', '&nPATIENT ID')
    """
    return _DIGITS.sub("n", keyword)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rule file, ready to be asked.

    Attributes:
        rule: as written.
        kinds: family of a kept keyword -> kind of its value.
        generic: words that identify nobody, case-folded.
    """

    rule: PolicyRule
    kinds: Mapping[str, ValueKind]
    generic: frozenset[str]

    def kind_of(self, keyword: str, value: str, *, n_channels: int) -> ValueKind | None:
        """Return the kind of value of a kept keyword, None where it is dropped."""
        kind = self.kinds.get(family_of(keyword))
        parameter = _PARAMETER.fullmatch(keyword)
        if kind is None or not value.strip():
            return None
        if parameter is not None and not _is_channel(parameter[1], n_channels):
            return None
        return kind if _is_of_kind(value, kind) else None

    def class_of(self, keyword: str) -> _Class:
        """Tell what a keyword is, whatever its value."""
        family = family_of(keyword)
        if family in self.kinds:
            return "kept"
        if family in self.rule.identity.keywords:
            return "identity"
        technical = self.rule.technical
        if family in technical.keywords or family.startswith(technical.name_begins):
            return "technical"
        squeezed = re.sub(r"[^A-Z]", "", family)
        words = set(re.findall(r"[A-Z]+", family))
        named = any(part in squeezed for part in self.rule.identity.name_contains)
        return "identity" if named or words & set(self.rule.identity.name_words) else "vendor"

    def public_name(self, keyword: str) -> str | None:
        """Return the family of a keyword that the policy lists, None for a name that may itself identify."""
        family = family_of(keyword)
        listed = (*self.kinds, *self.rule.identity.keywords, *self.rule.technical.keywords)
        return family if family in listed else None

    def is_specimen_label(self, keyword: str) -> bool:
        """Tell whether a keyword labels a specimen, so that it may hold the pseudonym already."""
        return family_of(keyword) in self.rule.identity.specimen_labels


def read_policy(name_or_path: str | Path = "deidentification") -> Policy:
    """Read the shipped policy, or a laboratory's own by its path.

    Raises:
        RuleError: unknown or not complete and exact.
    """
    rule = read_rule("flow", name_or_path, PolicyRule)
    kinds = {keyword: entry.value for entry in rule.keep for keyword in entry.keywords}
    return Policy(rule=rule, kinds=kinds, generic=frozenset(rule.generic_words.casefold().split()))


def _is_channel(digits: str, n_channels: int) -> bool:
    return (
        not digits.startswith("0")
        and len(digits) < len(str(10 * _MOST_CHANNELS))
        and int(digits) <= n_channels
    )


def _is_of_kind(value: str, kind: ValueKind) -> bool:
    match kind:
        case "numbers":
            return _NUMBERS.fullmatch(value) is not None
        case "scale":
            return _SCALE.fullmatch(value) is not None
        case "letter":
            return _LETTER.fullmatch(value) is not None
        case "matrix":
            return _NUMBERS.fullmatch(value) is not None or parse_spillover(value) is not None
        case "layout" | "text":
            return True
