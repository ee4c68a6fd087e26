"""A description must give back the change: c. applied to the gene, p. to the protein, by other means."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mrdkit.tp53 import annotate_allele
from mrdkit.tp53.gene import CodingSpan, load_gene, reverse_complement

GENE = load_gene()
BASES = "TCAG"
RESIDUES = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
THREE = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G",
    "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S",
    "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*",
}  # fmt: skip


def codon(bases: str) -> str:
    first, second, third = (BASES.index(base) for base in bases)
    return RESIDUES[16 * first + 4 * second + third]


def translated(coding: str) -> str:
    """Translate up to and with the first stop."""
    protein = ""
    for start in range(0, len(coding) - 2, 3):
        protein += codon(coding[start : start + 3])
        if protein.endswith("*"):
            break
    return protein


def letters(text: str) -> str:
    return "".join(THREE[text[i : i + 3]] for i in range(0, len(text), 3))


# Where each c. name lies on the sense strand of the whole transcript, introns included, counted from 0.
SENSE = reverse_complement(GENE.bases(GENE.gene_start, GENE.gene_end))


def index_of(name: str) -> int:
    match = re.fullmatch(r"(\*|-)?(\d+)([+-]\d+)?", name)
    assert match is not None
    number = int(match[2])
    transcript = {"*": 1324 + number, "-": 143 - number, None: 142 + number}[match[1]]
    exon = next(e for e in GENE.exons if e.transcript_start <= transcript <= e.transcript_end)
    genomic = exon.end - (transcript - exon.transcript_start) - int(match[3] or 0)
    return GENE.gene_end - genomic


def applied_c(text: str) -> str:
    match = re.fullmatch(
        r"c\.([^_A-Za-z>]+)(?:_([^A-Za-z>]+?))?([ACGT]>[ACGT]|del|dup|inv|ins[ACGT]+|delins[ACGT]+)", text
    )
    assert match is not None, text
    start = index_of(match[1])
    end = index_of(match[2]) if match[2] else start
    change, old = match[3], SENSE[start : end + 1]
    if change.startswith("ins"):
        assert end == start + 1
        return SENSE[: start + 1] + change[3:] + SENSE[end:]
    if ">" in change:
        assert old == change[0]
    new = {"del": "", "dup": old + old, "inv": reverse_complement(old)}.get(
        change, change.removeprefix("delins")[-1:] if ">" in change else change.removeprefix("delins")
    )
    return SENSE[:start] + new + SENSE[end + 1 :]


def applied_p(text: str) -> str:
    """Return the protein that a description says, or its known beginning."""
    inside = text.removeprefix("p.(").removesuffix(")")
    protein = GENE.protein + "*"
    match = re.fullmatch(r"([A-Z][a-z]{2})(\d+)(?:_([A-Z][a-z]{2})(\d+))?(.*)", inside)
    assert match is not None, text
    start, change = int(match[2]) - 1, match[5]
    end = int(match[4]) - 1 if match[4] else start
    assert protein[start] == THREE[match[1]]
    assert match[3] is None or protein[end] == THREE[match[3]]
    if change == "=":
        return protein
    if change == "del":
        return protein[:start] + protein[end + 1 :]
    if change == "dup":
        return protein[: end + 1] + protein[start:]
    if change.startswith("ins"):
        return cut(protein[:end] + letters(change[3:]) + protein[end:])
    if change.startswith("delins"):
        return cut(protein[:start] + letters(change[6:]) + protein[end + 1 :])
    return cut(protein[:start] + letters(change[:3]) + protein[end + 1 :])


def cut(protein: str) -> str:
    return protein[: protein.index("*") + 1]


def mutated(pos: int, ref: str, alt: str) -> str:
    start = pos - GENE.gene_start
    plus = GENE.bases(GENE.gene_start, GENE.gene_end)
    return reverse_complement(plus[:start] + alt + plus[start + len(ref) :])


def mutated_coding(pos: int, ref: str, alt: str) -> str:
    """Splice the mutated gene at exon borders that the change leaves alone."""
    shift = len(alt) - len(ref)
    parts = []
    for exon in GENE.exons:
        low = exon.start + (shift if pos + len(ref) <= exon.start else 0)
        high = exon.end + (shift if pos <= exon.end else 0)
        parts.append((low, high))
    plus = GENE.segment[: pos - GENE.start] + alt + GENE.segment[pos - GENE.start + len(ref) :]
    spliced = "".join(
        reverse_complement(plus[low - GENE.start : high - GENE.start + 1]) for low, high in parts
    )
    return spliced[142:]


bases = st.text("ACGT", min_size=0, max_size=7)
near_exons = st.sampled_from(GENE.exons).flatmap(lambda e: st.integers(e.start - 12, e.end + 6))


@given(near_exons, st.integers(0, 9), bases)
@example(7676594, 1, "C")
@example(7669611, 1, "T")
def test_c_gives_back_the_mutated_gene(pos: int, n_ref: int, new: str) -> None:
    assume(GENE.gene_start < pos and pos + n_ref - 1 <= GENE.gene_end)
    anchor = GENE.bases(pos - 1, pos - 1)
    ref, alt = anchor + GENE.bases(pos, pos + n_ref - 1), anchor + new
    found = annotate_allele("GRCh38", pos - 1, ref, alt)
    if found.status != "annotated":
        assert ref == alt or found.status == "outside"
        return
    assert applied_c(found.hgvs_c) == mutated(pos - 1, ref, alt)
    assert is_most_3prime_and_plainest(found.hgvs_c)


def is_most_3prime_and_plainest(text: str) -> bool:
    """Tell a name that cannot be shifted on, and whose kind no simpler one can replace."""
    match = re.fullmatch(r"c\.([^_A-Za-z>]+)(?:_([^A-Za-z>]+?))?([A-Za-z>]+)", text)
    assert match is not None, text
    start = index_of(match[1])
    end = index_of(match[2]) if match[2] else start
    kind, old, after = match[3], SENSE[start : end + 1], SENSE[end + 1 : end + 2]
    if kind in {"del", "dup"}:
        return old[0] != after
    if kind.startswith("ins"):
        new = kind.removeprefix("ins")
        return new[0] != SENSE[end] and SENSE[: start + 1][-len(new) :] != new
    if kind.startswith("delins"):
        new = kind.removeprefix("delins")
        apart = old[0] != new[0] and old[-1] != new[-1]
        return apart and reverse_complement(old) != new and not len(old) == len(new) == 1
    return kind != "inv" or len(old) > 1


coding_places = st.sampled_from(GENE.coding_spans()).flatmap(lambda s: st.integers(s.start, s.end))


@given(coding_places, st.integers(0, 7), bases)
@example(7669609, 1, "")
@example(7669612, 2, "")
@example(7669610, 3, "TTTTTT")
@example(7669603, 8, "GACATTCT")
def test_p_gives_back_the_mutated_protein(pos: int, n_ref: int, new: str) -> None:
    anchor = GENE.bases(pos - 1, pos - 1)
    ref, alt = anchor + GENE.bases(pos, pos + n_ref - 1), anchor + new
    found = annotate_allele("GRCh38", pos - 1, ref, alt)
    if not found.hgvs_p.startswith("p.(") or found.hgvs_p == "p.(Met1?)":
        return
    expected = translated(mutated_coding(*unanchored(pos, n_ref, new)))
    text = found.hgvs_p
    if match := re.fullmatch(r"p\.\(([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})(fs|ext)Ter(\d+|\?)\)", text):
        index = int(match[2]) - 1
        assert expected[:index] == GENE.protein[:index]
        assert expected[index] == THREE[match[3]] != (GENE.protein + "*")[index]
        if match[5] == "?":
            assert "*" not in expected
        else:
            assert len(expected) == index + int(match[5]) + (match[4] == "ext")
    elif "ext" not in text:
        assert applied_p(text) == expected


def unanchored(pos: int, n_ref: int, new: str) -> tuple[int, str, str]:
    """Trim so that a change beside an exon border leaves the border alone."""
    found = annotate_allele(
        "GRCh38",
        pos - 1,
        GENE.bases(pos - 1, pos + n_ref - 1),
        GENE.bases(pos - 1, pos - 1) + new,
    )
    _, start, ref, alt = found.key.split("-")
    if ref[0] == alt[0]:
        return int(start) + 1, ref[1:], alt[1:]
    return int(start), ref, alt


def test_the_single_base_changes_are_three_of_each_coding_base() -> None:
    assert 3 * sum(span.end - span.start + 1 for span in GENE.coding_spans()) == 3546


@pytest.mark.parametrize("span", GENE.coding_spans(), ids=lambda span: f"exon {span.exon}")
def test_every_single_base_change_of_the_coding_sequence(span: CodingSpan) -> None:
    exon = GENE.exons[span.exon - 1]
    for position in range(span.start, span.end + 1):
        check_substitutions(position, exon.transcript_start + exon.end - position - 143)


def check_substitutions(position: int, index: int) -> None:
    """Compare all three substitutions of one coding base with a naive translation."""
    for new in "ACGT":
        ref = reverse_complement(GENE.bases(position, position))
        if new == ref:
            continue
        found = annotate_allele("GRCh38", position, reverse_complement(ref), reverse_complement(new))
        number, start = index // 3 + 1, index // 3 * 3
        old = GENE.coding[start : start + 3]
        changed = old[: index % 3] + new + old[index % 3 + 1 :]
        names = {one: three for three, one in THREE.items()}
        before, after = names[codon(old)], names[codon(changed)]
        if number == 1:
            expected = "p.(Met1?)"
        elif before == after:
            expected = f"p.({before}{number}=)"
        elif before == "Ter":
            added = len(translated(changed + GENE.coding[1182:])) - 1
            expected = f"p.(Ter394{after}extTer{added})"
        else:
            expected = f"p.({before}{number}{after})"
        assert (found.hgvs_c, found.hgvs_p) == (f"c.{index + 1}{ref}>{new}", expected)
