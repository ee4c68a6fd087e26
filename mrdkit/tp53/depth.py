"""Where a caller writes its read counts, and what they make of one allele: reads, depth, VAF.

No two callers agree on the tags. They are tried in a fixed order of trust; the first that is complete
decides, and its name is kept as `vaf_source`. Counts stay integers and fractions stay exact: 0.45 is 0.45.
VAF = alternate reads / depth, where depth is the sum of AD when AD is complete (so that further alleles and
`*` are in the denominator), else the caller's DP.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from mrdkit.tp53.records import VcfRecord, is_ignored, natural

__all__ = ["Depth", "allele_depth", "record_depth"]

_FRACTION_DIGITS = 6  # what survives a float32, in which readers and writers keep fractions
_BASES = "ACGT"
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
        flags: AD_INCOMPLETE where AD lacks values; DEPTH_CORRECTED where reads exceed the caller's DP.
    """

    alt_reads: int | None = None
    depth: int | None = None
    vaf: Fraction | None = None
    stated_vaf: Fraction | None = None
    source: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One allele of one record, and the fields that may tell its reads."""

    record: VcfRecord
    fields: Mapping[str, str]
    allele: int

    @property
    def n_alts(self) -> int:
        return len(self.record.alts)

    @property
    def is_only(self) -> bool:
        """Whether no other alternate allele shares the record; `<*>` and its like are none."""
        return all(is_ignored(alt) for i, alt in enumerate(self.record.alts, start=1) if i != self.allele)

    def counts(self, tag: str) -> list[int] | None:
        """Return the values of a tag, all of them whole numbers, or None."""
        values = [natural(value) for value in self.fields.get(tag, "").split(",")]
        known = [value for value in values if value is not None]
        return known if len(known) == len(values) else None

    def count(self, tag: str) -> int | None:
        """Return the value of a tag that has exactly one."""
        values = self.counts(tag)
        return values[0] if values and len(values) == 1 else None

    def of_allele(self, tag: str) -> int | None:
        """Return the value of a tag that has one value per alternate allele."""
        values = self.counts(tag)
        return values[self.allele - 1] if values and len(values) == self.n_alts else None

    def substituted(self) -> tuple[str, str] | None:
        """Return the bases of a single-base substitution."""
        ref, alt = self.record.ref.upper(), self.record.alts[self.allele - 1].upper()
        one_base = len(ref) == len(alt) == 1 and ref in _BASES and alt in _BASES
        return (ref, alt) if one_base else None


@dataclass(frozen=True, slots=True)
class _Reads:
    """Reads that a caller's tags give; `ref` and the tags' own `total` are None where not told."""

    source: str
    ref: int | None
    alt: int
    total: int | None = None


def allele_depth(record: VcfRecord, sample: int | None, allele: int) -> Depth:
    """Return the reads of one alternate allele in one sample.

    Args:
        record: the record.
        sample: index of the sample column; None in a file without samples, where INFO is read.
        allele: number of the alternate allele, from 1.
    """
    asked = _Asked(record, _fields(record, sample), allele)
    flags = _incomplete(asked)
    for read in _IN_ORDER:
        found = read(asked)
        if found is not None:
            return _from_reads(asked, found, flags)
    return _from_fraction(asked, flags)


def record_depth(record: VcfRecord, sample: int | None) -> int | None:
    """Return how deep one sample was read: the least depth of a block, else DP, else the sum of AD."""
    asked = _Asked(record, _fields(record, sample), 1)
    ad = asked.counts("AD")
    values = (asked.count("MIN_DP"), asked.count("DP"), sum(ad) if ad else None)
    return next((value for value in values if value is not None), None)


def _fields(record: VcfRecord, sample: int | None) -> Mapping[str, str]:
    """Return the sample's fields; counts of INFO stand in only where they can be of one sample alone."""
    fields = dict(record.fields(sample))
    if sample is None:
        return {
            name: record.info[name] for name in ("DP", "DP4", "AD", "AF", "RO", "AO") if name in record.info
        }
    if len(record.samples) == 1:
        for name in ("DP", "DP4"):
            if name in record.info:
                fields.setdefault(name, record.info[name])
    return fields


def _ad(asked: _Asked) -> _Reads | None:
    values = asked.counts("AD")
    if not values or len(values) != asked.n_alts + 1:
        return None
    return _Reads("AD", values[0], values[asked.allele], sum(values))


def _rd_ad(asked: _Asked) -> _Reads | None:
    ref, alt = asked.count("RD"), asked.of_allele("AD")
    return None if ref is None or alt is None else _Reads("RD+AD", ref, alt)


def _bcount(asked: _Asked) -> _Reads | None:
    counts, bases = asked.counts("BCOUNT"), asked.substituted()
    if not bases or not counts or len(counts) != len(_BASES):
        return None
    ref, alt = (counts[_BASES.index(base)] for base in bases)
    return _Reads("BCOUNT", ref, alt, None if asked.count("DP") is not None else sum(counts))


