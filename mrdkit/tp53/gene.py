"""The one TP53 reference: 32,772 bases, eleven exons, one transcript, read once and checked.

GRCh37 and GRCh38 are identical, base for base, over the segment, so that every place is kept in GRCh38 and
only the numbers differ. Source: NCBI RefSeq NG_017013.2, NM_000546.6 (`reference/tp53/gene.toml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.files.rules import STRICT, Rule, checked_dataclass, read_rule

__all__ = [
    "BUILDS",
    "Build",
    "BuildRow",
    "CodingSpan",
    "Exon",
    "Gene",
    "load_gene",
    "reverse_complement",
    "translate",
]

Build: TypeAlias = Literal["GRCh37", "GRCh38"]
BUILDS: tuple[Build, ...] = ("GRCh37", "GRCh38")

_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def reverse_complement(bases: str) -> str:
    """Return the other strand, read in its own direction."""
    return bases[::-1].translate(_COMPLEMENT)


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BuildRow:
    """One genome build: where the segment begins, and by what names a file declares the build."""

    name: Build
    segment_start: int
    chromosome_length: int
    accessions: tuple[str, ...]
    names: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RefusedBuild:
    """A build that is recognised only to be refused; `segment_start` where its bases are those of GRCh37."""

    name: str
    chromosome_length: int
    segment_start: int | None = None
    accessions: tuple[str, ...]
    names: tuple[str, ...]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _ExonRow:
    number: int
    transcript: tuple[int, int]
    grch37: tuple[int, int]
    grch38: tuple[int, int]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class _GeneRule(Rule):
    segment_file: str
    segment_length: int
    transcript: str
    protein: str
    protein_length: int
    coding_first_transcript_position: int
    coding_last_transcript_position: int
    builds: tuple[BuildRow, ...]
    refused_builds: tuple[RefusedBuild, ...]
    exons: tuple[_ExonRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exon:
    """One exon, 1-based and inclusive; `start` < `end` on GRCh38, the 5' end of the transcript is `end`."""

    number: int
    start: int
    end: int
    transcript_start: int
    transcript_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingSpan:
    """The coding part of one exon on GRCh38, 1-based and inclusive."""

    exon: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gene:
    """The gene on GRCh38, 1-based positions, plus strand unless said otherwise; equal only to itself.

    Attributes:
        segment: bases from `start` to `end`, plus strand, upper case.
        gene_start: lowest position of the transcript, the end of exon 11.
        gene_end: highest position of the transcript, the start of exon 1.
        starts: first position of the segment on each build.
        accession: RefSeq accession of chromosome 17 on GRCh38.
        exons: in transcript order, exon 1 first (highest genomic position).
        coding: transcript strand from the start codon to the end of the transcript (3'UTR included).
        coding_length: bases from the start codon to the stop codon, both included.
        coding_offset: transcript position of c.1, less one.
        protein: one-letter residues without the stop.
        frames: residues of `coding` read from its first, second and third base, to the end of the transcript.
    """

    id: str
    version: str
    source: str
    segment: str
    start: int
    end: int
    gene_start: int
    gene_end: int
    starts: Mapping[Build, int]
    accession: str
    transcript: str
    protein_accession: str
    exons: tuple[Exon, ...]
    coding: str
    coding_length: int
    coding_offset: int
    protein: str
    frames: tuple[str, str, str]
    builds: tuple[BuildRow, ...]
    refused_builds: tuple[RefusedBuild, ...]

    def bases(self, start: int, end: int) -> str:
        """Return the plus-strand bases from `start` to `end`, both included."""
        return self.segment[start - self.start : end - self.start + 1]

    def build(self, name: Build) -> BuildRow:
        """Return the row of one build."""
        return next(row for row in self.builds if row.name == name)

    def to_grch38(self, build: Build, position: int) -> int:
        """Return a position of `build` as a GRCh38 position; valid inside the segment only."""
        return position - self.starts[build] + self.start

    def from_grch38(self, build: Build, position: int) -> int:
        """Return a GRCh38 position as a position of `build`."""
        return position - self.start + self.starts[build]

    def windows(self) -> dict[str, tuple[int, int]]:
        """Return where the transcript begins and ends on each build that it is known on, refused ones too."""
        low, high = self.gene_start - self.start, self.gene_end - self.start
        starts: dict[str, int | None] = {row.name: row.segment_start for row in self.builds}
        starts |= {row.name: row.segment_start for row in self.refused_builds}
        return {name: (start + low, start + high) for name, start in starts.items() if start is not None}

    def coding_spans(self) -> tuple[CodingSpan, ...]:
        """Return the coding part of each exon that has one, in transcript order."""
        first, last = self.coding_offset + 1, self.coding_offset + self.coding_length
        return tuple(
            CodingSpan(
                exon=exon.number,
                start=exon.start + max(0, exon.transcript_end - last),
                end=exon.end - max(0, first - exon.transcript_start),
            )
            for exon in self.exons
            if exon.transcript_end >= first and exon.transcript_start <= last
        )


