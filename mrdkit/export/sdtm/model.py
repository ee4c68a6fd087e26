"""What the SDTM export may write: data sets, variables, controlled terms, words. Source: reference/terms."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = [
    "Codelist",
    "Domain",
    "Domains",
    "Terms",
    "Variable",
    "Words",
    "codelists",
    "domains",
    "sex_of",
    "words",
]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Variable:
    """One variable; `codelist` is the code of its controlled terms, empty where it has none."""

    name: str
    label: str
    type: Literal["Char", "Num"]
    core: Literal["Req", "Exp", "Perm"]
    codelist: str = ""


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Domain:
    """One data set; its rows are sorted by `keys`."""

    name: str
    label: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]

    def has(self, name: str) -> bool:
        """Tell whether the data set has a variable."""
        return name in _names(self.name)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Domains(Rule):
    """All data sets; SUPP is the form of every data set of supplemental qualifiers."""

    domain: tuple[Domain, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Term:
    """One term of the standard, with its NCI code."""

    value: str
    code: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Extension:
    """One term of the sponsor's, where the standard has none."""

    value: str
    meaning: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Codelist:
    """The terms of one codelist that are used here."""

    code: str
    name: str
    extensible: bool
    terms: tuple[Term, ...]
    extensions: tuple[Extension, ...] = ()


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Terms(Rule):
    """All codelists."""

    codelist: tuple[Codelist, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Words(Rule):
    """Word of mrdkit -> term, apart for each kind of word; `qualifier`: name of a qualifier -> its label."""

    response: Mapping[str, str]
    cytogenetic: Mapping[str, str]
    mrd: Mapping[str, str]
    material: Mapping[str, str]
    sex: Mapping[str, str]
    detection: Mapping[str, str]
    qualifier: Mapping[str, str]


@cache
def domains() -> Mapping[str, Domain]:
    """Return every data set by its name, in the order in which they are written."""
    return {domain.name: domain for domain in read_rule("terms", "sdtm_domains", Domains).domain}


@cache
def _names(domain: str) -> frozenset[str]:
    return frozenset(variable.name for variable in domains()[domain].variables)


@cache
def codelists() -> Mapping[str, Codelist]:
    """Return every codelist by its code."""
    return {each.code: each for each in read_rule("terms", "cdisc", Terms).codelist}


@cache
def words() -> Words:
    """Return what words of mrdkit are called in SDTM."""
    return read_rule("terms", "sdtm_words", Words)


def sex_of(word: str | None) -> str:
    """Return F, M or U; what is not understood is U."""
    return words().sex.get((word or "").strip().casefold(), "U")
