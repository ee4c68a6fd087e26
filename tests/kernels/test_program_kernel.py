"""Whole programs against a walk over one event at a time, at the borders of words and tiles."""

import dataclasses
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
import pytest
from fcs_files import fcs_bytes
from flow_data import column, dataset, shape_gate, strategy
from hypothesis import given
from hypothesis import strategies as st
from oracles import populations

from mrdkit.flow import apply_gating, engine, read_fcs
from mrdkit.flow.decode import ColumnFormat, Layout
from mrdkit.flow.engine import coordinates, run
from mrdkit.flow.gates import Box, Ellipsoid, Polygon
from mrdkit.flow.plan import plan_of
from mrdkit.flow.program import compiled
from mrdkit.flow.strategy import Axis, BooleanGate, Gate, GatePath, Operand, RatioDimension
from mrdkit.flow.transforms import Biex, FlowJoLog, Hyperlog, Linear, Log, Logicle

Operator: TypeAlias = Literal["and", "or", "not"]

NAMES = ("X", "Y", "Z")
value = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([np.nan, np.inf, -np.inf]))
event = st.tuples(value, value, value)
bound = st.one_of(st.none(), st.integers(-3, 0).map(float))
corner = st.tuples(st.integers(-4, 4).map(float), st.integers(-4, 4).map(float))
SIZES = [0, 1, 63, 64, 65, 130, 1023, 1024, 1025, 2111]


@st.composite
def gate(draw: st.DrawFn, path: GatePath, declared: list[GatePath]) -> Gate:
    """Return a gate of any kind that may refer to those declared above it."""
    kind = draw(st.sampled_from(["box", "polygon", "ellipsoid", "ratio", "boolean"]))
    if kind == "boolean" and declared:
        operator: Operator = draw(st.sampled_from(get_args(Operator)))
        count = 1 if operator == "not" else draw(st.integers(1, 3))
        operands = tuple(
            Operand(path=draw(st.sampled_from(declared)), complement=draw(st.booleans()))
            for _ in range(count)
        )
        return BooleanGate(path=path, operator=operator, operands=operands)
    axes = draw(st.permutations([column(name) for name in NAMES]))
    if kind == "polygon":
        corners = tuple(draw(st.lists(corner, min_size=3, max_size=6)))
        return shape_gate(path, axes[:2], Polygon(vertices=corners))
    if kind == "ellipsoid":
        mean = tuple(draw(st.tuples(*[st.integers(-1, 1).map(float)] * 3)))
        covariance = ((2.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 4.0))
        return shape_gate(path, axes, Ellipsoid(mean=mean, covariance=covariance, distance_square=2.0))
    low = draw(bound)
    ends = (low, draw(st.one_of(st.none(), st.integers(1, 3).map(float))))
    if kind == "ratio":
        ratio = RatioDimension(
            name="r", numerator=axes[0], denominator=axes[1], A=2.0, B=1.0, C=0.0, transform=None
        )
        return shape_gate(path, [ratio], Box(bounds=(ends,)))
    n_axes = draw(st.integers(1, 3))
    return shape_gate(path, axes[:n_axes], Box(bounds=(ends,) * n_axes))


@st.composite
def hierarchy(draw: st.DrawFn) -> list[Gate]:
    """Return up to seven gates, each under any gate above it or at the root."""
    gates: list[Gate] = []
    for number in range(draw(st.integers(1, 7))):
        declared = [earlier.path for earlier in gates]
        parent: GatePath = draw(st.sampled_from([(), *declared]))
        gates.append(draw(gate((*parent, f"g{number}"), declared)))
    return gates


