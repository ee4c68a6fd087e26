"""Published TP53 alleles: c. and p. exact on both builds, however the allele is spelt."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from real_data import real

from mrdkit.tp53 import Annotation, annotate_allele, annotate_vcf
from mrdkit.tp53.gene import BUILDS, Build, load_gene

GENE = load_gene()
SHORT_FRAMESHIFT = re.compile(r"(?:[A-Z][a-z]{2})fsTer\d+")


@dataclass(frozen=True, kw_only=True)
class Truth:
    pos: dict[Build, int]
    ref: str
    alt: str
    c: str
    p: str
    consequence: str | None = None
    short: bool = False

    def agrees(self, found: Annotation) -> bool:
        p = SHORT_FRAMESHIFT.sub("fs", found.hgvs_p) if self.short else found.hgvs_p
        consequence = self.consequence in {None, found.consequence}
        return (found.hgvs_c, p) == (self.c, self.p) and consequence


def table(name: str) -> list[Truth]:
    with real(f"tp53/truth/{name}").open(encoding="utf-8") as file:
        return [
            Truth(
                pos={"GRCh37": int(row["pos37"]), "GRCh38": int(row["pos38"])},
                ref=row["ref"],
                alt=row["alt"],
                c=row["c"],
                p=row["p"],
                consequence=row["consequence"],
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def clinvar() -> list[Truth]:
    """SPDI counts from 0 and spells an allele with its whole repeat; a name without p. means `p.?`."""
    with real("tp53/truth/ClinVar_TP53_other_47.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    truths = []
    for row in rows:
        name = re.search(r":(c\.\S+)(?: \(p\.(.*)\))?", row["Name"])
        if name is None or not row["Canonical SPDI"]:
            continue
        _, start, ref, alt = row["Canonical SPDI"].split(":")
        pos38 = int(start) + 1
        truths.append(
            Truth(
                pos={"GRCh38": pos38, "GRCh37": GENE.from_grch38("GRCh37", pos38)},
                ref=ref,
                alt=alt,
                c=name[1],
                p=f"p.({name[2]})" if name[2] else "p.?",
                short=True,
            )
        )
    return truths


TABLES = {"visible": 18, "nci": 300, "clinvar": 46}


def truths(name: str) -> list[Truth]:
    found = {
        "visible": lambda: table("cases_visible.tsv"),
        "nci": lambda: table("nci_300.tsv"),
        "clinvar": clinvar,
    }[name]()
    assert len(found) == TABLES[name]
    return found


def spellings(truth: Truth, build: Build) -> Iterator[tuple[str, int, str, str]]:
    """Yield equivalent spellings of one allele."""
    pos, ref, alt = truth.pos[build], truth.ref, truth.alt
    start = GENE.to_grch38(build, pos)
    left = GENE.bases(start - 7, start - 1)
    right = GENE.bases(start + len(ref), start + len(ref) + 4)
    yield "as given", pos, ref, alt
    yield "padded left", pos - 7, left + ref, left + alt
    yield "padded right", pos, ref + right, alt + right
    yield "padded both", pos - 7, left + ref + right, left + alt + right
    yield "lower case", pos, ref.lower(), alt.lower()
    at, gone, come = trimmed(start, ref, alt)
    after = GENE.bases(at + len(gone), at + len(gone))
    yield "anchored on the base behind", GENE.from_grch38(build, at), gone + after, come + after
    if not gone or not come:
        at, gone, come = farthest(at, gone, come)
        anchor = GENE.bases(at - 1, at - 1)
        yield "shifted right", GENE.from_grch38(build, at - 1), anchor + gone, anchor + come


def trimmed(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def farthest(start: int, gone: str, come: str) -> tuple[int, str, str]:
    """Find the highest place at which an insertion or deletion gives the same sequence, by trying them."""
    low, high = start - 10, start + 120
    mutated = GENE.bases(low, start - 1) + come + GENE.bases(start + len(gone), high)
    best = (start, gone, come)
    for at in range(start, start + 60):
        ref, alt = GENE.bases(at, at + len(gone) - 1), mutated[at - low : at - low + len(come)]
        if GENE.bases(low, at - 1) + alt + GENE.bases(at + len(gone), high) == mutated:
            best = (at, ref, alt)
    return best


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", TABLES)
def test_every_published_allele_is_exact_in_every_spelling(name: str, build: Build) -> None:
    wrong = [
        (truth, how, found)
        for truth in truths(name)
        for how, pos, ref, alt in spellings(truth, build)
        if not truth.agrees(found := annotate_allele(build, pos, ref, alt))
    ]
    assert not wrong


@pytest.mark.parametrize("build", BUILDS)
def test_the_key_does_not_depend_on_spelling_or_build(build: Build) -> None:
    for name in TABLES:
        for truth in truths(name):
            keys = {annotate_allele(build, pos, ref, alt).key for _, pos, ref, alt in spellings(truth, build)}
            assert keys == {annotate_allele("GRCh38", truth.pos["GRCh38"], truth.ref, truth.alt).key}


CONTIGS: tuple[tuple[Build, str], ...] = (
    ("GRCh37", "17"),
    ("GRCh37", "chr17"),
    ("GRCh37", "NC_000017.10"),
    ("GRCh38", "17"),
    ("GRCh38", "chr17"),
    ("GRCh38", "NC_000017.11"),
    ("GRCh38", "CM000679.2"),
)


@pytest.mark.parametrize(("build", "contig"), CONTIGS)
@pytest.mark.parametrize("name", TABLES)
def test_whole_files_hold_every_allele(
    name: str, build: Build, contig: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each allele stands packed between a deletion of the next base and `*`, under every contig name."""
    path = tmp_path_factory.mktemp("vcf") / "all.vcf"
    expected = truths(name)
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID={contig},length={GENE.build(build).chromosome_length}>"]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS")
    for truth in expected:
        start = GENE.to_grch38(build, truth.pos[build])
        pad = GENE.bases(start - 1, start - 1)
        alts = ("*", pad, pad + truth.alt, "<NON_REF>")
        cells = (contig, str(truth.pos[build] - 1), ".", pad + truth.ref, ",".join(alts), ".", "PASS", ".")
        lines.append("\t".join((*cells, "GT:AD", "0/3:100,0,0,60,0")))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    annotated = annotate_vcf(path)
    carried = [row.annotation for row in annotated.rows if row.genotype == "carried"]
    assert annotated.build == build
    assert len(carried) == len(expected)
    assert all(truth.agrees(found) for truth, found in zip(expected, carried, strict=True))