def _strelka_snv(asked: _Asked) -> _Reads | None:
    bases = asked.substituted()
    tiers = {base: asked.counts(f"{base}U") for base in _BASES}
    if not bases or not all(tiers.values()):
        return None
    first = {base: tier[0] for base, tier in tiers.items() if tier}
    total = None if asked.count("DP") is not None else sum(first.values())
    return _Reads("AU:CU:GU:TU", first[bases[0]], first[bases[1]], total)


def _strelka_indel(asked: _Asked) -> _Reads | None:
    alt, ref = asked.counts("TIR"), asked.counts("TAR")
    return _Reads("TIR+TAR", ref[0], alt[0]) if alt and ref and asked.is_only else None


def _caveman(asked: _Asked) -> _Reads | None:
    bases = asked.substituted()
    strands = {base: (asked.count(f"F{base}Z"), asked.count(f"R{base}Z")) for base in _BASES}
    sums = {b: fwd + rev for b, (fwd, rev) in strands.items() if fwd is not None and rev is not None}
    if not bases or len(sums) != len(_BASES):
        return None
    return _Reads("FAZ..RTZ", sums[bases[0]], sums[bases[1]], sum(sums.values()))


def _ion_torrent(asked: _Asked) -> _Reads | None:
    alt, total = asked.of_allele("FAO"), asked.count("FDP")
    if alt is None or total is None:
        return None
    return _Reads("FRO+FAO", asked.count("FRO"), alt, total)


def _freebayes(asked: _Asked) -> _Reads | None:
    alt, ref = asked.of_allele("AO"), asked.count("RO")
    if alt is None or (ref is None and asked.count("DP") is None):
        return None
    others = sum(asked.counts("AO") or ())
    total = ref + others if ref is not None and asked.count("DP") is None else None
    return _Reads("RO+AO" if ref is not None else "AO", ref, alt, total)


def _delly(asked: _Asked) -> _Reads | None:
    ref, alt = asked.count("RR"), asked.count("RV")
    return _Reads("RR+RV", ref, alt, ref + alt) if ref is not None and alt is not None else None


def _dp4(asked: _Asked) -> _Reads | None:
    values = asked.counts("DP4")
    if not values or len(values) != len(("ref+", "ref-", "alt+", "alt-")) or not asked.is_only:
        return None
    return _Reads("DP4", values[0] + values[1], values[2] + values[3])


def _pindel(asked: _Asked) -> _Reads | None:
    counts = [asked.count(tag) for tag in ("PP", "NP", "PR", "NR")]
    known = [count for count in counts if count is not None]
    if len(known) != len(counts):
        return None
    alt, total = known[0] + known[1], known[2] + known[3]
    return _Reads("PP+NP", total - alt if total >= alt else None, alt, total)


def _dv(asked: _Asked) -> _Reads | None:
    alt = asked.of_allele("DV")
    return None if alt is None or asked.count("DP") is None else _Reads("DV", None, alt)


def _single_ad(asked: _Asked) -> _Reads | None:
    alt = asked.count("AD") if asked.n_alts == 1 else None
    return None if alt is None or asked.count("DP") is None else _Reads("AD (single)", None, alt)


_IN_ORDER: tuple[Callable[[_Asked], _Reads | None], ...] = (
    _ad,
    _rd_ad,
    _bcount,
    _strelka_snv,
    _strelka_indel,
    _caveman,
    _ion_torrent,
    _freebayes,
    _delly,
    _dp4,
    _pindel,
)


def _from_reads(asked: _Asked, reads: _Reads, flags: tuple[str, ...]) -> Depth:
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


def _from_fraction(asked: _Asked, flags: tuple[str, ...]) -> Depth:
    """Use the caller's fraction; DV and a lone AD stand behind FA, but before the other fractions."""
    depth = asked.count("DP")
    if _fraction(asked, "FA") is None:
        for read in (_dv, _single_ad):
            found = read(asked)
            if found is not None:
                return _from_reads(asked, found, flags)
    for tag in _FRACTION_TAGS:
        vaf = _fraction(asked, tag)
        if vaf is not None:
            alt = None if depth is None else int(vaf * depth + Fraction(1, 2))
            source = tag if depth is None else f"{tag}*DP"
            return Depth(alt_reads=alt, depth=depth, vaf=vaf, source=source, flags=flags)
    return Depth(depth=depth, flags=flags)


def _fraction(asked: _Asked, tag: str) -> Fraction | None:
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


def _incomplete(asked: _Asked) -> tuple[str, ...]:
    values = asked.fields.get("AD")
    if values is None or len(values.split(",")) == asked.n_alts + 1:
        return ()
    # VarScan and older callers give the alternate reads alone; that is their form, not a fault.
    lone = asked.n_alts == 1 and "," not in values
    return () if lone else ("AD_INCOMPLETE",)
