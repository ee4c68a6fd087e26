"""What reading an ISCN FISH string gives: one frozen record, its field names those of the command line."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mrdkit.fish.iscn_layout import Population, Technique

__all__ = [
    "GeneCall",
    "IscnClone",
    "IscnEdition",
    "IscnPattern",
    "IscnRelation",
    "IscnResult",
    "Nuclei",
    "Number",
]

#: A number, a range such as "2~4", "amp" (more than can be counted), or None (not written).
Number: TypeAlias = int | str | None
IscnEdition: TypeAlias = Literal["2024", "2020", "2016", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IscnPattern:
    """Signals of one gene per nucleus; for an ordinary probe `fusions` is its copy number."""

    gene: str
    fusions: Number
    isolated_3prime: Number
    isolated_5prime: Number
    constitutional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IscnRelation:
    """Probes of different genes that lie apart (`sep`) or together (`con`), and how often per nucleus."""

    kind: Literal["sep", "con"]
    probes: tuple[str, ...]
    n: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class IscnClone:
    """One clone of one hybridisation.

    Attributes:
        patterns: signals per gene.
        relations: fusions and separations between genes.
        population: recipient or donor.
        technique: interphase (nuc ish) or metaphase (ish).
        hybridisation: number of the hybridisation in the string, from 1.
        event: rearrangement that a metaphase result names.
        n: nuclei with these signals, None where not written.
        total: nuclei scored; of a chimera without totals, recipient and donor together.
        normal: whether all signals are normal, None where that cannot be known.
    """

    patterns: tuple[IscnPattern, ...]
    relations: tuple[IscnRelation, ...]
    population: Population
    technique: Technique
    hybridisation: int
    event: str | None
    n: int | None
    total: int | None
    normal: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneCall:
    """The call word of one break-apart gene in the patient's own cells."""

    gene: str
    call: str
    n: int | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuclei:
    """Nuclei of a chimera; recipient + donor = total."""

    total: int
    recipient: int
    donor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IscnResult:
    """One string.

    Attributes:
        text: as given.
        edition: whose form it has; None where it was rejected or nothing tells.
        status: parsed, partly (see `unparsed`) or rejected (see `error`).
        clones: in the order of the string.
        calls: break-apart genes that are called.
        normal: whether the patient's own cells are normal by FISH; None where not known.
        nuclei: cells of recipient and donor, None without donor cells or where not all are written.
        karyotype: the banding result in front, as written; it is not read here.
        error: code, place and message of a rejected string.
        unparsed: what was not understood, with its position.
        flags: stable codes.
        reasons: sentences.
    """

    text: str
    edition: IscnEdition | None
    status: Literal["parsed", "partly", "rejected"]
    clones: tuple[IscnClone, ...]
    calls: tuple[GeneCall, ...]
    normal: bool | None
    nuclei: Nuclei | None
    karyotype: str | None
    error: str | None
    unparsed: tuple[str, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
