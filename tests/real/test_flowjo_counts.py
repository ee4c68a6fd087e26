"""Public FlowJo 10 workspaces: our counts equal those that FlowJo stored, and FlowKit's events one by one.

FlowJo bins polygons, so `poly1` (50 events by its corners, 0 in the workspace) is held to FlowKit only.
"""

from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from gating_documents import gate_of, matrix_of, population, workspace
from real_data import real

from mrdkit.flow import FcsDataset, Spillover, apply_gating, load_gating, read_fcs
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
COMPENSATED = "test_comp_example.fcs"
EIGHT_COLOUR = "101_DEN084Y5_15_E01_008_clean.fcs"

pytestmark = pytest.mark.filterwarnings("ignore")  # FlowKit's own dependencies warn on import


@cache
def tube(name: str) -> FcsDataset:
    return read_fcs(real(f"{SET}/{name}"))


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("simple_diamond_example_quad_gate", [49671, 50596, 50330, 49403]),
        ("test_data_diamond_asinh_rect", [50559]),  # the sample's own tree; the group's has 50605
        ("test_data_diamond_biex_rect", [50605]),
    ],
)
def test_rectangles_have_the_counts_that_flowjo_stored(name: str, counts: list[int]) -> None:
    strategy = load_gating(real(f"{SET}/{name}.wsp"))
    result = apply_gating(tube(WITH_DATA[name]), strategy)
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


@pytest.mark.parametrize("name", WITH_DATA)
def test_same_events_as_flowkit(name: str) -> None:
    flowkit = import_module("flowkit")
    path, sample = real(f"{SET}/{name}.wsp"), WITH_DATA[name]
    theirs = flowkit.parse_wsp(str(path))["samples"][sample]["gating_strategy"]
    gated = theirs.gate_sample(flowkit.Sample(str(real(f"{SET}/{sample}"))))
    ours = apply_gating(tube(sample), load_gating(path))
    for gate_id in ours.counts:
        assert np.array_equal(ours.membership(gate_id), gated.get_gate_membership(gate_id)), gate_id


@pytest.mark.parametrize("name", ["8_color_ICS", "8_color_ICS_simple", "8_color_ICS_sample_without_gates"])
def test_every_population_of_the_sample_is_a_gate_with_its_stored_count(name: str) -> None:
    path = real(f"{SET}/{name}.wsp")
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


@pytest.mark.parametrize("name", ["8_color_ICS", "8_color_ICS_simple", "8_color_ICS_sample_without_gates"])
def test_the_first_time_is_a_whole_tick_if_gain_is_flowjos_unit(name: str) -> None:
    """Why Time's bounds are divided by `gain` and not by $TIMESTEP: cytometers write ticks of a tenth."""
    for scale in read_xml(real(f"{SET}/{name}.wsp")).iter():
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


def compensated_workspace(spill: Spillover) -> str:
    rows = {
        row: dict(zip(spill.channels, numbers, strict=True))
        for row, numbers in zip(spill.channels, spill.matrix, strict=True)
    }
    one, two, three = spill.channels[:3]
    logicle = 'logicle transforms:length="256" transforms:T="262144" transforms:W="1" transforms:M="4.418" '
    logicle += 'transforms:A="0"'
    biex = 'biex transforms:length="256" transforms:maxRange="262144" transforms:neg="0.5" '
    biex += 'transforms:width="-30" transforms:pos="4.418"'
    corners = "".join(
        f'<gating:vertex><gating:coordinate data-type:value="{x}"/><gating:coordinate data-type:value="{y}"/>'
        "</gating:vertex>"
        for x, y in ((-900.0, -900.0), (5_000.0, -300.0), (90_000.0, 60_000.0), (-200.0, 4_000.0))
    )
    points = ((80, 90), (140, 150)), ((60, 70), (160, 170), (130, 100), (90, 140))
    foci, edge = (
        "".join(
            f'<gating:vertex><gating:coordinate data-type:value="{x}"/>'
            f'<gating:coordinate data-type:value="{y}"/></gating:vertex>'
            for x, y in some
        )
        for some in points
    )
    ellipse = f"<gating:foci>{foci}</gating:foci><gating:edge>{edge}</gating:edge>"
    both = '<Dependents><Dependent name="poly"/><Dependent name="ellipse"/></Dependents>'
    return workspace(
        [
            population("poly", gate_of("PolygonGate", [f"Comp-{one}", f"Comp-{two}"], corners)),
            population(
                "ellipse",
                gate_of("EllipsoidGate", [f"Comp-{two}", f"Comp-{three}"], ellipse),
                population("box", gate_of("RectangleGate", [f"Comp-{one}|-300|3000", f"Comp-{three}|100|"])),
            ),
            population("both", both, kind="AndNode"),
        ],
        scales={one: logicle, two: biex, three: logicle},
        matrix=matrix_of(rows),
        names=(COMPENSATED,),
    )


def test_same_events_as_flowkit_where_parameters_are_compensated(tmp_path: Path) -> None:
    flowkit = import_module("flowkit")
    path = real(f"flow/compensation/{COMPENSATED}")
    example = read_fcs(path)
    assert example.spillover is not None
    (tmp_path / "made.wsp").write_text(compensated_workspace(example.spillover), encoding="utf-8")
    theirs = flowkit.parse_wsp(str(tmp_path / "made.wsp"))["samples"][COMPENSATED]["gating_strategy"]
    gated = theirs.gate_sample(flowkit.Sample(str(path), ignore_offset_error=True))
    ours = apply_gating(example, load_gating(tmp_path / "made.wsp"))
    for gate_id, count in ours.counts.items():
        assert 0 < count < example.n_events, gate_id
        assert np.array_equal(ours.membership(gate_id), gated.get_gate_membership(gate_id)), gate_id
