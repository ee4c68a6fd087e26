"""Which receptor locus a sequence belongs to: as stated, else by its J, D or V gene, in this order.

T-cell pipeline files leave the locus empty. `igh` and `IGH-D` are IGH and IGH_D: sequences are compared
within one locus, so that another spelling would be a clone not found. Vendor gene names are kept as they are
(`IGKJ_Kdel-01`, `IGHV03-or16_09*01`); only their first letters are read. Source: clonoSEQ pipeline files.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mrdkit.ngs.table import Coded

__all__ = ["KNOWN_LOCI", "UNKNOWN_LOCUS", "loci_of"]

UNKNOWN_LOCUS = "unknown"

#: Loci as this software writes them.
KNOWN_LOCI = frozenset({"IGH", "IGH_D", "IGK", "IGL", "TRA", "TRB", "TRD", "TRG"})

_VENDOR_NAMES = {"TCRA": "TRA", "TCRB": "TRB", "TCRD": "TRD", "TCRG": "TRG"}
_GENE = re.compile(r"IG[HKL]|TCR[ABDG]|TR[ABDG]")
_BLANKS = re.compile(r"[\s-]+")
_INCOMPLETE = "DJ"


def loci_of(
    stated: Coded[str | None], genes: Sequence[Coded[str | None]], kind: Coded[str | None]
) -> Coded[str]:
    """Return the locus of each row.

    Args:
        stated: locus as written.
        genes: names of genes, the most telling first.
        kind: `DJ` for a rearrangement without V, which is counted apart from complete ones.
    """
    found = stated.mapped(_spelling)
    present = {found.values[code] for code in np.unique(found.codes)}
    if None not in present:
        return found.mapped(lambda name: name or UNKNOWN_LOCUS)
    names = [UNKNOWN_LOCUS]
    codes = _numbered(found, names)
    for gene in genes:
        codes = np.where(codes == 0, _numbered(gene.mapped(_of_gene), names), codes)
    derived = _numbered(found, names) == 0
    incomplete = kind.mapped(lambda word: word == _INCOMPLETE).array(np.bool_)
    heavy = codes == _number("IGH", names)
    codes = np.where(derived & heavy & incomplete, _number("IGH_D", names), codes)
    return Coded(codes=codes.astype(np.uint16), values=tuple(names))


def _numbered(words: Coded[str | None], names: list[str]) -> NDArray[np.int32]:
    """Return the number of each row's word among the names, 0 for none; new words are added to them."""
    numbers = [0 if word is None else _number(word, names) for word in words.values]
    return Coded(codes=words.codes, values=tuple(numbers)).array(np.int32)


def _number(word: str, names: list[str]) -> int:
    if word not in names:
        names.append(word)
    return names.index(word)


def _spelling(name: str | None) -> str | None:
    if name is None:
        return None
    spelled = _BLANKS.sub("_", name.strip().upper())
    return _VENDOR_NAMES.get(spelled, spelled) or None


def _of_gene(name: str | None) -> str | None:
    found = None if name is None else _GENE.match(name)
    return None if found is None else _VENDOR_NAMES.get(found.group(), found.group())
