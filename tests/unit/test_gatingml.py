"""Gating-ML 2.0: what is read, in which order, and what is refused because it cannot be honoured exactly."""

from pathlib import Path

import numpy as np
import pytest
from flow_data import dataset
from gating_documents import gatingml, rectangle

from mrdkit.errors import RuleError
from mrdkit.flow import GatingStrategy, apply_gating
from mrdkit.flow.gates import Box
from mrdkit.flow.gatingml import read_gatingml
from mrdkit.flow.strategy import BooleanGate, RatioDimension, ShapeGate
from mrdkit.flow.transforms import Logicle
from mrdkit.flow.xml_input import xml_from

A = rectangle("A", {"X": (0.0, 1.0)})
LOGICLE = '<transforms:transformation transforms:id="L"{}><transforms:logicle transforms:T="1000" '
LOGICLE += 'transforms:W="0.5" transforms:M="4.5" transforms:A="0"/></transforms:transformation>'
ASINH = '<transforms:transformation transforms:id="L"><transforms:fasinh transforms:T="1000" '
ASINH += 'transforms:M="1" transforms:A="2"/></transforms:transformation>'
RATIO = '<transforms:transformation transforms:id="R"><transforms:fratio transforms:A="2" transforms:B="0" '
RATIO += 'transforms:C="-1"><data-type:fcs-dimension data-type:name="X"/><data-type:fcs-dimension '
RATIO += 'data-type:name="Y"/></transforms:fratio></transforms:transformation>'
MATRIX = (
    '<transforms:spectrumMatrix transforms:id="M"{}><transforms:fluorochromes>'
    '<data-type:fcs-dimension data-type:name="F"/><data-type:fcs-dimension data-type:name="G"/>'
    "</transforms:fluorochromes><transforms:detectors><data-type:fcs-dimension data-type:name='X'/>"
    '<data-type:fcs-dimension data-type:name="Y"/></transforms:detectors>'
    '<transforms:spectrum><transforms:coefficient transforms:value="1"/><transforms:coefficient '
    'transforms:value="0.5"/></transforms:spectrum><transforms:spectrum><transforms:coefficient '
    'transforms:value="0"/><transforms:coefficient transforms:value="1"/></transforms:spectrum>'
    "</transforms:spectrumMatrix>"
)


NAMED = MATRIX.format("").replace('"M"', '"{}" xmlns:mrdkit="urn:mrdkit:gating" mrdkit:name="{}"')


def read(*parts: str) -> GatingStrategy:
    return read_gatingml(xml_from(gatingml(*parts).encode()), strategy_id="s", version="1")


def boolean(gate_id: str, operator: str, *references: str, parent: str = "") -> str:
    used = "".join(f"<gating:gateReference gating:ref={text}/>" for text in references)
    above = f' gating:parent_id="{parent}"' if parent else ""
    return (
        f'<gating:BooleanGate gating:id="{gate_id}"{above}><gating:{operator}>{used}</gating:{operator}>'
        "</gating:BooleanGate>"
    )


def quadrants(*placed: str, divider: str = '<data-type:fcs-dimension data-type:name="X"/>') -> str:
    cells = "".join(
        f'<gating:Quadrant gating:id="Q{i}">{positions}</gating:Quadrant>'
        for i, positions in enumerate(placed, start=1)
    )
    return (
        '<gating:QuadrantGate gating:id="Q"><gating:divider gating:id="D" gating:compensation-ref="FCS">'
        f"{divider}<gating:value>1</gating:value><gating:value>3</gating:value></gating:divider>{cells}"
        "</gating:QuadrantGate>"
    )


def at(location: float) -> str:
    return f'<gating:position gating:divider_ref="D" gating:location="{location}"/>'


def code_of(*parts: str) -> str:
    with pytest.raises(RuleError) as error:
        read(*parts)
    return error.value.code


