"""Which receptor locus a sequence belongs to: the `locus` column, else its J, D or V gene, in this order.

T-cell pipeline files leave `locus` empty. `igh` and `IGH-D` are IGH and IGH_D: sequences are compared within
one locus, so that another spelling would be a clone not found. Vendor gene names are kept as they are
(`IGKJ_Kdel-01`, `IGHV03-or16_09*01`); only their first letters are read. Source: clonoSEQ pipeline files.
"""

from collections.abc import Set as AbstractSet

import polars as pl

__all__ = ["KNOWN_LOCI", "NOT_STATED", "UNKNOWN_LOCUS", "locus_of"]

UNKNOWN_LOCUS = "unknown"

#: Loci as this software writes them.
KNOWN_LOCI = frozenset({"IGH", "IGH_D", "IGK", "IGL", "TRA", "TRB", "TRD", "TRG"})

#: Cells that say nothing; read as null in every column.
NOT_STATED = ("", "NA", "NaN", "null", "unresolved", "no data", "unknown")

#: Pipeline columns that can name the locus, the most telling first.
_GENE_COLUMNS = tuple(
    f"{segment}{suffix}"
    for suffix in ("MaxResolved", "FamilyName", "GeneNameTies", "FamilyTies")
    for segment in "jdv"
)

_VENDOR_NAMES = {"TCRA": "TRA", "TCRB": "TRB", "TCRD": "TRD", "TCRG": "TRG"}


def locus_of(columns: AbstractSet[str]) -> pl.Expr:
    """Return the locus of each row of a table that has these of its columns, as strings."""
    spelling = pl.col("locus").str.strip_chars().str.to_uppercase().str.replace_all(r"[\s-]+", "_")
    spelling = pl.when(spelling != "").then(spelling)  # blanks say nothing
    stated = [spelling.replace(_VENDOR_NAMES)] if "locus" in columns else []
    genes = [
        pl.col(name).str.extract(r"^(IG[HKL]|TCR[ABDG]|TR[ABDG])", 1).replace(_VENDOR_NAMES)
        for name in _GENE_COLUMNS
        if name in columns
    ]
    derived = pl.coalesce([*genes, pl.lit(None, dtype=pl.String)])
    if "cloneResolved" in columns:
        # A D-J rearrangement without V is counted apart from complete ones and never matched with them.
        incomplete = (derived == "IGH") & (pl.col("cloneResolved") == "DJ")
        derived = pl.when(incomplete).then(pl.lit("IGH_D")).otherwise(derived)
    return pl.coalesce([*stated, derived, pl.lit(UNKNOWN_LOCUS)])
