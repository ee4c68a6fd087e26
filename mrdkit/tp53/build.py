"""Which genome build a file is on, and by what evidence; a build that is not certain is refused.

Order of evidence: length of chromosome 17 in the header, accession names, header text, the user's word, and
last the reference bases of the records themselves. Two sources that contradict each other are an error: a
variant read on the wrong build is silently missed. A position alone proves nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mrdkit.errors import InputError
from mrdkit.tp53.gene import BUILDS, Build, Gene
from mrdkit.tp53.records import VcfRecord, is_chromosome_17
from mrdkit.tp53.vcf import VcfContent

__all__ = ["BuildFound", "build_names", "find_build", "known_build_names"]

_PROOF_BASES = 5  # distinct reference bases that prove a build; one or a few agree by chance
# So many bases that agree with the other build, and none with its own, make a build doubtful: one where
# it rests on the user's word alone, more where the file names it; by chance one base in four agrees.
_DOUBT_BASES_FILE = 3
_DOUBT_BASES_USER = 1
_USER = "given by the user"
_QUOTE = "[\"']?"
_CONTIG = re.compile(rf"(?i)contig=<(?:.*,)?ID={_QUOTE}([^,>\"']+)")
_LENGTH = re.compile(rf"(?i)[<,]length={_QUOTE}(\d{{1,12}})")
_ASSEMBLY = re.compile(r"[<,]assembly=([^,>]+)")
_TEXT_LINES = re.compile(r"(?i)(reference|assembly|genome|genome[_-]?build|ref)=")
_WORD = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFound:
    """A build, the first evidence for it in words, and whether the records cast doubt on it."""

    build: Build
    evidence: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    build: Build
    evidence: str


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Distinct reference bases of the records inside one build's gene that agree with it, or do not."""

    agree: int
    differ: int

    @property
    def proves(self) -> bool:
        return self.agree >= _PROOF_BASES and not self.differ


def find_build(gene: Gene, content: VcfContent, wanted: Build | None) -> BuildFound:
    """Return the build of a file.

    Raises:
        InputError: no evidence, contradicting evidence, or a build that is not supported.
    """
    claims = [*_header_claims(gene, content)]
    if wanted:
        claims.append(_Claim(wanted, _USER))
    agreement = {name: _agreement(gene, window, content.records) for name, window in gene.windows().items()}
    if not claims:
        return _from_bases(agreement)
    first = claims[0]
    for other in claims[1:]:
        if other.build != first.build:
            raise _contradiction(f"{first.build} ({first.evidence})", f"{other.build} ({other.evidence})")
    return _confirmed(first, agreement)


def build_names(gene: Gene, text: str) -> tuple[str, ...]:
    """Return the names of builds, refused ones too, that a header text holds."""
    return tuple(sorted(_words(text) & known_build_names(gene)))


def known_build_names(gene: Gene) -> frozenset[str]:
    """Return every name by which a text may declare a build, refused ones too."""
    supported = (name for row in gene.builds for name in row.names)
    return frozenset((*supported, *(name for row in gene.refused_builds for name in row.names)))


def _header_claims(gene: Gene, content: VcfContent) -> Iterator[_Claim]:
    contigs = [match for line in content.header.meta if (match := _CONTIG.match(line))]
    on_17 = [match for match in contigs if is_chromosome_17(match[1])]
    for match in on_17:
        if length := _LENGTH.search(match.string):
            yield _by_length(gene, int(length[1]))
    for name in [*(match[1] for match in contigs), *content.chromosomes]:
        yield from _by_accession(gene, name)
    for match in contigs:
        if assembly := _ASSEMBLY.search(match.string):
            yield from _by_text(gene, assembly[1])
    for line in content.header.meta:
        if _TEXT_LINES.match(line):
            yield from _by_text(gene, line)


def _by_length(gene: Gene, length: int) -> _Claim:
    for row in gene.builds:
        if row.chromosome_length == length:
            return _Claim(row.name, f"chromosome 17 has {length} bases in the header")
    named = next((row.name for row in gene.refused_builds if row.chromosome_length == length), None)
    raise _refused(f"chromosome 17 of {length} bases" + (f" ({named})" if named else ""))