def test_gates_stand_behind_what_they_use_and_else_as_in_the_document() -> None:
    strategy = read(
        boolean("Both", "and", '"Child"', '"Late"'),
        rectangle("Child", {"X": (0.0, None)}, parent="Late"),
        A,
        rectangle("Late", {"Y": (None, 1.0)}),
    )
    assert [gate.path for gate in strategy.gates] == [("A",), ("Late",), ("Late", "Child"), ("Both",)]


def test_bounds_are_half_open_and_may_be_missing() -> None:
    strategy = read(rectangle("A", {"X": (1.0, 2.0), "Y": (None, 3.0)}))
    gate = strategy.gates[0]
    assert isinstance(gate, ShapeGate)
    assert gate.shape == Box(bounds=((1.0, 2.0), (None, 3.0)))


@pytest.mark.parametrize(
    ("written", "complement"),
    [("true", "yes"), ("1", "yes"), (" true ", "yes"), ("false", "no"), ("0", "no")],
)
@pytest.mark.parametrize("operator", ["and", "or"])
def test_a_complement_is_one_in_every_spelling_of_the_schema(
    operator: str,
    written: str,
    complement: str,
) -> None:
    strategy = read(A, boolean("B", operator, f'"A" gating:use-as-complement="{written}"', '"A"'))
    gate = strategy.gates[1]
    assert isinstance(gate, BooleanGate)
    assert [operand.complement for operand in gate.operands] == [complement == "yes", False]
    tube = dataset([[0.5], [2.0]], ("X",))
    expected = {
        ("and", "yes"): [False, False],
        ("and", "no"): [True, False],
        ("or", "yes"): [True, True],
        ("or", "no"): [True, False],
    }
    assert apply_gating(tube, strategy).membership("B").tolist() == expected[operator, complement]


def test_a_complement_of_a_complement_is_the_gate() -> None:
    strategy = read(A, boolean("B", "not", '"A" gating:use-as-complement="true"'))
    assert apply_gating(dataset([[0.5], [2.0]], ("X",)), strategy).membership("B").tolist() == [True, False]


def test_each_quadrant_is_a_gate_and_children_hang_below_it() -> None:
    strategy = read(quadrants(at(0), at(1), at(9)), rectangle("C", {"Y": (0.0, None)}, parent="Q2"))
    assert [gate.path for gate in strategy.gates] == [("Q1",), ("Q2",), ("Q3",), ("Q2", "C")]
    tube = dataset([[0.9, 1.0], [1.0, 1.0], [2.9, -1.0], [3.0, 1.0]], ("X", "Y"))
    assert apply_gating(tube, strategy).counts == {"Q1": 1, "Q2": 2, "Q3": 1, "C": 1}


def test_a_ratio_has_its_own_compensation_and_scale() -> None:
    gate = (
        '<gating:RectangleGate gating:id="A"><gating:dimension gating:compensation-ref="M" gating:min="0.1" '
        'gating:transformation-ref="L"><data-type:new-dimension data-type:transformation-ref="R"/>'
        "</gating:dimension></gating:RectangleGate>"
    )
    ratio = RATIO.replace('name="X"', 'name="F"').replace('name="Y"', 'name="G"')
    (axis,) = read(MATRIX.format(""), LOGICLE.format(""), ratio, gate).dimensions
    assert isinstance(axis, RatioDimension)
    assert (axis.A, axis.B, axis.C, axis.name) == (2.0, 0.0, -1.0, "R")
    assert axis.transform == Logicle(T=1000.0, W=0.5, M=4.5, A=0.0)
    assert (axis.numerator.spellings, axis.numerator.compensation) == (("F",), "M")
    assert (axis.denominator.spellings, axis.denominator.transform) == (("G",), None)


def test_fluorochromes_of_a_matrix_need_not_be_channels() -> None:
    strategy = read(MATRIX.format(""), rectangle("A", {"G": (0.5, None)}, compensation="M"))
    observed = dataset([[2.0, 1.0], [0.0, 1.0]], ("X", "Y"))  # the first is spill of F alone
    assert apply_gating(observed, strategy).membership("A").tolist() == [False, True]


