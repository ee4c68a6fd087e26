"""Depth and VAF of one allele in one sample, exact, and where they come from.

The read counts of the caller decide (see `caller_reads.py`); the caller's fraction stands in where there are
none, and `vaf_source` keeps the tags. Counts stay integers and fractions stay exact: 0.45 is 0.45. VAF =
alternate reads / depth, where depth is the sum of AD when AD is complete (so that further alleles and `*` are
in the denominator), else the caller's DP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from mrdkit.tp53.caller_reads import Asked, Reads, reads_beside_depth, reads_of
from mrdkit.tp53.records import VcfRecord

__all__ = ["Depth", "allele_depth", "record_depth"]

_FRACTION_DIGITS = 6  # what survives a float32, in which readers and writers keep fractions
_OF_SITES = ("DP", "DP4", "AD", "AF", "RO", "AO", "FRO", "FAO", "FDP")  # read from INFO without samples
_OF_LONE_SAMPLE = ("DP", "DP4", "MIN_DP")  # read from INFO where there is one sample
_FRACTION_TAGS = ("FA", "AF", "VAF", "VF", "FREQ", "PM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Reads of one allele in one sample; what is not known is None.

    Attributes:
        alt_reads: reads with the allele.
        depth: all informative reads.
        vaf: exact variant allele fraction.
        stated_vaf: fraction that the caller states beside its read counts.
        source: the tags that decided, such as `AD` or `RD+AD`.
        flags: AD_INCOMPLETE where AD lacks values; DEPTH_CORRECTED where reads exceed the caller's DP;
            FIELDS_MISFIT where the sample has more values than FORMAT has names, or a name stands twice.
    """

    alt_reads: int | None = None
    depth: int | None = None
    vaf: Fraction | None = None
    stated_vaf: Fraction | None = None
    source: str | None = None
    flags: tuple[str, ...] = ()


def allele_depth(record: VcfRecord, sample: int | None, allele: int) -> Depth:
    """Return the reads of one alternate allele in one sample.

    Args:
        record: the record.
        sample: index of the sample column; None in a file without samples, where INFO is read.
        allele: number of the alternate allele, from 1.
    """
    asked = Asked(record, _fields(record, sample), allele)
    if not record.fits_format(sample):
        return Depth(flags=("FIELDS_MISFIT",))
    flags = _incomplete(asked)
    found = reads_of(asked)
    return _from_fraction(asked, flags) if found is None else _from_reads(asked, found, flags)


def record_depth(record: VcfRecord, sample: int | None) -> int | None:
    """Return how deep one sample was read: the least depth of a block, else DP, else the sum of AD."""
    asked = Asked(record, _fields(record, sample), 1)
    ad = asked.counts("AD")
    values = (asked.count("MIN_DP"), asked.count("DP"), sum(ad) if ad else None)
    return next((value for value in values if value is not None), None)


def _fields(record: VcfRecord, sample: int | None) -> Mapping[str, str]:
    """Return the sample's fields; counts of INFO stand in only where they can be of one sample alone."""
    fields = dict(record.fields(sample))
    if sample is None:
        return {name: record.info[name] for name in _OF_SITES if name in record.info}
    if len(record.samples) == 1:
        for name in _OF_LONE_SAMPLE:
            if name in record.info:
                fields.setdefault(name, record.info[name])
    return fields


def _from_reads(asked: Asked, reads: Reads, flags: tuple[str, ...]) -> Depth:
    counted = reads.alt + (reads.ref or 0)
    depth = reads.total if reads.total is not None else asked.count("DP")
    if depth is None:
        depth = counted if reads.ref is not None else None
    elif counted > depth:
        depth, flags = counted, (*flags, "DEPTH_CORRECTED")
    vaf = Fraction(reads.alt, depth) if depth else None
    stated = next((found for tag in _FRACTION_TAGS if (found := _fraction(asked, tag)) is not None), None)
    return Depth(
        alt_reads=reads.alt, depth=depth, vaf=vaf, stated_vaf=stated, source=reads.source, flags=flags
    )


def _from_fraction(asked: Asked, flags: tuple[str, ...]) -> Depth:
    """Use the caller's fraction: FA before reads that stand beside the depth alone, others behind them."""
    depth = asked.count("DP")
    found = reads_beside_depth(asked) if _fraction(asked, "FA") is None else None
    if found is not None:
        return _from_reads(asked, found, flags)
    for tag in _FRACTION_TAGS:
        vaf = _fraction(asked, tag)
        if vaf is not None:
            alt = None if depth is None else int(vaf * depth + Fraction(1, 2))
            source = tag if depth is None else f"{tag}*DP"
            return Depth(alt_reads=alt, depth=depth, vaf=vaf, source=source, flags=flags)
    return Depth(depth=depth, flags=flags)


def _fraction(asked: Asked, tag: str) -> Fraction | None:
    values = asked.fields.get(tag, "").split(",")
    if len(values) not in {1, asked.n_alts} or (len(values) == 1 and asked.n_alts > 1):
        return None
    text = values[asked.allele - 1] if len(values) == asked.n_alts else values[0]
    scale = 100 if text.endswith("%") else 1
    try:
        number = Decimal(text.removesuffix("%")) / scale
    except InvalidOperation:
        return None
    if not (number.is_finite() and 0 <= number <= 1):
        return None
    return Fraction(round(number, _FRACTION_DIGITS))


def _incomplete(asked: Asked) -> tuple[str, ...]:
    values = asked.fields.get("AD")
    if values is None or len(values.split(",")) == asked.n_alts + 1:
        return ()
    # VarScan and older callers give the alternate reads alone; that is their form, not a fault.
    lone = asked.n_alts == 1 and "," not in values
    return () if lone else ("AD_INCOMPLETE",)
