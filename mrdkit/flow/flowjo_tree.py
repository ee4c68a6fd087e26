"""The tree of populations of one sample in a FlowJo workspace, and nothing of it left out.

Names are free: they repeat under different parents, hold blanks, "/" and "&", or are a single dot, so a
population is known by its path. A node that is not known, or a known one with an unknown gate, is refused by
name: a population that silently went missing would look like one without events.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mrdkit.errors import RuleError
from mrdkit.flow.gatingml_names import data, gating
from mrdkit.flow.strategy import GatePath
from mrdkit.flow.xml_input import Element, local_name

__all__ = ["Population", "count_of", "populations_of"]

_BOOLEAN = {"AndNode", "OrNode", "NotNode"}
_NO_POPULATIONS = {"Statistic"}
_PARTS = {
    "RectangleGate": {gating("dimension")},
    "PolygonGate": {gating("dimension"), gating("vertex")},
    "EllipsoidGate": {gating("dimension"), gating("foci"), gating("edge")},
}
_BOUNDS = {gating("min"), gating("max")}
_MOST = 2000  # populations of one sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One node of the tree.

    Attributes:
        path: names from the root to itself.
        element: the node.
        gate: its shape; None for a boolean node.
        count: events that FlowJo counted, None where it did not.
    """

    path: GatePath
    element: Element
    gate: Element
    count: int | None

    @property
    def place(self) -> str:
        """Return where the population stands, for messages."""
        return f"line {self.element.sourceline}, population {'/'.join(self.path)}"


def populations_of(node: Element) -> tuple[Population, ...]:
    """Return every population below a sample's node, parents first.

    Raises:
        RuleError: a node or gate that is not known, or too many of them.
    """
    found = tuple(_below(node, ()))
    if len(found) > _MOST:
        raise RuleError(
            "the sample has too many populations",
            code="STRATEGY_TOO_LARGE",
            expected=f"at most {_MOST}",
            found=str(len(found)),
        )
    return found


def count_of(node: Element) -> int | None:
    """Return how many events FlowJo counted in a node; it writes -1 where it did not."""
    text = node.get("count", "").strip()
    return int(text) if text.isdecimal() else None


def _below(node: Element, path: GatePath) -> Iterator[Population]:
    for element in node.iterfind("Subpopulations/*"):
        kind = local_name(element)
        if kind in _NO_POPULATIONS:
            continue
        own = (*path, element.get("name", ""))
        if kind not in {"Population", *_BOOLEAN}:
            raise RuleError(
                "the workspace holds a kind of population that is not read",
                code="WSP_NODE_UNSUPPORTED",
                place=f"line {element.sourceline}, population {'/'.join(own)}",
                found=kind,
            )
        gate = None if kind in _BOOLEAN else _gate(element, own)
        yield Population(path=own, element=element, gate=gate, count=count_of(element))
        yield from _below(element, own)


def _gate(element: Element, path: GatePath) -> Element:
    gates = element.findall("Gate/*")
    place = f"line {element.sourceline}, population {'/'.join(path)}"
    if len(gates) != 1:
        raise RuleError(
            "a population must have exactly one gate", code="WSP_INVALID", place=place, found=str(len(gates))
        )
    gate = gates[0]
    kind = local_name(gate)
    if gate.tag != gating(kind) or kind not in _PARTS:
        raise RuleError(
            "the workspace holds a kind of gate that is not read",
            code="WSP_GATE_UNSUPPORTED",
            place=place,
            expected=", ".join(_PARTS),
            found=kind,
        )
    unknown = [local_name(part) for part in gate if part.tag not in _PARTS[kind]]
    for dimension in gate.iterfind(gating("dimension")):
        unknown += [str(name) for name in dimension.attrib if name not in _BOUNDS]
        unknown += [local_name(part) for part in dimension if part.tag != data("fcs-dimension")]
    if unknown:
        raise RuleError(
            "the gate has a part that is not known here",
            code="WSP_GATE_UNSUPPORTED",
            place=place,
            found=unknown[0],
        )
    return gate