def test_fcs_compensation_of_a_file_without_a_matrix_changes_nothing() -> None:
    strategy = read(rectangle("A", {"X": (0.5, None)}, compensation="FCS"))
    assert apply_gating(dataset([[1.0], [0.0]], ("X",)), strategy).counts == {"A": 1}


@pytest.mark.parametrize("gate_id", ["root", "uncompensated", "_A", "FCS"])
def test_a_gate_may_be_called_as_what_means_something_elsewhere(gate_id: str) -> None:
    strategy = read(rectangle(gate_id, {"X": (0, 1)}), rectangle("B", {"X": (0, 1)}, parent=gate_id))
    assert [gate.path for gate in strategy.gates] == [(gate_id,), (gate_id, "B")]


def test_foreign_attributes_and_custom_info_are_comments() -> None:
    custom = "<data-type:custom_info><anything gating:min='3'/></data-type:custom_info>"
    strategy = read(
        custom, A.replace("<gating:RectangleGate", '<gating:RectangleGate xmlns:v="urn:v" v:x="1"')
    )
    assert strategy.gates == read(A).gates


def test_other_prefixes_mean_the_same() -> None:
    document = gatingml(A).replace("gating:", "g:").replace("xmlns:g:", "xmlns:g=")
    document = document.replace("xmlns:gating=", "xmlns:g=").replace("data-type:", "q:")
    document = document.replace("xmlns:data-type=", "xmlns:q=")
    strategy = read_gatingml(xml_from(document.encode()), strategy_id="s", version="1")
    assert strategy.gates == read(A).gates


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("GML_SCHEMA", ["<sample>", A, "</sample>"]),
        ("GML_SCHEMA", [A, A]),
        ("GML_SCHEMA", [A.replace(' gating:id="A"', "")]),
        ("GML_SCHEMA", [A.replace("RectangleGate", "StarGate")]),
        ("GML_REFERENCE", [rectangle("A", {"X": (0, 1)}, parent="absent")]),
        ("GML_SCHEMA", [rectangle("A", {"X": ("one", 1)})]),
        ("GML_SCHEMA", [rectangle("A", {"": (0, 1)})]),
        ("GML_SCHEMA", [A.replace("gating:min=", "gating:least=")]),
        ("GML_SCHEMA", [A.replace(' gating:compensation-ref="uncompensated"', "")]),
        ("GML_SCHEMA", [A, boolean("B", "and", '"A"')]),
        ("GML_SCHEMA", [A, boolean("B", "not", '"A"', '"A"')]),
        ("GML_SCHEMA", [A, boolean("B", "xor", '"A"', '"A"')]),
        ("GML_SCHEMA", []),
        ("STRATEGY_EMPTY", [LOGICLE.format("")]),
        ("GML_ATTRIBUTE_UNKNOWN", [rectangle("A", {"X": (0, 1)}, more='eventsInside="0"')]),
        ("GML_ATTRIBUTE_UNKNOWN", [rectangle("A", {"X": (0, 1)}, more='gating:name="a"')]),
        ("GML_ATTRIBUTE_UNKNOWN", [LOGICLE.format(' transforms:base="2"'), A]),
        ("GML_BOUNDED_SCALE", [LOGICLE.format(' transforms:boundMin="0"'), A]),
        ("GML_BOUNDED_SCALE", [LOGICLE.format(' transforms:boundMax="1"'), A]),
        ("GML_MATRIX_INVERTED", [MATRIX.format(' transforms:matrix-inverted-already="1"'), A]),
        ("GML_MATRIX_NAME", [MATRIX.format("").replace('"M"', '"FCS"'), A]),
        ("GML_MATRIX_NAME", [NAMED.format("M", "N"), NAMED.format("O", "N"), A]),
        ("GML_MATRIX_NAME", [NAMED.format("M", "uncompensated"), A]),
        ("GML_NUMBER", [rectangle("A", {"X": ("INF", None)})]),
        ("GML_NUMBER", [rectangle("A", {"X": ("NaN", None)})]),
        ("GML_NUMBER", [MATRIX.format("").replace("0.5", "-INF"), A]),
        ("GML_REFERENCE", [rectangle("A", {"X": (0, 1)}, compensation="absent")]),
        ("GML_REFERENCE", [LOGICLE.format(""), rectangle("A", {"X": (0, 1)}, parent="L")]),
        ("GML_REFERENCE", [RATIO, A.replace("gating:min", 'gating:transformation-ref="R" gating:min')]),
        (
            "GML_REFERENCE",
            [A, A.replace('"A"', '"B"').replace("gating:min", 'gating:transformation-ref="A" gating:min')],
        ),
        ("GML_REFERENCE", [quadrants(at(0)), rectangle("A", {"X": (0, 1)}, parent="Q")]),
        ("GML_REFERENCE", [quadrants(at(0)), boolean("B", "not", '"Q"')]),
        ("GML_REFERENCE", [quadrants(at(0)), boolean("B", "not", '"D"')]),
        ("GML_QUADRANT", [quadrants(at(0) + at(9))]),
        ("GML_QUADRANT", [quadrants(at(0)).replace("<gating:value>3", "<gating:value>1")]),
        ("GML_QUADRANT", [A, quadrants(at(0).replace('"D"', '"A"'))]),
        (
            "GML_UNSUPPORTED",
            [RATIO, quadrants(at(0), divider='<data-type:new-dimension data-type:transformation-ref="R"/>')],
        ),
        (
            "GATE_CYCLE",
            [rectangle("A", {"X": (0, 1)}, parent="B"), rectangle("B", {"X": (0, 1)}, parent="A")],
        ),
        ("GATE_CYCLE", [rectangle("A", {"X": (0, 1)}, parent="A")]),
        ("GATE_CYCLE", [A, boolean("B", "or", '"C"', '"A"'), boolean("C", "or", '"B"', '"A"')]),
        ("GATE_CYCLE", [boolean("B", "not", '"B"')]),
        ("GATE_INVALID", [rectangle("A", {"X": (1, 1)})]),
        ("GATE_INVALID", [rectangle("A", {"X": (2, 1)})]),
        ("SCALE_INVALID", [LOGICLE.format("").replace('"0.5"', '"2.5"'), A]),
        ("SCALE_INVALID", [ASINH, A]),
        ("STRATEGY_TOO_LARGE", [rectangle(f"A{i}", {"X": (0, 1)}) for i in range(2001)]),
    ],
)
def test_what_cannot_be_honoured_exactly_is_refused(code: str, parts: list[str]) -> None:
    assert code_of(*parts) == code


