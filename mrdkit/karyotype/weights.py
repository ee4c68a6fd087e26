"""How many abnormalities a karyotype has: by the weights of ISCN 2024 and by plain count of items.

Every clonal change of the patient's clones counts once, however many clones carry it. What the weights do not
settle (copies of changed chromosomes, related derivatives, haploid bases) gives no number rather than a
guess. Source: ISCN 2024 section 6.5, Tables 7 and 8, in our own words; project decision: a dicentric of two
chromosomes counts 2, with a flag.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.karyotype.clonality import JudgedLine
from mrdkit.karyotype.items import Item, Segment

__all__ = ["AbnormalityCount", "count_iscn", "count_tokens"]

_Role: TypeAlias = Literal["part", "open", "free"]

_SINGLE = {"t", "inv", "ins", "i", "idic", "del", "dup", "add", "hsr", "dmin", "mar"}
_DOUBLE = {"trp", "qdp", "ider"}
_DICENTRIC = {"dic", "psu dic"}
_FIXED = {"inc": (0, 0), "dmin": (1, 1)}
_DIPLOID, _TRIPLOID, _TETRAPLOID = 2, 3, 4


class AbnormalityCount(NamedTuple):
    """Least and largest number of abnormalities; both None where the weights do not settle it.

    `unsettled` are the items whose weight is not settled.
    """

    low: int | None
    high: int | None
    unsettled: tuple[Item, ...] = ()

    @property
    def written(self) -> int | str | None:
        """The number, or a range such as 7~9."""
        return self.low if self.low == self.high else f"{self.low}~{self.high}"


def count_iscn(judged: Sequence[JudgedLine], levels: Sequence[int | None]) -> AbnormalityCount:
    """Return the weighted number of the clonal changes of the recipient; `levels` as in the count check."""
    clonal = [(each, level) for each, level in zip(judged, levels, strict=True) if _counts(each)]
    items = _union([each for each, _ in clonal])
    roles = _roles_of_gains([each for each, _ in clonal])
    weights = [(item, _weight(item, items)) for item in items if roles.get(item.text) != "part"]
    weights += [(item, None) for item in items if roles.get(item.text) == "open"]
    known = [weight for _, weight in weights if weight is not None]
    unsettled = tuple(item for item, weight in weights if weight is None)
    if unsettled or not all(_settled(each, level) for each, level in clonal):
        return AbnormalityCount(None, None, unsettled)
    multiplied = sum(
        each.line.doubled or (not each.line.items and level in (_TRIPLOID, _TETRAPLOID))
        for each, level in clonal
    )
    return AbnormalityCount(
        sum(low for low, _ in known) + multiplied, sum(high for _, high in known) + multiplied
    )


def count_tokens(judged: Sequence[JudgedLine]) -> int | None:
    """Return how many items stand in the clonal lines, each once; None where a reference is not certain."""
    clonal = [each for each in judged if _counts(each)]
    if any(not each.line.resolved for each in clonal):
        return None
    return sum(_most(Counter(item.text for item in each.line.items) for each in clonal).values())


def _counts(each: JudgedLine) -> bool:
    return each.clonal and each.line.clone.population == "recipient"


def _settled(each: JudgedLine, level: int | None) -> bool:
    """Return whether the gains and losses of a line can be weighed at all."""
    line = each.line
    if not line.resolved or level is None:
        return False
    if line.doubled:
        return level >= _TETRAPLOID
    return level in ((_DIPLOID, _TRIPLOID) if line.items else (_TRIPLOID, _TETRAPLOID))


def _union(clonal: Sequence[JudgedLine]) -> list[Item]:
    most = _most(Counter(item.text for item in each.clonal_items) for each in clonal)
    by_text = {item.text: item for each in clonal for item in each.clonal_items}
    return [by_text[text] for text, n in most.items() for _ in range(n)]


def _most(counts: Iterable[Counter[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for count in counts:
        found |= count
    return found


def _weight(item: Item, items: Sequence[Item]) -> tuple[int, int] | None:
    """Return least and largest weight of one item among all of them, or None where it is not settled."""
    if not item.understood:
        return None
    if item.kind in _FIXED:
        return _FIXED[item.kind]
    if item.kind == "number":
        return item.low, item.high
    if item.sign == "-" or (item.high > 1 and item.kind != "mar"):
        return None
    if item.sign == "+":
        return (item.low, item.high) if item.kind == "mar" else _weight_of_extra(item, items)
    single = _weight_of_structure(item, items)
    return None if single is None else (single, single)


def _roles_of_gains(clonal: Sequence[JudgedLine]) -> Mapping[str, _Role]:
    """Return whether each gain is part of a whole-arm exchange, as +1 in +1,der(1;16), wherever it stands."""
    roles: dict[str, set[_Role]] = {}
    for each in clonal:
        gains = Counter(item.text for item in each.line.items if item.kind == "number" and item.sign == "+")
        exchanges = [
            {f"+{name}" for name in item.segments[0].chromosomes} & gains.keys()
            for item in each.line.items
            if item.kind == "der" and not item.sign and len(item.segments[0].chromosomes) > 1
        ]
        for text, n in gains.items():
            own = [names for names in exchanges if text in names]
            certain = len(own) == n and all(len(names) == 1 for names in own)
            roles.setdefault(text, set()).add("part" if own and certain else "open" if own else "free")
    return {text: found.pop() if len(found) == 1 else "open" for text, found in roles.items()}


def _weight_of_structure(item: Item, items: Sequence[Item]) -> int | None:
    if item.kind == "der":
        return _weight_of_derivative(item, items)
    if len(item.segments) != 1:
        return 2 if item.kind == "ider" else None
    if item.kind in _DICENTRIC:
        return 2
    if item.kind == "r":
        return 1 if len(item.segments[0].chromosomes) == 1 else None
    if item.kind in _DOUBLE:
        return 2
    return 1 if item.kind in _SINGLE else None


def _weight_of_derivative(item: Item, items: Sequence[Item]) -> int | None:
    first, *changes = item.segments
    if len(first.chromosomes) > 1:
        return 2 if not changes else None
    if changes and all(
        change.name == "del" and change.chromosomes == first.chromosomes for change in changes
    ):
        return 1
    if len(changes) != 1 or changes[0].name != "t" or items.count(item) > 1:
        return None
    involved = set(changes[0].chromosomes)
    related = (
        other
        for other in items
        if other is not item
        for segment in other.segments
        if segment.name == "t" and involved & set(segment.chromosomes)
    )
    return None if any(related) else 2


def _weight_of_extra(item: Item, items: Sequence[Item]) -> tuple[int, int] | None:
    """A gained deleted chromosome is 2; a further derivative of a counted translocation is one gain."""
    if item.kind == "del" and len(item.segments) == 1:
        return 2, 2
    translocations = [other.segments for other in items if other.kind == "t" and not other.sign]
    is_copy = item.kind == "der" and any(_is_short_for(item.segments[1:], full) for full in translocations)
    return (1, 1) if is_copy else None


def _is_short_for(short: Sequence[Segment], full: Sequence[Segment]) -> bool:
    """Return whether the same translocation is meant, with its bands or without."""
    if len(short) != 1 or len(full) != 1:
        return False
    return short[0].chromosomes == full[0].chromosomes and short[0].bands in ((), full[0].bands)
