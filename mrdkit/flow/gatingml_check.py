"""What the Gating-ML 2.0 schema leaves open: references, numbers, and features that would change a result.

The schema lets any attribute stand on a gate, any reference point at any id and any number be infinite, and
FlowKit passes over what it does not know. Here each of these is refused, since a gate read without it would
be another gate. Foreign-namespace attributes and `custom_info` are comments and stay unread.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mrdkit.errors import RuleError
from mrdkit.flow.gatingml_names import DATA, GATE_TAGS, GATING, NAME, TRANSFORMS, data, gating, transforms
from mrdkit.flow.strategy import FILE_MATRIX, UNCOMPENSATED
from mrdkit.flow.xml_input import Element, local_name

__all__ = ["check_gatingml", "gates_of", "own_elements"]

_MOST_GATES = 2000  # FlowKit's time grows with their square

_STANDARD = (None, GATING, TRANSFORMS, DATA)
_GATE = frozenset({gating("id"), gating("parent_id")})
_SCALES = {
    "flin": "TA",
    "flog": "TM",
    "fasinh": "TMA",
    "hyperlog": "TWMA",
    "logicle": "TWMA",
    "fratio": "ABC",
}
#: Attributes of the elements on which the schema accepts any.
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(GATE_TAGS, _GATE),
    **{transforms(name): frozenset(map(transforms, letters)) for name, letters in _SCALES.items()},
    transforms("transformation"): frozenset({transforms("id")}),
    transforms("spectrumMatrix"): frozenset({transforms("id"), transforms("matrix-inverted-already")}),
}
_NUMBERS = frozenset(
    {gating("min"), gating("max"), gating("location"), data("value"), transforms("value")}
    | {transforms(letter) for letter in "ABCMTW"}
)
_TRUE = {"true", "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ids:
    gates: frozenset[str]
    scales: frozenset[str]
    ratios: frozenset[str]
    matrices: frozenset[str]


def check_gatingml(root: Element) -> None:
    """Refuse what follows the schema and still could not be honoured exactly.

    Raises:
        RuleError: an unknown attribute, a reference to nothing or to something else, a number that is not
            finite, bounds on a scale, an inverted matrix, a quadrant on a ratio, or too many gates.
    """
    elements = list(own_elements(root))
    for element in elements:
        _check_attributes(element)
        _check_numbers(element)
    gates = gates_of(root)
    if len(gates) > _MOST_GATES:
        raise RuleError(
            "the strategy has too many gates",
            code="STRATEGY_TOO_LARGE",
            expected=f"at most {_MOST_GATES}",
            found=str(len(gates)),
        )
    ids = _ids(root, gates)
    called = [FILE_MATRIX, UNCOMPENSATED]
    for matrix in root.iter(transforms("spectrumMatrix")):
        called += {matrix.get(NAME) or _id(matrix, transforms("id")), _id(matrix, transforms("id"))}
    if len(set(called)) != len(called):
        raise RuleError(
            "a matrix must not be called as another one, or as FCS or uncompensated",
            code="GML_MATRIX_NAME",
            found=max(called, key=called.count),
        )
    for element in elements:
        _check_references(element, ids)


def own_elements(root: Element) -> Iterator[Element]:
    """Yield every element that has a meaning, in the order of the document."""
    pending = [root]
    while pending:
        element = pending.pop()
        yield element
        pending += [child for child in reversed(element) if child.tag != data("custom_info")]


def gates_of(root: Element) -> list[Element]:
    """Return the gates, in the order of the document."""
    return [element for element in root if element.tag in GATE_TAGS]


def _ids(root: Element, gates: Iterable[Element]) -> _Ids:
    whole = {_id(gate, gating("id")) for gate in gates if gate.tag != gating("QuadrantGate")}
    quadrants = {_id(quadrant, gating("id")) for quadrant in root.iter(gating("Quadrant"))}
    made = {
        _id(element, transforms("id")): element[0].tag == transforms("fratio")
        for element in root.iter(transforms("transformation"))
    }
    return _Ids(
        gates=frozenset(whole | quadrants),
        scales=frozenset(name for name, is_ratio in made.items() if not is_ratio),
        ratios=frozenset(name for name, is_ratio in made.items() if is_ratio),
        matrices=frozenset(
            _id(matrix, transforms("id")) for matrix in root.iter(transforms("spectrumMatrix"))
        ),
    )


def _id(element: Element, name: str) -> str:
    return str(element.get(name)).strip()


def _check_attributes(element: Element) -> None:
    known = _ATTRIBUTES.get(str(element.tag))
    if known is None:
        return
    for name in map(str, element.attrib):
        namespace = name[1:].partition("}")[0] if name.startswith("{") else None
        if name in {transforms("boundMin"), transforms("boundMax")}:
            raise _refused(element, "bounds on a scale are not applied", code="GML_BOUNDED_SCALE")
        if namespace in _STANDARD and name not in known:
            raise _refused(
                element,
                "the element has an attribute that is not known here",
                code="GML_ATTRIBUTE_UNKNOWN",
                found=name.rpartition("}")[2],
            )
    if str(element.get(transforms("matrix-inverted-already"), "")).strip() in _TRUE:
        raise _refused(
            element,
            "a matrix that is inverted already is not read",
            code="GML_MATRIX_INVERTED",
            remedy="give the spectrum matrix itself",
        )


def _check_numbers(element: Element) -> None:
    texts = {str(name): str(text) for name, text in element.attrib.items() if name in _NUMBERS}
    if element.tag == gating("value"):
        texts["value"] = element.text or ""
    for name, text in texts.items():
        try:
            finite = math.isfinite(float(text))
        except ValueError:
            finite = False
        if not finite:
            raise _refused(
                element,
                "a number must be finite",
                code="GML_NUMBER",
                found=f"{name.rpartition('}')[2]}={text.strip()}",
            )


def _check_references(element: Element, ids: _Ids) -> None:
    def look(name: str, known: Iterable[str], what: str) -> None:
        text = element.get(name)
        if text is not None and text.strip() not in known:
            raise _refused(
                element,
                f"the reference must name {what}",
                code="GML_REFERENCE",
                expected=what,
                found=f"{name.rpartition('}')[2]}={text.strip()}",
            )

    look(gating("parent_id"), ids.gates, "a gate of this file")
    look(gating("transformation-ref"), ids.scales, "a scale of this file")
    look(data("transformation-ref"), ids.ratios, "a ratio of this file")
    compensations = {FILE_MATRIX, UNCOMPENSATED, *ids.matrices}
    look(gating("compensation-ref"), compensations, "uncompensated, FCS or a matrix of this file")
    special: Mapping[str, Callable[[], None]] = {
        gating("gateReference"): lambda: look(gating("ref"), ids.gates, "a gate of this file"),
        gating("QuadrantGate"): lambda: _check_quadrants(element),
    }
    special.get(str(element.tag), lambda: None)()


def _check_quadrants(gate: Element) -> None:
    dividers = {_id(divider, gating("id")): divider for divider in gate.iter(gating("divider"))}
    for divider in dividers.values():
        if divider.find(data("new-dimension")) is not None:
            raise _refused(divider, "quadrants of a ratio are not read", code="GML_UNSUPPORTED")
        values = [float(value.text or "") for value in divider.iter(gating("value"))]
        if len(set(values)) != len(values):
            raise _refused(divider, "a divider has the same value twice", code="GML_QUADRANT")
    for quadrant in gate.iter(gating("Quadrant")):
        named = [_id(position, gating("divider_ref")) for position in quadrant]
        if len(set(named)) != len(named) or not dividers.keys() >= set(named):
            raise _refused(
                quadrant,
                "a quadrant must place itself once on each divider of its own gate",
                code="GML_QUADRANT",
                expected="each of " + ", ".join(dividers) + " at most once",
                found=", ".join(named),
            )


def _refused(
    element: Element,
    what: str,
    *,
    code: str,
    expected: str | None = None,
    found: str | None = None,
    remedy: str | None = None,
) -> RuleError:
    place = f"line {element.sourceline}, {local_name(element)}"
    return RuleError(what, code=code, place=place, expected=expected, found=found, remedy=remedy)