def test_a_deep_chain_of_gates_is_read_at_once() -> None:
    chain = [rectangle(f"A{i}", {"X": (0, 1)}, parent=f"A{i - 1}" if i else None) for i in range(400)]
    assert len(read(*reversed(chain)).gates[-1].path) == 400


def test_the_same_dimension_may_have_different_compensations_in_one_gate() -> None:
    """FlowKit reads uncompensated dimensions beside compensated ones from the compensated matrix."""
    dimension = '<gating:dimension gating:compensation-ref="{}" gating:min="0.6"><data-type:fcs-dimension '
    dimension += 'data-type:name="{}"/></gating:dimension>'
    gate = dimension.format("M", "G") + dimension.format("uncompensated", "Y")
    strategy = read(MATRIX.format(""), f'<gating:RectangleGate gating:id="A">{gate}</gating:RectangleGate>')
    tube = dataset([[1.0, 1.0], [0.0, 1.0], [0.0, 0.5]], ("X", "Y"))
    assert apply_gating(tube, strategy).membership("A").tolist() == [False, True, False]


def test_flowkits_warnings_reach_nobody(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(gatingml(A), encoding="utf-8")
    with np.errstate(all="raise"):
        read(A)
    assert capfd.readouterr() == ("", "")


def test_the_schema_names_line_and_element() -> None:
    document = gatingml("\n\n<sample/>")
    with pytest.raises(RuleError, match=r"line 3.*sample"):
        read_gatingml(xml_from(document.encode()), strategy_id="s", version="1")