@given(hierarchy(), st.lists(event, min_size=1, max_size=12), st.sampled_from(SIZES))
def test_every_event_lies_where_a_walk_puts_it(
    gates: list[Gate], events: list[tuple[float, float, float]], size: int
) -> None:
    repeated = np.resize(np.array(events), (size, 3))
    found = apply_gating(dataset(repeated, NAMES), strategy(*gates))
    expected = populations(gates, [dict(zip(NAMES, row, strict=True)) for row in events])
    order = np.arange(size) % len(events)
    for gate_id, path in found.paths.items():
        walked = np.array([inside for inside, _ in expected[path]])[order]
        assert np.array_equal(found.membership(gate_id), walked)
        assert found.counts[gate_id] == walked.sum()
        parent = np.array([inside for inside, _ in expected[path[:-1]]])
        unknown = np.array([undefined for _, undefined in expected[path]])
        assert found.not_finite[gate_id] == (parent & unknown)[order].sum()


SCALES = (
    None,
    Linear(T=100.0, A=10.0),
    Log(T=1000.0, M=3.0),
    FlowJoLog(offset=2.0, decades=3.0),
    Logicle(T=1000.0, W=0.5, M=4.5, A=0.0),
    Hyperlog(T=1000.0, W=0.5, M=4.5, A=0.0),
    Biex(top=1000.0, positive=4.0, negative=0.0, width=-10.0),
)


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_coordinates_are_those_of_the_scale(scale: Linear | None, size: int) -> None:
    events = np.random.default_rng(size).normal(20.0, 100.0, (size, 3))
    events[::13, 0] = np.nan
    tube = dataset(events, NAMES)
    axis = dataclasses.replace(column("X"), transform=scale)
    rest = shape_gate(("all",), [column("X")], Box(bounds=((None, None),)))
    found = coordinates(tube, strategy(rest), [axis])[0]
    expected = tube.linear()[:, 0] if scale is None else scale.apply(tube.linear()[:, 0])
    assert np.array_equal(found, expected, equal_nan=True)


STORED = [
    ("F", [32, 32, 32], {}),
    ("D", [64, 64, 64], {}),
    ("I", [16, 32, 8], {"$P2E": "4,0.1", "$P1G": "4.0"}),
]


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize(("number", "bits", "keywords"), STORED)
def test_the_engine_sees_the_numbers_that_the_reader_gives(
    tmp_path: Path, number: str, bits: list[int], keywords: dict[str, str], *, big_endian: bool
) -> None:
    rows = np.random.default_rng(5).integers(0, 200, (1500, 3)).astype(float).tolist()
    path = tmp_path / "tube.fcs"
    names = ["FSC-A", "FL1-A", "Time"]
    path.write_bytes(
        fcs_bytes(
            rows,
            number=number,
            bits=bits,
            names=names,
            ranges=[256, 256, 256],
            big_endian=big_endian,
            keywords=keywords | {"$TIMESTEP": "0.01"},
        )
    )
    tube = read_fcs(path)
    rest = shape_gate(("all",), [column("Time")], Box(bounds=((None, None),)))
    axes: list[Axis] = [column(name) for name in names]
    assert np.array_equal(coordinates(tube, strategy(rest), axes), tube.linear().T)


def test_a_program_for_other_events_or_with_a_wrong_index_is_refused() -> None:
    tube = dataset(np.zeros((5, 3)), NAMES)
    gates = strategy(shape_gate(("g",), [column("X")], Box(bounds=((0.0, None),))))
    program = compiled(tube, plan_of(tube, gates, gates.dimensions), gates.gates)
    other = Layout(columns=(ColumnFormat(number="F", width=4),) * 3, big_endian=False)
    with pytest.raises(ValueError, match="another layout"):
        run(dataclasses.replace(program, layout=other), tube.packed())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_TILE", 64)
        with pytest.raises(ValueError, match="not as long as the kernel's"):
            run(program, tube.packed())
    for field in range(1, 7):
        ops = program.ops.copy()
        ops[:, field] = 10**6
        with pytest.raises(ValueError, match="outside the program"):
            run(dataclasses.replace(program, ops=ops), tube.packed())
