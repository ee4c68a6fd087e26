"""Whether the clones of an ISCN string are normal, and the call words of the genes that are called.

A laboratory writes only what is over its cut-offs, so every listed clone counts. Constitutional copies are
the person's own and not abnormal; sex-chromosome probes are normal as XX or XY; only the patient's cells
decide.
Source: project decision on CRLF2 break-apart FISH.
"""

from collections.abc import Iterable, Sequence

from mrdkit.fish.classes import PRECEDENCE, NucleusSignals, SignalClass, classify_nucleus
from mrdkit.fish.decide import CALLS
from mrdkit.fish.iscn_patterns import ClonePatterns, GeneSignals
from mrdkit.fish.iscn_result import GeneCall, IscnClone, IscnRelation, Nuclei
from mrdkit.fish.iscn_segment import ReadSegment
from mrdkit.fish.iscn_words import Copies
from mrdkit.fish.rules import FishRule

__all__ = ["calls_of", "is_normal", "normal_of"]

_SEXES = ((2, 0), (1, 1))
_AS_CLASSES = [CALLS[class_] for class_ in PRECEDENCE]
#: A fusion with another gene, whose break is not described, stands behind the described breaks.
_WORDS = (*_AS_CLASSES[:2], "rearranged_unspecified", *_AS_CLASSES[2:])


def normal_of(clones: Sequence[IscnClone]) -> bool | None:
    """Return whether the patient's own cells are normal; a clone of no nucleus does not count."""
    own = [clone.normal for clone in clones if clone.population == "recipient" and clone.n != 0]
    if any(normal is False for normal in own):
        return False
    written = any(clone.population == "recipient" for clone in clones)
    return True if written and all(own) else None


def is_normal(read: ReadSegment, found: ClonePatterns, rule: FishRule) -> bool | None:
    """Return whether all signals of a clone are normal, None where that cannot be known."""
    if read.event or found.relations:
        return False
    sex = [gene for gene in found.genes if gene.gene in (*rule.x_probes, *rule.y_probes)]
    answers = [_gene_normal(gene, rule) for gene in found.genes if gene not in sex]
    answers += [_sex_normal(sex, rule)] if sex else []
    if any(answer is False for answer in answers):
        return False
    return True if answers and all(answers) else None


def _gene_normal(gene: GeneSignals, rule: FishRule) -> bool | None:
    isolated = [one for one in (gene.three, gene.five) if one is not None]
    if any(one.low > 0 or one.high is None for one in isolated):
        return False
    if gene.fusions is None or any(one.high for one in isolated):
        return None
    return gene.fusions.constitutional or gene.fusions[:2] == (rule.normal_fusions, rule.normal_fusions)


def _sex_normal(genes: Sequence[GeneSignals], rule: FishRule) -> bool | None:
    x = {gene.fusions for gene in genes if gene.gene in rule.x_probes}
    y = {gene.fusions for gene in genes if gene.gene in rule.y_probes}
    if any(one is not None and one.constitutional for one in x | y):
        return True
    if len(x) != 1 or len(y) > 1:
        return None
    found = (*x, *(y or (Copies(0, 0),)))
    if any(one is None or not one.exact for one in found):
        return None
    numbers = tuple(one.low for one in found if one is not None)
    return None if numbers == (1, 0) and not y else numbers in _SEXES


def calls_of(
    read: Iterable[tuple[ClonePatterns, IscnClone]],
    rule: FishRule,
    *,
    nuclei: Nuclei | None,
    unread: Sequence[str],
) -> tuple[GeneCall, ...]:
    """Return the calls of the genes that are called, by the patient's own cells.

    Args:
        read: the clones.
        rule: which genes are called.
        nuclei: cells of recipient and donor, where there are donor cells.
        unread: clones that were not understood; a gene that one may concern is never normal.
    """
    found: dict[str, list[tuple[str | None, IscnClone]]] = {}
    for patterns, clone in read:
        for gene in patterns.genes:
            if gene.gene in rule.called_genes and clone.population == "recipient":
                found.setdefault(gene.gene, []).append((_word(gene, clone, rule), clone))
    return tuple(
        _call(gene, of_gene, nuclei=nuclei, certain=not any(_may_concern(gene, text) for text in unread))
        for gene, of_gene in found.items()
    )


