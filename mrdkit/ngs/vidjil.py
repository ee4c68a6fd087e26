"""Samples of a `.vidjil` file as plain values: one record each, its clones in the order of the file.

Counts are reads, not templates: one template gives many reads, so that no MRD may rest on them. The list is
often cut to the most frequent clones, so that one which is not listed may still be there. Sequences are the
tool's consensus; a clone of which it computed none keeps its window. Source: `vidjil_format`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Literal

from mrdkit.errors import InputError, UsageError
from mrdkit.files import sha256_of
from mrdkit.ngs.loci import KNOWN_LOCI, UNKNOWN_LOCUS
from mrdkit.ngs.vidjil_format import Clone, Document, read_document
from mrdkit.ngs.vidjil_genes import genes_of

__all__ = ["VidjilClone", "VidjilSample", "read_vidjil", "vidjil_sample"]

#: Incomplete rearrangements -> the locus that they are compared within; D-J of IGH is apart.
_LOCI: Mapping[str, str] = {"IGH+": "IGH_D", "IGK+": "IGK", "TRB+": "TRB", "TRD+": "TRD"}
_WINDOW = re.compile(r"[ACGTN]{20,}")
_BASES = re.compile(r"[ACGTN]+")
_AMBIGUOUS = str.maketrans("RYKMSWBDHV", "NNNNNNNNNN")
_FEWEST_IN_CLUSTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VidjilClone:
    """One clone in one sample.

    Attributes:
        germline: the tool's name of the locus, `IGH+` for incomplete rearrangements.
        locus: mrdkit's name of it, `unknown` where there is none.
        sequence: consensus in ACGTN, None where the tool computed none.
        window: the stretch about the CDR3 that identifies the clone, None where the id is another name.
        reads: reads of this sample, at least 1.
        j_start: first base of J in `sequence`, counted from 0; None where not known.
        top: rank of the clone over all samples of the file.
    """

    id: str
    germline: str
    locus: str
    sequence: str | None
    window: str | None
    reads: int
    v: str | None
    d: str | None
    j: str | None
    j_start: int | None
    top: int | None
    label: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VidjilSample:
    """One sample of a file.

    Attributes:
        index: place of the sample in the file, from 0.
        name: the name that was given to it, else that of its sequence file, without folders.
        original_name: name of its sequence file as written.
        counts: what `reads` counts.
        total_reads: reads of the sequence file.
        segmented_reads: reads with a rearrangement.
        reads_by_germline: those of each of the tool's loci.
        clones: clones with at least one read in this sample, in the order of the file.
    """

    sha256: str
    index: int
    name: str
    original_name: str
    format_version: str
    counts: Literal["reads"]
    total_reads: int
    segmented_reads: int
    reads_by_germline: Mapping[str, int]
    clones: tuple[VidjilClone, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]


def read_vidjil(path: Path) -> tuple[VidjilSample, ...]:
    """Return every sample of a `.vidjil` file, plain or gzip-compressed.

    Raises:
        InputError: unreadable, too large, no JSON, not such a document, or one that contradicts itself.
    """
    document = read_document(path)
    sha256 = sha256_of(path)
    places = enumerate(document.clones or ())
    clones = tuple(_clone(path, document, place, clone) for place, clone in places)
    return tuple(_sample(document, index, sha256, clones) for index in range(document.samples.number))


def vidjil_sample(path: Path, *, name: str | None = None) -> VidjilSample:
    """Return the sample of that name, or the only one.

    Raises:
        InputError: as `read_vidjil`.
        UsageError: several samples and no name, no sample of the name, or more than one.
    """
    samples = read_vidjil(path)
    fitting = [each for each in samples if name is None or name in (each.name, each.original_name)]
    if len(fitting) == 1:
        return fitting[0]
    raise UsageError(
        "no sample has this name" if not fitting else "it is not clear which sample is meant",
        code="SAMPLE_UNKNOWN" if not fitting else "SAMPLE_AMBIGUOUS",
        file=path,
        expected="one of " + ", ".join(each.name for each in samples),
        found=name or f"{len(samples)} samples",
        remedy="name one of them" if len({each.name for each in samples}) == len(samples) else None,
    )


def _clone(path: Path, document: Document, place: int, clone: Clone) -> VidjilClone:
    """Return a clone with its reads of all samples."""
    sequence, of_sequence = _sequence(path, place, clone)
    window = clone.id.upper() if _WINDOW.fullmatch(clone.id.upper()) else None
    genes = genes_of(clone.seg or {}, document.vidjil_json_version, sequence)
    locus = _LOCI.get(clone.germline, clone.germline)
    locus = locus if locus in KNOWN_LOCI else UNKNOWN_LOCUS
    return VidjilClone(
        id=clone.id,
        germline=clone.germline,
        locus=locus,
        sequence=sequence,
        window=window,
        reads=sum(clone.reads),
        v=genes.v,
        d=genes.d,
        j=genes.j,
        j_start=genes.j_start,
        top=clone.top,
        label=clone.label,
        flags=(
            *of_sequence,
            *(() if sequence else ("WINDOW_ONLY" if window else "NO_SEQUENCE",)),
            *(() if locus in KNOWN_LOCI else ("LOCUS_UNKNOWN",)),
            *genes.flags,
            *(("SPIKE_IN",) if _is_spike_in(clone, document) else ()),
        ),
    )


def _sequence(path: Path, place: int, clone: Clone) -> tuple[str | None, tuple[str, ...]]:
    """Return the consensus; letters for several bases become N, which says so."""
    if not clone.sequence:
        return None, ()
    written = str(clone.sequence).strip().upper()
    bases = written.translate(_AMBIGUOUS)
    if not _BASES.fullmatch(bases):
        raise InputError(
            "a clone's sequence is no nucleotide sequence",
            code="SEQUENCE_INVALID",
            file=path,
            place=f"clones.{place}.sequence",
            expected="letters of bases, or 0 where none was computed",
            found=repr(written[:40]),
        )
    return bases, ("AMBIGUOUS_BASES",) if bases != written else ()


def _is_spike_in(clone: Clone, document: Document) -> bool:
    """Tell whether the clone is one of the sequences that were added in a known number of copies."""
    return not document.spike_ins.isdisjoint({clone.label, *(clone.label or "").split()})


def _sample(document: Document, index: int, sha256: str, clones: tuple[VidjilClone, ...]) -> VidjilSample:
    reads, names = document.reads, document.samples
    counted = tuple(each.reads[index] for each in document.clones or ())
    findings = dict(_findings(document, index, sum(counted)))
    given = names.names[index].strip() if names.names else ""
    return VidjilSample(
        sha256=sha256,
        index=index,
        name=given or PureWindowsPath(names.original_names[index]).name,
        original_name=names.original_names[index],
        format_version=document.vidjil_json_version,
        counts="reads",
        total_reads=reads.total[index],
        segmented_reads=reads.segmented[index],
        reads_by_germline={name: counts[index] for name, counts in reads.germline.items()},
        clones=tuple(replace(each, reads=n) for each, n in zip(clones, counted, strict=True) if n > 0),
        flags=tuple(findings),
        reasons=tuple(findings.values()),
    )


def _findings(document: Document, index: int, listed: int) -> Iterator[tuple[str, str]]:
    segmented, total = document.reads.segmented[index], document.reads.total[index]
    yield "READS_NOT_TEMPLATES", "Counts are reads, not templates: no MRD may rest on them."
    if listed > segmented or segmented > total:
        yield (
            "READS_CONTRADICT",
            f"{listed} reads in clones, {segmented} with a rearrangement, {total} in all cannot be true.",
        )
    if listed < segmented:
        missing = f"{segmented - listed} of {segmented} reads with a rearrangement are in no listed clone"
        yield "CLONES_NOT_ALL", f"{missing}: what is not listed may still be there."
    if any(isinstance(each, list) and len(each) >= _FEWEST_IN_CLUSTER for each in document.clusters or ()):
        yield "CLUSTERS_NOT_JOINED", "A user joined clones by hand; here they stay apart."
