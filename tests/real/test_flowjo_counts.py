"""Public FlowJo 10 workspaces: our counts equal those that FlowJo stored, and FlowKit's events one by one.

FlowJo bins polygons, so `poly1` (50 events by its corners, 0 in the workspace) is held to FlowKit only.
"""

from functools import cache
from importlib import import_module

import numpy as np
import pytest
from real_data import real

from mrdkit.flow import FcsDataset, apply_gating, load_gating, read_fcs
from mrdkit.flow.stored_counts import compared_counts
from mrdkit.flow.strategy import columns_of
from mrdkit.flow.xml_input import read_xml

SET = "flow/flowjo_wsp"
DIAMOND, LINE = "test_data_diamond_01.fcs", "data_set_simple_line_100.fcs"
WITH_DATA = {
    "simple_diamond_example_quad_gate": DIAMOND,
    "test_data_diamond_asinh_rect": DIAMOND,
    "test_data_diamond_biex_rect": DIAMOND,
    "simple_poly_and_rect": LINE,
    "simple_poly_and_rect_v2_poly50": LINE,
}
EIGHT_COLOUR = "101_DEN084Y5_15_E01_008_clean.fcs"

pytestmark = pytest.mark.filterwarnings("ignore")  # FlowKit's own dependencies warn on import


@cache
def tube(name: str) -> FcsDataset:
    return read_fcs(real(f"{SET}/{name}"))


@pytest.mark.parametrize(
    ("workspace", "counts"),
    [
        ("simple_diamond_example_quad_gate", [49671, 50596, 50330, 49403]),
        ("test_data_diamond_asinh_rect", [50559]),  # the sample's own tree; the group's has 50605
        ("test_data_diamond_biex_rect", [50605]),
    ],
)
def test_rectangles_have_the_counts_that_flowjo_stored(workspace: str, counts: list[int]) -> None:
    strategy = load_gating(real(f"{SET}/{workspace}.wsp"))
    result = apply_gating(tube(WITH_DATA[workspace]), strategy)
    assert list(result.counts.values()) == counts
    compared = compared_counts(result, strategy)
    assert list(compared.stored.values()) == counts
    assert compared.flags == ()


def test_the_quadrants_of_flowjo_are_a_partition() -> None:
    strategy = load_gating(real(f"{SET}/simple_diamond_example_quad_gate.wsp"))
    result = apply_gating(tube(DIAMOND), strategy)
    members = np.stack([result.membership(gate_id) for gate_id in result.counts])
    assert (members.sum(axis=0) == 1).all()


def test_a_polygon_that_flowjo_binned_is_flagged() -> None:
    strategy = load_gating(real(f"{SET}/simple_poly_and_rect_v2_poly50.wsp"))
    result = apply_gating(tube(LINE), strategy)
    assert result.counts == {"poly1": 50, "rect1": 0}
    compared = compared_counts(result, strategy)
    assert compared.flags == ("FLOWJO_COUNT_DIFFERS",)
    assert compared.reasons == ("Gate poly1: 50 events here, 0 in the workspace.",)


@pytest.mark.parametrize("workspace", WITH_DATA)
def test_same_events_as_flowkit(workspace: str) -> None:
    flowkit = import_module("flowkit")
    path, name = real(f"{SET}/{workspace}.wsp"), WITH_DATA[workspace]
    theirs = flowkit.parse_wsp(str(path))["samples"][name]["gating_strategy"]
    gated = theirs.gate_sample(flowkit.Sample(str(real(f"{SET}/{name}"))))
    ours = apply_gating(tube(name), load_gating(path))
    for gate_id in ours.counts:
        assert np.array_equal(ours.membership(gate_id), gated.get_gate_membership(gate_id)), gate_id


@pytest.mark.parametrize(
    "workspace", ["8_color_ICS", "8_color_ICS_simple", "8_color_ICS_sample_without_gates"]
)
def test_every_population_of_the_sample_is_a_gate_with_its_stored_count(workspace: str) -> None:
    path = real(f"{SET}/{workspace}.wsp")
    strategy = load_gating(path, sample=EIGHT_COLOUR)
    nodes = [node for node in read_xml(path).iter("SampleNode") if node.get("name") == EIGHT_COLOUR]
    named = [(node.get("name"), int(node.get("count", ""))) for node in nodes[0].iter("Population")]
    assert [(gate.path[-1], strategy.expected_counts[gate.path]) for gate in strategy.gates] == named
    assert strategy.reasons == ("Sample 3 of 3 in the workspace was taken, as --sample says.",)


def test_names_that_repeat_are_told_apart_by_their_path() -> None:
    strategy = load_gating(real(f"{SET}/8_color_ICS.wsp"), sample=EIGHT_COLOUR)
    ids = list(strategy.ids.values())
    assert len(set(ids)) == len(ids) == 14
    assert "Time/Singlets/aAmine-/CD3+/CD4+/IFNg+" in ids


def test_compensated_parameters_use_the_matrix_and_plain_ones_do_not() -> None:
    strategy = load_gating(real(f"{SET}/8_color_ICS.wsp"), sample=EIGHT_COLOUR)
    columns = [column for axis in strategy.dimensions for column in columns_of(axis)]
    used = {name: column.compensation for column in columns for name in column.spellings}
    assert used["Comp-CD3 APC-H7 FLR-A"] == "Acquisition-defined"
    assert used["SSC-A"] == used["FSC-W"] == used["Time"] == "uncompensated"
    matrix = strategy.matrices["Acquisition-defined"]
    assert len(matrix.detectors) == 8
    first, second = matrix.detectors.index("TNFa FITC FLR-A"), matrix.detectors.index("CD8 PerCP-Cy55 FLR-A")
    assert matrix.coefficients[first][second] == 0.0141385011


@pytest.mark.parametrize(
    "workspace", ["8_color_ICS", "8_color_ICS_simple", "8_color_ICS_sample_without_gates"]
)
def test_the_first_time_is_a_whole_tick_if_gain_is_flowjos_unit(workspace: str) -> None:
    """Why Time's bounds are divided by `gain` and not by $TIMESTEP: cytometers write ticks of a tenth."""
    for scale in read_xml(real(f"{SET}/{workspace}.wsp")).iter():
        if scale.tag.endswith("}linear") and "Time" in scale[0].attrib.values():
            told = {name.rpartition("}")[2]: float(text) for name, text in scale.attrib.items()}
            tenths = 10.0 * told["minRange"] / told["gain"]
            assert tenths == pytest.approx(round(tenths), abs=1e-4)
            assert abs(10.0 * told["minRange"] / 0.01 - round(10.0 * told["minRange"] / 0.01)) > 1e-4


def test_time_bounds_are_in_seconds_of_the_file() -> None:
    strategy = load_gating(real(f"{SET}/8_color_ICS.wsp"), sample=EIGHT_COLOUR)
    low, high = strategy.gates[0].shape.bounds[0]  # type: ignore[union-attr]  # a box, as the next line shows
    assert (low, high) == pytest.approx(
        (1.2799999714 / 0.0101893145 * 0.01, 180.4799957275 / 0.0101893145 * 0.01)
    )
