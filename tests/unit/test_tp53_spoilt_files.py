"""No way of spoiling a valid file turns a mutated patient into a wild type that nobody was told about.

A file of a tumour and its normal is spoilt in up to three ways at once: fields dropped or blanked, columns
reordered, headers removed or wrong, the container cut or damaged. Full coverage is taken on the user's
word, so that nothing but the records themselves stands between the patient and wild type. What comes out is a
refusal, `mutated`, or `indeterminate` with its reasons.

Two ways are no fault that a reader can see: plain text cut between two lines is a valid shorter file, and a
record moved to another place speaks of that place.
"""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tp53_files import GENE, R175H, as_bgzf, call, contig, vcf

from mrdkit.errors import MrdkitError
from mrdkit.tp53.gene import BUILDS, Build

Lines: TypeAlias = list[str]
Spoiling: TypeAlias = Callable[[Lines], Lines]

FIELDS = ("GT", "AD", "AF", "DP", "DP4")
TUMOR = ("0/1", "120,80", "0.4", "200", "60,60,40,40")
NORMAL = ("0/0", "200,0", "0", "200", "100,100,0,0")
NUMBERS = {"GT": "1", "AD": "R", "AF": "A", "DP": "1", "DP4": "4"}
TYPES = {"GT": "String", "AF": "Float"}


def declared(field: str) -> str:
    kind = TYPES.get(field, "Integer")
    return f'##FORMAT=<ID={field},Number={NUMBERS[field]},Type={kind},Description="x">'


def valid(build: Build) -> Lines:
    """Return a file of a mutated tumour and its normal, as a caller writes it."""
    position = str(GENE.from_grch38(build, int(R175H[1])))
    samples = (":".join(NORMAL), ":".join(TUMOR))
    mutated = ("17", position, *R175H[2:], ":".join(FIELDS), *samples)
    before, after = (
        ("17", str(int(position) + shift), ".", base, ".", ".", "PASS", ".", "GT:DP", "0/0:200", "0/0:200")
        for shift, base in ((-1, "G"), (1, "G"))
    )
    meta = [
        contig(build),
        *(declared(field) for field in FIELDS),
        "##tumor_sample=TUMOR",
        "##normal_sample=NORMAL",
    ]
    return vcf([before, mutated, after], samples=("NORMAL", "TUMOR"), meta=meta).splitlines()


def by_cells(change: Callable[[list[str]], list[str]]) -> Spoiling:
    """Spoil the record of the mutation."""

    def spoil(lines: Lines) -> Lines:
        return ["\t".join(change(line.split("\t"))) if "\tT\t" in line else line for line in lines]

    return spoil


def dropped(names: frozenset[str]) -> Spoiling:
    """Leave sample fields out, names and values alike."""

    def change(cells: list[str]) -> list[str]:
        formats = cells[8].split(":")
        kept = [i for i, name in enumerate(formats) if name not in names]
        fields = [cell.split(":") for cell in cells[8:]]
        return cells[:8] + [":".join(field[i] for i in kept if i < len(field)) or "." for field in fields]

    return by_cells(change)


def blanked(names: frozenset[str]) -> Spoiling:
    """Leave the values of sample fields out."""

    def change(cells: list[str]) -> list[str]:
        formats = cells[8].split(":")
        fields = [cell.split(":") for cell in cells[9:]]
        return cells[:9] + [
            ":".join("." if formats[i : i + 1] and formats[i] in names else v for i, v in enumerate(field))
            for field in fields
        ]

    return by_cells(change)


def replaced(old: str, new: str) -> Spoiling:
    return lambda lines: "\n".join(lines).replace(old, new).split("\n")


def with_header(line: str) -> Spoiling:
    return lambda lines: [*lines[:1], line, *lines[1:]]


def without_headers(words: frozenset[str]) -> Spoiling:
    return lambda lines: [
        line for line in lines if not (line.startswith("##") and any(w in line for w in words))
    ]


def reordered(lines: Lines) -> Lines:
    """Let the sample columns change places."""
    return [
        line if line.startswith("##") else "\t".join((*(c := line.split("\t"))[:9], *reversed(c[9:])))
        for line in lines
    ]


def by_length(length: str) -> Spoiling:
    def spoil(lines: Lines) -> Lines:
        return [f"##contig=<ID=17,length={length}>" if "contig" in line else line for line in lines]

    return spoil


