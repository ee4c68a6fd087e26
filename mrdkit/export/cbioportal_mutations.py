"""TP53 changes as a mutation table (MAF) on GRCh38: the counted ones only.

Who stands in the list of sequenced samples and has no row is wild type to cBioPortal. So that list holds the
samples called mutated, or wild type each time they were called, never an indeterminate one.
"""

import re
from collections.abc import Iterable, Sequence

from mrdkit.export.cbioportal_terms import terms
from mrdkit.results import Tp53Call, Tp53Variant

__all__ = ["MAF_COLUMNS", "is_sequenced", "mutation_rows"]

MAF_COLUMNS = (
    "Hugo_Symbol",
    "Entrez_Gene_Id",
    "NCBI_Build",
    "Chromosome",
    "Start_Position",
    "End_Position",
    "Strand",
    "Variant_Classification",
    "Variant_Type",
    "Reference_Allele",
    "Tumor_Seq_Allele1",
    "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode",
    "HGVSc",
    "HGVSp_Short",
    "t_alt_count",
    "t_ref_count",
)
_KEY = re.compile("(?P<chrom>[^-]+)-(?P<pos>[0-9]+)-(?P<ref>[ACGTN]+)-(?P<alt>[ACGTN]+)")
_SUBSTITUTIONS = {1: "SNP", 2: "DNP", 3: "TNP"}
_LETTERS = dict(
    zip(
        "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter".split(),
        "ARNDCQEGHILKMFPSTWYV*",
        strict=True,
    )
)
_RESIDUE = re.compile("|".join(_LETTERS))


def is_sequenced(calls: Sequence[Tp53Call]) -> bool:
    """Tell whether the absence of a change in all calls of one sample would mean wild type."""
    words = {call.status for call in calls}
    return "mutated" in words or words == {"wild_type"}


def mutation_rows(calls: Iterable[Tp53Call], sample: str) -> list[dict[str, object]]:
    """Return the rows of the counted changes of one sample; a change that was found again stands once."""
    rows: dict[str, dict[str, object]] = {}
    for call in calls:
        for variant in call.variants:
            if variant.counted and variant.key not in rows and (row := _mutation(variant, sample)):
                rows[variant.key] = row
    return list(rows.values())


def _mutation(variant: Tp53Variant, sample: str) -> dict[str, object] | None:
    key = _KEY.fullmatch(variant.key)
    if key is None:
        return None
    start, end, reference, other = _maf_alleles(int(key["pos"]), key["ref"], key["alt"])
    known = variant.depth is not None and variant.alt_reads is not None
    return {
        "Hugo_Symbol": "TP53",
        "Entrez_Gene_Id": terms().entrez_gene_id,
        "NCBI_Build": "GRCh38",
        "Chromosome": key["chrom"],
        "Start_Position": start,
        "End_Position": end,
        "Strand": "+",
        "Variant_Classification": _classification(variant.consequence, reference, other),
        "Variant_Type": _type(reference, other),
        "Reference_Allele": reference,
        "Tumor_Seq_Allele1": reference,
        "Tumor_Seq_Allele2": other,
        "Tumor_Sample_Barcode": sample,
        "HGVSc": variant.hgvs_c,
        "HGVSp_Short": _short(variant.hgvs_p),
        "t_alt_count": variant.alt_reads if known else None,
        "t_ref_count": (variant.depth or 0) - (variant.alt_reads or 0) if known else None,
    }


def _maf_alleles(position: int, reference: str, other: str) -> tuple[int, int, str, str]:
    """Return start, end and alleles without their common beginning; `-` for none.

    >>> _maf_alleles(100, "AT", "A"), _maf_alleles(100, "A", "AT")
    ((101, 101, 'T', '-'), (100, 101, '-', 'T'))
    """
    shared = 0
    if len(reference) != len(other):
        while shared < min(len(reference), len(other)) and reference[shared] == other[shared]:
            shared += 1
    position, reference, other = position + shared, reference[shared:], other[shared:]
    if not reference:
        return position - 1, position, "-", other
    return position, position + len(reference) - 1, reference, other or "-"


def _classification(consequence: str, reference: str, other: str) -> str:
    by_length = terms().by_length.get(consequence)
    if by_length is not None:
        longer = reference == "-" or (other != "-" and len(other) > len(reference))
        return by_length["longer" if longer else "shorter"]
    return terms().classification[consequence]


def _type(reference: str, other: str) -> str:
    if reference == "-" or (other != "-" and len(other) > len(reference)):
        return "INS"
    if other == "-" or len(other) < len(reference):
        return "DEL"
    return _SUBSTITUTIONS.get(len(reference), "ONP")


def _short(hgvs_p: str) -> str:
    """Return a protein change in one-letter codes; empty where it cannot be predicted.

    >>> _short("p.(Arg213Ter)"), _short("p.?")
    ('p.R213*', '')
    """
    plain = hgvs_p.replace("(", "").replace(")", "")
    return "" if plain in ("", "p.?") else _RESIDUE.sub(lambda found: _LETTERS[found[0]], plain)
