"""Protein names against a second describer that compares two whole proteins, in its own way."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mrdkit.tp53 import annotate_allele
from mrdkit.tp53.gene import CodingSpan, load_gene, reverse_complement

GENE = load_gene()
BASES = "TCAG"
RESIDUES = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
LETTERS = "ARNDCQEGHILKMFPSTWYV*"
NAMES = "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter".split()
THREE = dict(zip(LETTERS, NAMES, strict=True))
CODING = GENE.coding[:1182]


def residues(bases: str) -> str:
    """Translate every whole codon, stops included."""
    codons = (bases[i : i + 3] for i in range(0, len(bases) - 2, 3))
    return "".join(RESIDUES[sum(BASES.index(b) * 4 ** (2 - k) for k, b in enumerate(c))] for c in codons)


OLD = residues(CODING)


def test_the_second_translator_gives_the_published_protein() -> None:
    assert (OLD[:8], OLD[-9:], len(OLD)) == ("MEEPQSDP", "KTEGPDSD*", 394)


def at(index: int) -> str:
    return f"{THREE[OLD[index]]}{index + 1}"


def between(first: int, last: int) -> str:
    return at(first) if first == last else f"{at(first)}_{at(last)}"


def named(start: int, end: int, new_bases: str) -> str:
    """Name the protein after coding bases `start` to `end` (from 0, end excluded) become `new_bases`."""
    whole = residues(GENE.coding[:start] + new_bases + GENE.coding[end:])
    new = whole[: whole.index("*") + 1] if "*" in whole else whole
    if new == OLD:
        return "="
    first = next((i for i in range(len(new)) if i >= len(OLD) or new[i] != OLD[i]), None)
    if first is None:
        return "p.?"
    stop = new.index("*") if "*" in new else None
    if first == 393:
        return f"p.(Ter394{THREE[new[first]]}extTer{'?' if stop is None else stop - 393})"
    if new[first] == "*":
        return f"p.({at(first)}Ter)"
    shift = len(new_bases) - (end - start)
    if shift % 3 == 0 and stop is not None and stop <= 393 + shift // 3:
        return in_frame(first, whole[: 394 + shift // 3])
    return f"p.({at(first)}{THREE[new[first]]}fsTer{'?' if stop is None else stop - first + 1})"


def in_frame(first: int, new: str) -> str:
    """Compare two proteins that end at their own stops; what stands behind an early stop is not named."""
    tail = 0
    while tail < min(len(OLD), len(new)) - first and OLD[-1 - tail] == new[-1 - tail]:
        tail += 1
    gone, come = OLD[first : len(OLD) - tail], new[first : len(new) - tail]
    if "*" in come:
        come = come[: come.index("*") + 1]
    if not come:
        return f"p.({between(first, first + len(gone) - 1)}del)"
    written = "".join(THREE[one] for one in come)
    if not gone:
        if OLD[first - len(come) : first] == come:
            return f"p.({between(first - len(come), first - 1)}dup)"
        return f"p.({at(first - 1)}_{at(first)}ins{written})"
    if len(gone) == len(come) == 1:
        return f"p.({at(first)}{written})"
    return f"p.({between(first, first + len(gone) - 1)}delins{written})"


def coding_index(position: int, span: CodingSpan) -> int:
    exon = GENE.exons[span.exon - 1]
    return exon.transcript_start - 143 + exon.end - position


inside = st.sampled_from(GENE.coding_spans()).flatmap(
    lambda span: st.tuples(st.just(span), st.integers(span.start, span.end))
)


@given(inside, st.integers(0, 12), st.text("ACGT", max_size=9))
@example((GENE.coding_spans()[-1], 7669611), 1, "T")
@example((GENE.coding_spans()[-1], 7669609), 4, "")
@example((GENE.coding_spans()[-1], 7669612), 3, "")
@example((GENE.coding_spans()[-1], 7669612), 0, "TCC")
@example((GENE.coding_spans()[-1], 7669609), 8, "ACTCCTAAC")
def test_every_name_is_that_of_the_whole_proteins(
    place: tuple[CodingSpan, int], n_gone: int, new: str
) -> None:
    span, low = place
    high = low + n_gone - 1
    assume(high < span.end and low > span.start)
    assume(n_gone or new)
    anchor = GENE.bases(low - 1, low - 1)
    found = annotate_allele("GRCh38", low - 1, GENE.bases(low - 1, high), anchor + new)
    # Borders and the start codon have their own tables.
    assume(found.hgvs_p not in {"p.?", "p.(Met1?)"} and found.status == "annotated")
    end = coding_index(low, span) + 1
    assume(end <= len(CODING))
    expected = named(end - n_gone, end, reverse_complement(new))
    assert ("=" if found.hgvs_p.endswith("=)") else found.hgvs_p) == expected, found.hgvs_c


@pytest.mark.parametrize("low", [7668421, 7668424])
def test_a_deletion_of_everything_behind_has_no_predicted_protein(low: int) -> None:
    """No base is left behind c.1160: neither a changed residue nor a stop can be named."""
    found = annotate_allele("GRCh38", low - 1, GENE.bases(low - 1, 7669630), GENE.bases(low - 1, low - 1))
    assert (found.hgvs_p, found.consequence) == ("p.?", "stop_lost")
