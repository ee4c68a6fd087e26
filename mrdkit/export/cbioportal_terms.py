"""Words and identifiers of cBioPortal. Source: reference/terms/cbioportal.toml."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from mrdkit.errors import InputError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["CbioportalTerms", "Identifiers", "cell", "study_name", "terms"]

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9._-]")
_BREAKS = re.compile(r"[\t\r\n]+")


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CbioportalTerms(Rule):
    """What the study is called, and what a change is called.

    Attributes:
        gene_panel: name of the panel whose only gene is TP53.
        never_written: a class of changes that is in no export; the portal is told to leave out only these.
    """

    type_of_cancer: str
    cancer_type: str
    entrez_gene_id: int
    gene_panel: str
    never_written: str
    days_per_month: float
    classification: Mapping[str, str]
    by_length: Mapping[str, Mapping[Literal["longer", "shorter"], str]]


@cache
def terms() -> CbioportalTerms:
    """Return the words."""
    return read_rule("terms", "cbioportal", CbioportalTerms)


def study_name(study_id: str) -> str:
    """Return the identifier of a study: lower case, letters, digits and `_`."""
    return re.sub(r"[^a-z0-9_]+", "_", study_id.casefold()).strip("_") or "study"


def cell(value: object) -> str:
    """Return one cell of a tab-separated table, empty for None."""
    return "" if value is None else _BREAKS.sub(" ", str(value)).strip()


class Identifiers:
    """Identifiers of letters, digits, `.`, `_` and `-`; two of them never become one."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def of(self, text: str) -> str:
        """Return the identifier of a text, the same each time.

        Raises:
            InputError: another text has it already.
        """
        name = _NOT_ALLOWED.sub("_", text)
        if self._owners.setdefault(name, text) != text:
            raise InputError(
                "two identifiers would be one in cBioPortal",
                code="IDENTIFIERS_COLLIDE",
                place=name,
                found=f"{self._owners[name]!r} and {text!r}",
                remedy="give one of them another pseudonym in the study's tables",
            )
        return name
