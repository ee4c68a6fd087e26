"""Strategies as Gating-ML 2.0: read back they are the same, and the same strategy gives the same bytes."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pytest
from flow_data import dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrdkit.errors import InputError, RuleError
from mrdkit.flow import GatingStrategy
from mrdkit.flow.compensation import CompensationLimits, SpilloverMatrix
from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.gating_channels import with_channels
from mrdkit.flow.gatingml import read_gatingml
from mrdkit.flow.gatingml_writing import write_gatingml
from mrdkit.flow.strategy import (
    Axis,
    BooleanGate,
    Dimension,
    Gate,
    GatePath,
    Operand,
    RatioDimension,
    ShapeGate,
)
from mrdkit.flow.transforms import Asinh, Biex, FlowJoLog, Hyperlog, Linear, Log, Logicle
from mrdkit.flow.xml_input import xml_from

LIMITS = CompensationLimits(
    id="l",
    version="1",
    source="s",
    warn_condition_number_more_than=1e3,
    refuse_condition_number_more_than=1e6,
)
SCALES = (
    None,
    Logicle(T=262144.0, W=0.5, M=4.5, A=0.1),
    Hyperlog(T=262144.0, W=1.0, M=4.5, A=0.0),
    Asinh(T=1000.0, M=4.0, A=1.0),
    Log(T=1e4, M=5.0),
    Linear(T=1023.0, A=1.0),
)
OPERATORS: tuple[Literal["and", "or", "not"], ...] = ("and", "or", "not")
NUMBER = st.floats(-1e300, 1e300)
#: Anything that XML can hold; what it cannot is refused below.
NAME = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=6
) | st.sampled_from(["CD3+", "a b", "1", "gate_1", "scale_1", "root", "<&>'\"", " a ", "Ä/ö"])


def strategy_of(*gates: Gate, matrices: Mapping[str, SpilloverMatrix] | None = None) -> GatingStrategy:
    return GatingStrategy(
        id="s", version="1", source="Gating-ML 2.0", gates=gates, matrices=matrices or {}, limits=LIMITS
    )


def channel(name: str, compensation: str = "uncompensated") -> Dimension:
    return Dimension(name=name, by="channel", spellings=(name,), compensation=compensation, transform=None)


def box(path: GatePath, *axes: Axis) -> ShapeGate:
    return ShapeGate(path=path, dimensions=axes, shape=Box(bounds=((0.5, None),) * len(axes)))


def read(content: bytes) -> GatingStrategy:
    return read_gatingml(xml_from(content), strategy_id="s", version="1")


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    kind = draw(st.sampled_from(["box", "polygon", "ellipsoid"]))
    if kind == "box":
        ends = st.tuples(st.none() | NUMBER, st.none() | NUMBER).filter(
            lambda pair: pair[0] is None or pair[1] is None or pair[0] < pair[1]
        )
        return Box(bounds=tuple(draw(st.lists(ends, min_size=1, max_size=3))))
    if kind == "polygon":
        return Polygon(vertices=tuple(draw(st.lists(st.tuples(NUMBER, NUMBER), min_size=3, max_size=5))))
    size = draw(st.integers(2, 3))
    widths = draw(st.lists(st.floats(0.1, 1e3), min_size=size, max_size=size))
    tilt = draw(st.floats(-0.3, 0.3))
    covariance = tuple(
        tuple(widths[i] * widths[j] * (1.0 if i == j else tilt) for j in range(size)) for i in range(size)
    )
    mean = draw(st.lists(NUMBER, min_size=size, max_size=size))
    return Ellipsoid(mean=tuple(mean), covariance=covariance, distance_square=draw(st.floats(0.1, 50.0)))


@st.composite
def axes(draw: st.DrawFn, matrices: Mapping[str, SpilloverMatrix]) -> Axis:
    compensation = draw(st.sampled_from(["FCS", "uncompensated", *matrices]))
    scale = draw(st.sampled_from(SCALES))
    one = channel(draw(NAME), compensation)
    if draw(st.booleans()):
        return Dimension(
            name=one.name, by="channel", spellings=one.spellings, compensation=compensation, transform=scale
        )
    return RatioDimension(
        name=draw(NAME),
        numerator=one,
        denominator=channel(draw(NAME), compensation),
        A=draw(NUMBER),
        B=draw(NUMBER),
        C=draw(NUMBER),
        transform=scale,
    )


@st.composite
def strategies(draw: st.DrawFn) -> GatingStrategy:
    matrices = {}
    for name in draw(st.lists(NAME, max_size=2, unique=True)):
        channels = tuple(draw(st.lists(NAME, min_size=2, max_size=3, unique=True)))
        row = st.lists(NUMBER, min_size=len(channels), max_size=len(channels)).map(tuple)
        rows = draw(st.lists(row, min_size=len(channels), max_size=len(channels)).map(tuple))
        matrices[name] = SpilloverMatrix(fluorochromes=channels, detectors=channels, coefficients=rows)
    gates: list[Gate] = []
    for _ in range(draw(st.integers(1, 6))):
        known = [gate.path for gate in gates]
        path = (*draw(st.sampled_from([(), *known])), draw(NAME))
        ids = {"/".join(other) for other in known} | {other[-1] for other in known}
        if path in known or "/".join(path) in ids:
            continue
        if len(known) > 1 and draw(st.booleans()):
            operator = draw(st.sampled_from(OPERATORS))
            count = 1 if operator == "not" else draw(st.integers(2, 4))
            operand = st.builds(Operand, path=st.sampled_from(known), complement=st.booleans())
            operands = tuple(draw(st.lists(operand, min_size=count, max_size=count)))
            gates.append(BooleanGate(path=path, operator=operator, operands=operands))
        else:
            shape = draw(shapes())
            used = tuple(draw(axes(matrices)) for _ in range(shape.n_axes))
            gates.append(ShapeGate(path=path, dimensions=used, shape=shape))
    try:
        return strategy_of(*gates, matrices=matrices)
    except RuleError:  # two ids that only look alike once joined by "/"
        return strategy_of(box(("A",), channel("X")))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(strategies())
def test_what_is_written_is_read_back_as_the_same_records(strategy: GatingStrategy) -> None:
    content = write_gatingml(strategy)
    again = read(content)
    assert again.gates == strategy.gates
    assert again.matrices == strategy.matrices
    assert write_gatingml(again) == content


def test_an_operator_with_one_gate_is_written_with_it_twice() -> None:
    one = Operand(path=("A",), complement=False)
    strategy = strategy_of(
        box(("A",), channel("X")), BooleanGate(path=("B",), operator="or", operands=(one,))
    )
    assert read(write_gatingml(strategy)).gates[1] == BooleanGate(
        path=("B",), operator="or", operands=(one, one)
    )


def scaled(scale: Biex | FlowJoLog) -> Dimension:
    return Dimension(name="X", by="channel", spellings=("X",), compensation="uncompensated", transform=scale)


def marker(*spellings: str) -> Dimension:
    return Dimension(name=spellings[0], by="marker", spellings=spellings, compensation="FCS", transform=None)


ONE = SpilloverMatrix(fluorochromes=("F",), detectors=("X",), coefficients=((1.0,),))


@pytest.mark.parametrize(
    ("strategy", "place"),
    [
        (
            strategy_of(box(("A",), scaled(Biex(top=262144.0, positive=4.5, negative=0.0, width=-10.0)))),
            "scale biex",
        ),
        (strategy_of(box(("A",), scaled(FlowJoLog(offset=1.0, decades=4.0)))), "scale flowjo_log"),
        (strategy_of(box(("A",), marker("CD19"))), "dimension CD19"),
        (strategy_of(box(("A",), channel("F", "M")), matrices={"M": ONE}), "matrix M"),
        (
            strategy_of(
                box(
                    ("A",),
                    RatioDimension(
                        name="R",
                        numerator=channel("X", "FCS"),
                        denominator=channel("Y"),
                        A=1.0,
                        B=0.0,
                        C=0.0,
                        transform=None,
                    ),
                )
            ),
            "gate A",
        ),
        (
            strategy_of(
                ShapeGate(
                    path=("A",),
                    dimensions=(channel("X"),),
                    shape=Ellipsoid(mean=(0.0,), covariance=((1.0,),), distance_square=1.0),
                )
            ),
            "gate A",
        ),
        (strategy_of(box(("A\x00",), channel("X"))), None),
    ],
)
def test_what_the_standard_cannot_say_is_refused_by_name(strategy: GatingStrategy, place: str | None) -> None:
    with pytest.raises(RuleError) as error:
        write_gatingml(strategy)
    assert (error.value.code, error.value.place) == ("GML_CANNOT_EXPRESS", place)


def test_markers_become_the_channels_of_one_file() -> None:
    tube = dataset(np.zeros((1, 2)), ("FL1-A", "FL2-A"), labels=("CD19 PE", "CD10 APC"))
    matrix = SpilloverMatrix(
        fluorochromes=("F", "G"), detectors=("FL1-A", "FL2-A"), coefficients=((1.0, 0.0), (0.0, 1.0))
    )
    ratio = RatioDimension(
        name="R", numerator=marker("CD10"), denominator=marker("CD19"), A=1.0, B=0.0, C=0.0, transform=None
    )
    strategy = strategy_of(
        box(("A",), marker("CD 19", "CD19"), channel("G", "M"), ratio), matrices={"M": matrix}
    )
    named = with_channels(strategy, tube).dimensions
    assert named == (
        channel("FL1-A", "FCS"),
        channel("G", "M"),
        RatioDimension(
            name="R",
            numerator=channel("FL2-A", "FCS"),
            denominator=channel("FL1-A", "FCS"),
            A=1.0,
            B=0.0,
            C=0.0,
            transform=None,
        ),
    )
    assert b"FL1-A" in write_gatingml(with_channels(strategy, tube))


def test_a_marker_that_a_file_has_not_is_an_error() -> None:
    with pytest.raises(InputError, match="CD19"):
        with_channels(strategy_of(box(("A",), marker("CD19"))), dataset([[0.0]], ("X",)))