def _by_accession(gene: Gene, name: str) -> Iterator[_Claim]:
    upper = name.upper()
    for row in gene.builds:
        if upper in row.accessions:
            yield _Claim(row.name, f"accession {upper}")
            return
    if is_chromosome_17(name) and "." in name:
        raise _refused(f"accession {upper}")
    for refused in gene.refused_builds:
        if upper in refused.accessions:
            raise _refused(f"accession {upper} ({refused.name})")


def _by_text(gene: Gene, text: str) -> Iterator[_Claim]:
    words = _words(text)
    for refused in gene.refused_builds:
        if words & set(refused.names):
            raise _refused(f"{refused.name} in the header text")
    for row in gene.builds:
        if words & set(row.names):
            yield _Claim(row.name, "named in the header text")


def _words(text: str) -> set[str]:
    """Return the words of a header line, also without what follows a first digit group (`hg19_chr`)."""
    words = set(_WORD.findall(text.lower()))
    parts = {part for word in words for part in word.split("_")}
    # GRCh38.p14, hg38.fa and hs37d5.fa split at the point; GRCh37-lite and GRCh38DH keep their stem.
    stems = {match[1] for part in parts if (match := re.match(r"((?:grch|hg|ncbi|chm)\d{2})", part))}
    return words | parts | stems


def _agreement(gene: Gene, window: tuple[int, int], records: Iterable[VcfRecord]) -> _Agreement:
    low, high = window
    bases: dict[int, set[str]] = {}
    for record in records:
        if not is_chromosome_17(record.chrom):
            continue
        for position, base in enumerate(record.ref.upper()[: high - low], start=record.pos):
            if low <= position <= high and base in "ACGT":
                bases.setdefault(gene.gene_start + position - low, set()).add(base)
    agree = sum(found == {gene.bases(position, position)} for position, found in bases.items())
    return _Agreement(agree, len(bases) - agree)


def _from_bases(agreement: Mapping[str, _Agreement]) -> BuildFound:
    proven = [name for name, bases in agreement.items() if bases.proves]
    known = next((build for build in BUILDS if proven == [build]), None)
    if known is not None:
        n = agreement[known].agree
        return BuildFound(build=known, evidence=f"{n} reference bases of the records agree")
    if len(proven) == 1:
        raise _refused(f"{agreement[proven[0]].agree} reference bases that agree with {proven[0]}")
    raise InputError(
        "the genome build is not certain",
        code="BUILD_UNKNOWN",
        expected=f"a contig line with length, or {_PROOF_BASES} TP53 bases that agree with one build",
        found=", ".join(
            f"{bases.agree} agree and {bases.differ} differ on {name}" for name, bases in agreement.items()
        ),
        remedy="name the build with --build",
    )


def _confirmed(claim: _Claim, agreement: Mapping[str, _Agreement]) -> BuildFound:
    own = agreement[claim.build]
    others = {name: bases for name, bases in agreement.items() if name != claim.build}
    if own.differ > own.agree and own.agree + own.differ >= _PROOF_BASES:
        raise _contradiction(
            f"{claim.build} ({claim.evidence})", f"{own.differ} reference bases in TP53 that differ from it"
        )
    proven = next((name for name, bases in others.items() if bases.proves), None)
    if proven is not None:
        raise _contradiction(
            f"{claim.build} ({claim.evidence})",
            f"{others[proven].agree} reference bases that agree with TP53 of {proven}",
        )
    enough = _DOUBT_BASES_USER if claim.evidence == _USER else _DOUBT_BASES_FILE
    doubtful = not own.agree and any(
        bases.agree >= enough and bases.agree > bases.differ for bases in others.values()
    )
    return BuildFound(build=claim.build, evidence=claim.evidence, doubtful=doubtful)


def _contradiction(expected: str, found: str) -> InputError:
    return InputError(
        "two sources contradict each other about the genome build",
        code="BUILD_CONTRADICTED",
        expected=expected,
        found=found,
        remedy="find out which build the file is on",
    )


def _refused(found: str) -> InputError:
    return InputError(
        "the genome build is not supported",
        code="BUILD_REFUSED",
        expected="GRCh37 or GRCh38",
        found=found,
        remedy="lift the calls over, or call again on GRCh38",
    )
