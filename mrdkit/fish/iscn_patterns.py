"""Signals per nucleus from what a clone says: totals of the two ends of a gene and their relation.

With the totals t of 3' and c of 5': `sep` s leaves min(t, c) - s fusions, `con` k means k fusions, and the
rest of each end is isolated. Without a relation there is no fusion, where the totals differ or one is zero;
two equal totals without one stay open. What is asked of more signals than there are is an error.
Source: ISCN 2024 section 7.3.4.3 in our own words; project decision on the inversion.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mrdkit.fish.iscn_layout import refused
from mrdkit.fish.iscn_result import IscnPattern, IscnRelation, Number
from mrdkit.fish.iscn_segment import ReadSegment
from mrdkit.fish.iscn_words import Copies, Name, Relation, Total
from mrdkit.fish.rules import FishRule

__all__ = ["ClonePatterns", "GeneSignals", "patterns_of_clone"]

_NONE = Copies(0, 0)
_MANY = Copies(0, None)
_ENDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneSignals:
    """Signals of one gene; None is not known."""

    gene: str
    fusions: Copies | None
    three: Copies | None
    five: Copies | None

    def written(self) -> IscnPattern:
        """Return the signals as they are reported."""
        return IscnPattern(
            gene=self.gene,
            fusions=_number(self.fusions),
            isolated_3prime=_number(self.three),
            isolated_5prime=_number(self.five),
            constitutional=self.fusions is not None and self.fusions.constitutional,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClonePatterns:
    """Signals of every gene of a clone, relations between genes, and what should be known of them."""

    genes: tuple[GeneSignals, ...]
    relations: tuple[IscnRelation, ...]
    flags: tuple[str, ...]


def patterns_of_clone(read: ReadSegment, rule: FishRule) -> ClonePatterns:
    """Return the signals of a clone.

    Raises:
        InputError: a probe has two different totals, or a relation asks for more signals than there are.
    """
    totals = _totals(read, rule)
    single = {name.gene: total for name, total in totals.items() if name.end is None}
    ends = {name: total for name, total in totals.items() if name.end}
    relations = [_completed(relation, totals, rule) for relation in read.relations]
    inner = [one for one in relations if _is_inner(one)]
    genes = dict.fromkeys([*(name.gene for name in totals), *(one.names[0].gene for one in inner)])
    if "" in genes:
        raise refused("an end is written without its gene", "ISCN_GENE", read.segment.part.at)
    flags = list(_order(read, relations, rule))
    found = []
    for gene in genes:
        own = [one for one in inner if one.names[0].gene == gene]
        if gene in single and not own and not _has_end(ends, gene):
            found.append(GeneSignals(gene=gene, fusions=single[gene].copies, three=_NONE, five=_NONE))
        else:
            signals, remark = _of_ends(gene, single.get(gene), ends, own)
            found.append(signals)
            flags += [remark] if remark else []
    between = [one for one in relations if not _is_inner(one)]
    for relation in between:
        _check(relation, [totals[name].copies for name in relation.names if name in totals] or [_MANY])
    return ClonePatterns(
        genes=(*found, *_derived(read, rule)),
        relations=tuple(_written(one) for one in between),
        flags=tuple(flags),
    )


def _totals(read: ReadSegment, rule: FishRule) -> dict[Name, Total]:
    totals: dict[Name, Total] = {}
    for total in read.totals:
        name = _known(total.name, rule)
        if name in totals and totals[name].copies != total.copies:
            raise refused(
                "a probe has two different numbers of copies", "ISCN_COPIES", total.at, found=name.gene
            )
        totals[name] = Total(name, total.copies, total.at)
    genes = {name.gene for name in totals if name.gene}
    if len(genes) == 1:
        (gene,) = genes
        totals = {name._replace(gene=name.gene or gene): total for name, total in totals.items()}
    return totals


def _known(name: Name, rule: FishRule) -> Name:
    """Return a name in the spelling of the rule, where it lists the gene."""
    upper = name.gene.upper()
    return name._replace(gene=upper) if upper in rule.first_end else name


def _completed(relation: Relation, totals: dict[Name, Total], rule: FishRule) -> Relation:
    """Return a relation with the gene of its clone where it writes the ends alone."""
    genes = {name.gene for name in totals} | {name.gene for name in relation.names if name.gene}
    (only,) = genes if len(genes) == 1 else ("",)
    names = tuple(_known(name._replace(gene=name.gene or only), rule) for name in relation.names)
    return relation._replace(names=names)


def _is_inner(relation: Relation) -> bool:
    """Tell whether a relation is that of the two ends of one gene."""
    names = relation.names
    return len(names) == _ENDS and names[0].gene == names[1].gene and names[0].end != names[1].end


def _has_end(ends: dict[Name, Total], gene: str) -> bool:
    return any(name.gene == gene for name in ends)


def _of_ends(
    gene: str, single: Total | None, ends: dict[Name, Total], relations: list[Relation]
) -> tuple[GeneSignals, str | None]:
    """Return the signals of a gene that is written by its ends or has a relation, and a flag."""
    three = ends.get(Name(gene, "3prime"), single)
    five = ends.get(Name(gene, "5prime"), single)
    if three is None or five is None:
        return _without_totals(gene, relations)
    if not relations:
        return _without_relation(gene, three.copies, five.copies)
    fusions = {_fusions(relation, three.copies, five.copies) for relation in relations}
    if len(fusions) > 1:
        raise refused("the relations contradict each other", "ISCN_RELATION", relations[1].at, found=gene)
    (found,) = fusions
    return GeneSignals(
        gene=gene, fusions=found, three=_minus(three.copies, found), five=_minus(five.copies, found)
    ), None


def _fusions(relation: Relation, three: Copies, five: Copies) -> Copies | None:
    smaller = _check(relation, [three, five])
    if relation.kind == "con":
        return relation.copies
    return _minus(smaller, relation.copies)


def _without_relation(gene: str, three: Copies, five: Copies) -> tuple[GeneSignals, str | None]:
    signals = GeneSignals(gene=gene, fusions=_NONE, three=three, five=five)
    if _NONE in (three, five):
        return signals, None
    if three == five or not (three.exact and five.exact):
        return GeneSignals(gene=gene, fusions=None, three=None, five=None), "RELATION_MISSING"
    return signals, "RELATION_MISSING"


def _without_totals(gene: str, relations: list[Relation]) -> tuple[GeneSignals, str | None]:
    """Return what a relation alone tells: the separated pairs, or the fusions."""
    by_kind = {relation.kind: relation.copies for relation in relations}
    return GeneSignals(
        gene=gene, fusions=by_kind.get("con"), three=by_kind.get("sep"), five=by_kind.get("sep")
    ), "TOTALS_MISSING"


def _derived(read: ReadSegment, rule: FishRule) -> Iterator[GeneSignals]:
    """Yield what rearranged chromosomes of a metaphase show; its other chromosomes are not written."""
    chromosomes = [
        {_known(name, rule): seen for name, seen in chromosome.items()} for chromosome in read.derivatives
    ]
    for gene in dict.fromkeys(name.gene for chromosome in chromosomes for name in chromosome):
        alone = {"3prime": 0, "5prime": 0}
        for chromosome in chromosomes:
            seen = [name.end for name, present in chromosome.items() if present and name.gene == gene]
            if len(seen) == 1 and seen[0] is not None:
                alone[seen[0]] += 1
        three, five = (Copies(alone[end], alone[end]) for end in ("3prime", "5prime"))
        yield GeneSignals(gene=gene, fusions=None, three=three, five=five)


def _order(read: ReadSegment, relations: list[Relation], rule: FishRule) -> Iterator[str]:
    written = [[_known(total.name, rule) for total in read.totals if total.name.end]]
    written += [list(relation.names) for relation in relations if _is_inner(relation)]
    for names in written:
        for gene, first in rule.first_end.items():
            own = [name.end for name in names if name.gene == gene]
            if len(own) > 1 and own[0] != first:
                yield "PROBE_ORDER"


def _check(relation: Relation, totals: list[Copies]) -> Copies:
    """Return the smaller total; a relation of more signals than that is an error."""
    smaller = min(totals, key=_most)
    if relation.copies.low > _most(smaller):
        what = f"{relation.kind} is written for more signals than there are"
        code = "ISCN_SEP_COUNT" if relation.kind == "sep" else "ISCN_CON_COUNT"
        raise refused(what, code, relation.at, expected=f"at most {_number(smaller)}")
    return smaller


def _written(relation: Relation) -> IscnRelation:
    prefix = {"3prime": "3'", "5prime": "5'", None: ""}
    probes = tuple(prefix[name.end] + name.gene for name in relation.names)
    return IscnRelation(kind=relation.kind, probes=probes, n=_number(relation.copies))


def _most(copies: Copies) -> float:
    return float("inf") if copies.high is None else copies.high


def _minus(copies: Copies, other: Copies | None) -> Copies | None:
    if other is None or copies.high is None or other.high is None:
        return None
    bounds = sorted((max(0, copies.low - other.low), max(0, copies.high - other.high)))
    return Copies(bounds[0], bounds[1], copies.constitutional)


def _number(copies: Copies | None) -> Number:
    if copies is None:
        return None
    if copies.high is None:
        return "amp"
    return copies.low if copies.exact else f"{copies.low}~{copies.high}"