@cache
def load_gene() -> Gene:
    """Read the reference, check its lengths against each other and return it; later calls are free.

    Raises:
        RuleError: the files do not fit together.
    """
    rule = read_rule("tp53", "gene", _GeneRule)
    segment = _bases_of(reference.text("tp53", rule.segment_file))
    latest = next(row for row in rule.builds if row.name == "GRCh38")
    start = latest.segment_start
    exons = tuple(_exon(row) for row in rule.exons)
    transcript = "".join(reverse_complement(segment[e.start - start : e.end - start + 1]) for e in exons)
    offset = rule.coding_first_transcript_position - 1
    coding_length = rule.coding_last_transcript_position - offset
    gene = Gene(
        id=rule.id,
        version=rule.version,
        source=rule.source,
        segment=segment,
        start=start,
        end=start + len(segment) - 1,
        gene_start=exons[-1].start,
        gene_end=exons[0].end,
        starts={row.name: row.segment_start for row in rule.builds},
        accession=latest.accessions[0],
        transcript=rule.transcript,
        protein_accession=rule.protein,
        exons=exons,
        coding=transcript[offset:],
        coding_length=coding_length,
        coding_offset=offset,
        protein=translate(transcript[offset : offset + coding_length]).removesuffix("*"),
        frames=(
            translate(transcript[offset:]),
            translate(transcript[offset + 1 :]),
            translate(transcript[offset + 2 :]),
        ),
        builds=rule.builds,
        refused_builds=rule.refused_builds,
    )
    _check(rule, gene)
    return gene


def _exon(row: _ExonRow) -> Exon:
    (start, end), (transcript_start, transcript_end) = row.grch38, row.transcript
    return Exon(
        number=row.number,
        start=start,
        end=end,
        transcript_start=transcript_start,
        transcript_end=transcript_end,
    )


def translate(bases: str) -> str:
    """Return the residues of all whole codons, one letter each, `*` for a stop."""
    return "".join([_CODONS[bases[i : i + 3]] for i in range(0, len(bases) - 2, 3)])


def _bases_of(text: str) -> str:
    return "".join(line.strip() for line in text.splitlines() if not line.startswith("#")).upper()


def _check(rule: _GeneRule, gene: Gene) -> None:
    """Refuse a reference whose parts disagree: every result rests on it."""
    shift = gene.build("GRCh38").segment_start - gene.build("GRCh37").segment_start
    checks = {
        "segment length": len(gene.segment) == rule.segment_length,
        "segment bases": set(gene.segment) <= set("ACGT"),
        "exons of both builds": all(
            (low + shift, high + shift) == row.grch38 for row in rule.exons for low, high in [row.grch37]
        ),
        "exon lengths": all(
            exon.end - exon.start == exon.transcript_end - exon.transcript_start for exon in gene.exons
        ),
        "start codon": gene.protein.startswith("M"),
        "protein length": len(gene.protein) == rule.protein_length and "*" not in gene.protein,
        "coding length": gene.coding_length == 3 * (rule.protein_length + 1),
    }
    for part, holds in checks.items():
        if not holds:
            raise RuleError("the TP53 reference does not fit together", code="RULE_INVALID", place=part)


_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_CODONS = {
    first + second + third: _AMINO_ACIDS[16 * i + 4 * j + k]
    for i, first in enumerate("TCAG")
    for j, second in enumerate("TCAG")
    for k, third in enumerate("TCAG")
}
