"""FlowKit as an independent engine: the same gates, the same events.

FlowKit reads the gates from the ISAC XML itself, so the template's numbers are checked too.
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from real_data import real

from mrdkit.flow import apply_gating, load_gating, read_fcs

SET = "flow/gatingml2"
STRATEGY = load_gating(Path(__file__).with_name("isac_gates.toml"))

#: Gate -> the XML that declares it. All of those without a published truth, and some with one.
GATES = {
    "Rectangle3": "gml_matrix_rect3_gate",
    "Rectangle5": "gml_matrix_rect5_gate",
    "Polygon3NS": "gml_poly3ns_gate",
    "Polygon4": "gml_matrix_poly4_gate",
    "Ellipse1": "gml_ellipse1_gate",
    "ParRectangle1": "gml_parent_quadrant_rect_gate",
    "And3": "gml_boolean_and3_complement_gate",
    "And4": "gml_boolean_and4_not_gate",
    "ScaleRange4c": "gml_matrix_transform_logicle_range4c_gate",
    "ScaleRange5c": "gml_matrix_transform_logicle_range5c_gate",
    "ScaleRange8c": "gml_matrix_transform_logicle_range8c_gate",
    "ScaleRect1": "gml_matrix_transform_logicle_rect1_gate",
}

pytestmark = pytest.mark.filterwarnings("ignore")  # FlowKit's own dependencies warn on import


@pytest.fixture(scope="module")
def flowkit_members() -> dict[str, NDArray[np.bool_]]:
    flowkit = import_module("flowkit")  # here, where its warnings are let pass
    sample = flowkit.Sample(str(real(f"{SET}/data1.fcs")))
    found = {}
    for gate_id, name in GATES.items():
        strategy = flowkit.parse_gating_xml(str(real(f"{SET}/gml/{name}.xml")))
        result = strategy.gate_sample(sample)
        found[gate_id] = np.asarray(result.get_gate_membership(gate_id))
    return found


@pytest.mark.parametrize("gate_id", GATES)
def test_same_events_as_flowkit(gate_id: str, flowkit_members: dict[str, NDArray[np.bool_]]) -> None:
    ours = apply_gating(read_fcs(real(f"{SET}/data1.fcs")), STRATEGY).membership(gate_id)
    expected = flowkit_members[gate_id]
    assert expected.any()
    assert np.array_equal(ours, expected)
