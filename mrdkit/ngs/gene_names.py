"""IMGT names of the vendor's genes, where the spelling alone tells: `IGHV04-39*01` is IGHV4-39*01.

J genes of immunoglobulins carry no number behind the hyphen in IMGT: `IGHJ04-01*02` is IGHJ4*02. A name of
another form (`IGKJ_Kdel-01`) has no IMGT name here; the vendor's is always kept beside it. Source: clonoSEQ
and immunoSEQ gene names; IMGT/GENE-DB.
"""

import re

__all__ = ["imgt_name"]

_NAME = re.compile(
    r"(?P<locus>IG[HKL]|TCR[ABDG])(?P<segment>[VDJ])(?P<family>\d+D?)"
    r"(-or(?P<orphon>\d+)_(?P<place>\d+)|-(?P<gene>\d+D?))?(?P<allele>\*\d+)?"
)


def imgt_name(vendor: str | None) -> str | None:
    """Return the IMGT name of a gene; None where the vendor's name does not tell it.

    >>> imgt_name("IGKV05-02*01"), imgt_name("IGHJ04-01*02"), imgt_name("TCRBJ02-07")
    ('IGKV5-2*01', 'IGHJ4*02', 'TRBJ2-7')
    """
    found = _NAME.fullmatch(vendor or "")
    if found is None:
        return None
    locus = found["locus"].replace("TCR", "TR")
    gene = found["gene"]
    if locus.startswith("IG") and found["segment"] == "J":
        gene = None if gene in {None, "01"} else gene
    place = f"/OR{found['orphon']}-{int(found['place'])}" if found["orphon"] else ""
    number = f"-{gene.lstrip('0')}" if gene else ""
    family = found["family"].lstrip("0")
    return f"{locus}{found['segment']}{family}{place}{number}{found['allele'] or ''}"
