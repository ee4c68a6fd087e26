"""Karyotype records written by hand, for rooms that only use them: no reader of ISCN stands behind these."""

import re
from datetime import date
from typing import Literal

from mrdkit.results import Evidence, KaryotypeCall, KaryotypeClone, Metaphases, Specimen

EVIDENCE = Evidence(inputs=(), rules=(), software_version="test")


def karyotype(
    text: str,
    *,
    subject_id: str = "S1",
    visit: str = "baseline",
    collected_on: date | None = None,
    status: Literal["parsed", "partly", "rejected"] | None = None,
    ploidy_group: Literal["HoTr", "HeH", "masked_near_haploid"] | None = None,
    kmt2a: Literal["yes", "no", "suspect", "uncertain"] | None = "no",
    complex_all: bool | None = False,
) -> KaryotypeCall:
    """Return the record of a plain karyotype: clones by `/`, donor behind `//`, cells in brackets."""
    clones = tuple(_clones(text.split(".nuc ish", maxsplit=1)[0]))
    return KaryotypeCall(
        specimen=Specimen(subject_id=subject_id, visit=visit, specimen_id=None, collected_on=collected_on),
        text=text,
        cleaned=text,
        changes=(),
        status=status or ("parsed" if clones else "rejected"),
        error=None if clones else "no karyotype",
        clones=clones,
        ploidy=None,
        ploidy_group=ploidy_group,
        modal_number=None,
        n_abnormalities_iscn=None,
        n_abnormalities_tokens=None,
        complex_raw=complex_all,
        complex_all=complex_all,
        kmt2a=kmt2a,
        ph="yes" if "t(9;22)(q34;q11" in text else "no",
        metaphases=_metaphases(clones),
        excluded_level=None,
        unparsed=(),
        flags=(),
        reasons=(),
        evidence=EVIDENCE,
    )


def _clones(text: str) -> list[KaryotypeClone]:
    populations: tuple[tuple[Literal["recipient", "donor"], str], ...] = tuple(
        zip(("recipient", "donor"), text.split("//"), strict=False)
    )
    return [
        _clone(part, population)
        for population, parts in populations
        for part in parts.split("/")
        if re.match(r"[0-9]{2}.*,", part)
    ]


def _clone(text: str, population: Literal["recipient", "donor"]) -> KaryotypeClone:
    body, _, cells = text.partition("[")
    count, sex, *items = body.split(",")
    born_with = all(item.endswith("c") for item in items)
    role: Literal["stem", "normal", "constitutional"] = "constitutional" if born_with else "stem"
    n = int(cells.rstrip("]")) if cells else None
    losses = all(item.startswith("-") for item in items)
    return KaryotypeClone(
        role=role if items else "normal",
        population=population,
        count_low=int(count),
        count_high=int(count),
        sex=sex,
        items=tuple(items),
        cells=n,
        clonal=n is None or not items or n >= (3 if losses else 2),
    )


def _metaphases(clones: tuple[KaryotypeClone, ...]) -> Metaphases | None:
    cells = [clone.cells for clone in clones]
    if not clones or None in cells:
        return None
    donor = sum(clone.cells or 0 for clone in clones if clone.population == "donor")
    total = sum(count or 0 for count in cells)
    normal = sum(
        clone.cells or 0 for clone in clones if clone.population == "recipient" and clone.role == "normal"
    )
    return Metaphases(total=total, recipient=total - donor, donor=donor, normal=normal)