LENGTHS = ("81195210", "83257441", "78774742", "84276897", "83257442", "x", "")
CONTIGS = ("chr17", "CHR17", "NC_000017.11", "NC_000017.10", "NC_000017.9", "chromosome17", "17.1", ".", "")
DECLARATIONS = (
    "##reference=hg19", "##reference=hg38", "##reference=hg18", "##tumor_sample=NORMAL",
    "##normal_sample=TUMOR", "##PEDIGREE=<Derived=NORMAL,Original=TUMOR>", "##INFO=<ID=SVTYPE>", "text",
)  # fmt: skip
REPLACEMENTS = (
    ("Type=Integer", "Type=Flag"), ("Number=R", "Number=7"), ("Type=Float", "Type=Integer"),  # declarations
    ("TUMOR", "A"), ("NORMAL", "B"), ("TUMOR", "NORMAL"), ("\tTUMOR", "\tRNA_TUMOR"),  # columns
    ("0/1:", "./.:"), ("0/1:", ".:"), ("0/1:", "0|1:"), ("0/1:", "1:"), ("0/1:", "0/1:9:"),  # genotype
    ("120,80", "80"), ("120,80", "120,80,0"), ("120,80", "120;80"), ("120,80", "120.0,80.0"),  # reads
    ("\tPASS\t", "\tq10\t"), ("\tPASS\t", "\t\t"), ("\tT\t", "\tT,<NON_REF>\t"), ("\tC\tT", "\tc\tt"),
    ("\t", " "), ("\n17", "\n\n17"), ("\tGT:", "\tGT:AD:"), (":AD", ":ad"), (":AD", "AD"),  # separators
)  # fmt: skip
FIELD_SETS = st.frozensets(st.sampled_from(FIELDS), min_size=1)
WORD_SETS = st.frozensets(st.sampled_from(["contig", "FORMAT", "sample", "fileformat"]), min_size=1)
SPOILINGS: st.SearchStrategy[Spoiling] = st.one_of(
    FIELD_SETS.map(dropped),
    FIELD_SETS.map(blanked),
    WORD_SETS.map(without_headers),
    st.just(reordered),
    st.sampled_from(LENGTHS).map(by_length),
    st.sampled_from(CONTIGS).map(lambda name: replaced("\n17\t", f"\n{name}\t")),
    st.sampled_from(DECLARATIONS).map(with_header),
    st.sampled_from(REPLACEMENTS).map(lambda pair: replaced(*pair)),
)


def as_it_is(content: bytes) -> bytes:
    return content


def as_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def status_of(path: Path) -> str:
    """Return the status, or `refused`; a status that is no call keeps its reasons."""
    try:
        found = call(path, assume_covered=True)
    except MrdkitError:
        return "refused"
    assert found.reasons
    return found.status


@given(
    build=st.sampled_from(BUILDS),
    spoilings=st.lists(SPOILINGS, min_size=1, max_size=3),
    line_end=st.sampled_from(["\n", "\r\n"]),
    pack=st.sampled_from([as_it_is, as_gzip]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@example(build="GRCh38", spoilings=[], line_end="\n", pack=as_it_is)
def test_a_spoilt_file_is_never_a_silent_wild_type(
    build: Build, spoilings: list[Spoiling], line_end: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    lines = valid(build)
    for spoil in spoilings:
        lines = spoil(lines)
    path = tmp_path / "calls.vcf"
    path.write_bytes(pack((line_end.join(lines) + line_end).encode()))
    status = status_of(path)
    assert status != "wild_type"
    assert status == "mutated" or spoilings


@given(
    kept=st.integers(0, 10_000),
    packed=st.sampled_from(["text", "gzip", "bgzf"]),
    build=st.sampled_from(BUILDS),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_never_a_silent_wild_type(kept: int, packed: str, build: Build, tmp_path: Path) -> None:
    content = packed_as(packed, build, tmp_path)
    shorter = content[: kept % len(content)]
    path = tmp_path / "cut.vcf"
    path.write_bytes(shorter)
    status = status_of(path)
    assert status != "wild_type" or (packed == "text" and shorter.endswith(b"\n"))
    assert status == "refused" or packed == "text"


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), packed=st.sampled_from(["gzip", "bgzf"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_container_is_never_a_silent_wild_type(
    at: int, bit: int, packed: str, tmp_path: Path
) -> None:
    """A bit of a gzip header that means nothing (time, system) may differ; any other is told."""
    content = bytearray(packed_as(packed, "GRCh38", tmp_path))
    content[at % len(content)] ^= 1 << bit
    path = tmp_path / "damaged.vcf"
    path.write_bytes(content)
    assert status_of(path) in {"refused", "mutated"}


def packed_as(packed: str, build: Build, folder: Path) -> bytes:
    content = ("\n".join(valid(build)) + "\n").encode()
    if packed == "bgzf":
        plain = folder / "plain.vcf"
        plain.write_bytes(content)
        return as_bgzf(plain, folder / "packed.vcf.gz").read_bytes()
    return as_gzip(content) if packed == "gzip" else content


@pytest.mark.parametrize("packed", ["text", "gzip", "bgzf"])
@pytest.mark.parametrize("build", BUILDS)
def test_the_file_as_it_was_is_mutated(build: Build, packed: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.vcf"
    path.write_bytes(packed_as(packed, build, tmp_path))
    assert status_of(path) == "mutated"
