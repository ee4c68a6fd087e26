"""The read counts of one allele by the tags of each caller, tried in a fixed order of trust.

No two callers agree on the tags. The order is that of vcf2maf, completed by callers that it does not know;
the first whose tags are complete decides. Counts are whole numbers; a tag that is not wholly one is not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mrdkit.tp53.records import VcfRecord, is_ignored, natural

__all__ = ["Asked", "Reads", "reads_beside_depth", "reads_of"]

_BASES = "ACGT"
_ALL_ALLELES = ("AD", "CLCAD2")  # one value for the reference and each alternate allele


@dataclass(frozen=True, slots=True)
class Asked:
    """One allele of one record, and the fields that may tell its reads."""

    record: VcfRecord
    fields: Mapping[str, str]
    allele: int

    @property
    def n_alts(self) -> int:
        """Number of alternate alleles of the record."""
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
class Reads:
    """Reads that a caller's tags give; `ref` and the tags' own `total` are None where not told."""

    source: str
    ref: int | None
    alt: int
    total: int | None = None


def reads_of(asked: Asked) -> Reads | None:
    """Return the reads by the first caller's tags that are complete."""
    return next((found for read in _IN_ORDER if (found := read(asked)) is not None), None)


def reads_beside_depth(asked: Asked) -> Reads | None:
    """Return the reads of an allele that a caller gives with nothing but the depth."""
    found = (_alone(asked, "DV"), _alone(asked, "VD"), _single_ad(asked))
    return next((reads for reads in found if reads is not None), None)


def _ad(asked: Asked) -> Reads | None:
    return next((found for tag in _ALL_ALLELES if (found := _per_allele(asked, tag))), None)


def _per_allele(asked: Asked, tag: str) -> Reads | None:
    values = asked.counts(tag)
    if not values or len(values) != asked.n_alts + 1:
        return None
    return Reads(tag, values[0], values[asked.allele], sum(values))


def _ad_by_strand(asked: Asked) -> Reads | None:
    forward, reverse = asked.counts("ADF"), asked.counts("ADR")
    if not forward or not reverse or not len(forward) == len(reverse) == asked.n_alts + 1:
        return None
    values = [sum(pair) for pair in zip(forward, reverse, strict=True)]
    return Reads("ADF+ADR", values[0], values[asked.allele], sum(values))


def _rd_ad(asked: Asked) -> Reads | None:
    ref, alt = asked.count("RD"), asked.of_allele("AD")
    return None if ref is None or alt is None else Reads("RD+AD", ref, alt)


def _bcount(asked: Asked) -> Reads | None:
    counts, bases = asked.counts("BCOUNT"), asked.substituted()
    if not bases or not counts or len(counts) != len(_BASES):
        return None
    ref, alt = (counts[_BASES.index(base)] for base in bases)
    return Reads("BCOUNT", ref, alt, None if asked.count("DP") is not None else sum(counts))


def _strelka_snv(asked: Asked) -> Reads | None:
    bases = asked.substituted()
    tiers = {base: asked.counts(f"{base}U") for base in _BASES}
    if not bases or not all(tiers.values()):
        return None
    first = {base: tier[0] for base, tier in tiers.items() if tier}
    total = None if asked.count("DP") is not None else sum(first.values())
    return Reads("AU:CU:GU:TU", first[bases[0]], first[bases[1]], total)


def _strelka_indel(asked: Asked) -> Reads | None:
    alt, ref = asked.counts("TIR"), asked.counts("TAR")
    return Reads("TIR+TAR", ref[0], alt[0]) if alt and ref and asked.is_only else None


def _caveman(asked: Asked) -> Reads | None:
    bases = asked.substituted()
    strands = {base: (asked.count(f"F{base}Z"), asked.count(f"R{base}Z")) for base in _BASES}
    sums = {b: fwd + rev for b, (fwd, rev) in strands.items() if fwd is not None and rev is not None}
    if not bases or len(sums) != len(_BASES):
        return None
    return Reads("FAZ..RTZ", sums[bases[0]], sums[bases[1]], sum(sums.values()))


def _ion_torrent(asked: Asked) -> Reads | None:
    alt, ref, total = asked.of_allele("FAO"), asked.count("FRO"), asked.count("FDP")
    if alt is None or (ref is None and total is None):
        return None
    if total is None and ref is not None:
        total = ref + sum(asked.counts("FAO") or ())
    return Reads("FRO+FAO", ref, alt, total)


def _freebayes(asked: Asked) -> Reads | None:
    alt, ref = asked.of_allele("AO"), asked.count("RO")
    if alt is None or (ref is None and asked.count("DP") is None):
        return None
    others = sum(asked.counts("AO") or ())
    total = ref + others if ref is not None and asked.count("DP") is None else None
    return Reads("RO+AO" if ref is not None else "AO", ref, alt, total)


def _delly(asked: Asked) -> Reads | None:
    ref, alt = asked.count("RR"), asked.count("RV")
    return Reads("RR+RV", ref, alt, ref + alt) if ref is not None and alt is not None else None


def _dp4(asked: Asked) -> Reads | None:
    values = asked.counts("DP4")
    if not values or len(values) != len(("ref+", "ref-", "alt+", "alt-")) or not asked.is_only:
        return None
    return Reads("DP4", values[0] + values[1], values[2] + values[3])


def _pindel(asked: Asked) -> Reads | None:
    counts = [asked.count(tag) for tag in ("PP", "NP", "PR", "NR")]
    known = [count for count in counts if count is not None]
    if len(known) != len(counts):
        return None
    alt, total = known[0] + known[1], known[2] + known[3]
    return Reads("PP+NP", total - alt if total >= alt else None, alt, total)


def _platypus(asked: Asked) -> Reads | None:
    alt, total = asked.of_allele("NV"), asked.of_allele("NR")
    return None if alt is None or total is None else Reads("NV+NR", None, alt, total)


def _alone(asked: Asked, tag: str) -> Reads | None:
    """Read alternate reads that stand beside nothing but the depth."""
    alt = asked.of_allele(tag)
    return None if alt is None or asked.count("DP") is None else Reads(tag, None, alt)


def _single_ad(asked: Asked) -> Reads | None:
    alt = asked.count("AD") if asked.n_alts == 1 else None
    return None if alt is None or asked.count("DP") is None else Reads("AD (single)", None, alt)


_IN_ORDER: tuple[Callable[[Asked], Reads | None], ...] = (
    _ad,
    _ad_by_strand,
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
    _platypus,
)
