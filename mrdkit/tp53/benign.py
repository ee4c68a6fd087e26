"""The expert panel's benign and likely benign alleles: listed, never counted as mutations.

The match is on the normalised allele; a change of several bases also matches by its protein change, since
another spelling of the same protein is the same polymorphism.
Source: `reference/tp53/expert_panel_benign.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = ["BenignList", "PanelClass", "load_benign_list", "panel_class"]

PanelClass: TypeAlias = Literal["benign", "likely_benign"]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _Allele:
    allele: str
    c: str
    p: str
    class_: Annotated[PanelClass, Field(alias="class")]
    evaluated: str
    clinvar: str


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _BenignRule(Rule):
    alleles: tuple[_Allele, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenignList:
    """The list with its two ways of matching: `17-POS-REF-ALT` on GRCh38, and the protein change."""

    id: str
    version: str
    source: str
    by_key: Mapping[str, PanelClass]
    by_protein: Mapping[str, PanelClass]


@cache
def load_benign_list() -> BenignList:
    """Read the list once; where two alleles share a protein change, the weaker class stands."""
    rule = read_rule("tp53", "expert_panel_benign", _BenignRule)
    by_protein: dict[str, PanelClass] = {}
    for row in rule.alleles:
        if by_protein.get(row.p) != "likely_benign":
            by_protein[row.p] = row.class_
    return BenignList(
        id=rule.id,
        version=rule.version,
        source=rule.source,
        by_key={row.allele: row.class_ for row in rule.alleles},
        by_protein=by_protein,
    )


def panel_class(key: str, hgvs_p: str) -> PanelClass | None:
    """Return the expert panel's class of a normalised allele, or None where it has none."""
    panel = load_benign_list()
    if key in panel.by_key or key[-2] == key[-4] == "-":
        return panel.by_key.get(key)  # a single base matches by its allele alone
    # A silent or unpredictable protein says nothing about splicing, so it never matches.
    return None if hgvs_p.endswith(("=)", "?")) else panel.by_protein.get(hgvs_p)