def _may_concern(gene: str, unread: str) -> bool:
    return gene in unread.upper() or not unread.startswith("(")


def _call(
    gene: str, found: list[tuple[str | None, IscnClone]], *, nuclei: Nuclei | None, certain: bool
) -> GeneCall:
    for word in _WORDS:
        clones = _of_one_test([clone for one, clone in found if one == word])
        if clones:
            return GeneCall(gene=gene, call=word, n=_nuclei(clones), total=_scored(clones, nuclei))
    total = _scored([clone for _, clone in found], nuclei)
    if certain and all(word == SignalClass.NORMAL for word, _ in found):
        return GeneCall(gene=gene, call="normal", n=0, total=total)
    return GeneCall(gene=gene, call="indeterminate", n=None, total=total)


def _scored(clones: Iterable[IscnClone], nuclei: Nuclei | None) -> int | None:
    totals = [clone.total for clone in clones if clone.total is not None]
    return nuclei.recipient if nuclei else max(totals, default=None)


def _of_one_test(clones: Sequence[IscnClone]) -> list[IscnClone]:
    """Return the clones of one hybridisation: metaphases and nuclei, or two probes, are never added.

    Nuclei come before metaphases, then the hybridisation with most cells.
    """

    def test(clone: IscnClone) -> tuple[bool, int, int]:
        return clone.technique != "nuc ish", -(clone.total or 0), clone.hybridisation

    best = min(map(test, clones), default=None)
    return [clone for clone in clones if test(clone) == best]


def _nuclei(clones: Sequence[IscnClone]) -> int | None:
    numbers = [clone.n for clone in clones if clone.n is not None]
    return sum(numbers) if len(numbers) == len(clones) else None


def _word(gene: GeneSignals, clone: IscnClone, rule: FishRule) -> str | None:
    """Return the call word of the signals, None where it stays open."""
    if clone.n == 0:
        return "normal"
    class_ = _class(gene, rule)
    if class_ in (SignalClass.SPLIT, SignalClass.DEL5):
        return CALLS[class_]
    if any(gene.gene in _genes(relation) for relation in clone.relations):
        fused = any(one.kind == "con" and one.n != 0 for one in clone.relations if gene.gene in _genes(one))
        return "rearranged_unspecified" if fused else None
    return None if class_ is None else CALLS.get(class_, class_.value)


def _genes(relation: IscnRelation) -> tuple[str, ...]:
    return tuple(probe.removeprefix("3'").removeprefix("5'") for probe in relation.probes)


def _class(gene: GeneSignals, rule: FishRule) -> SignalClass | None:
    """Return the class of the signals, None where a range or a gap leaves it open."""
    parts = (gene.fusions, gene.three, gene.five)
    three, five = (one is not None and (one.low > 0 or one.high is None) for one in parts[1:])
    if three and five:
        return SignalClass.SPLIT
    if gene.fusions is None and (three or five) and gene.three is not None and gene.five is not None:
        return SignalClass.DEL5 if three else SignalClass.DEL3
    if any(one is None or one.constitutional for one in parts):
        return SignalClass.NORMAL if gene.fusions and gene.fusions.constitutional else None
    bounds = {_bound(parts, rule, highest=highest) for highest in (False, True)}
    abnormal = bounds - {SignalClass.NORMAL}
    if not abnormal:
        return SignalClass.NORMAL
    return abnormal.pop() if len(abnormal) == 1 else None


def _bound(parts: tuple[Copies | None, ...], rule: FishRule, *, highest: bool) -> SignalClass:
    numbers = []
    for one in parts:
        high = 0 if one is None else rule.normal_fusions + 1 if one.high is None else one.high
        numbers.append(high if highest or one is None or one.high is None else one.low)
    found = classify_nucleus(NucleusSignals(*numbers), dim=False, normal_fusions=rule.normal_fusions)
    return SignalClass.LOSS if found is SignalClass.UNINTERPRETABLE else found
