"""FlowJo 10 workspaces: samples, names, compensation, units and boolean populations; nothing is dropped."""

from collections.abc import Sequence

import numpy as np
import pytest
from flow_data import dataset
from gating_documents import gate_of, matrix_of, population, workspace

from mrdkit.errors import MrdkitError, RuleError, UsageError
from mrdkit.flow import GatingStrategy, apply_gating
from mrdkit.flow.flowjo import read_flowjo
from mrdkit.flow.gates import Box, Polygon
from mrdkit.flow.strategy import BooleanGate, ShapeGate
from mrdkit.flow.transforms import Asinh, Biex, FlowJoLog, Hyperlog, Logicle, Transform
from mrdkit.flow.xml_input import xml_from

LINEAR = 'linear transforms:minRange="0" transforms:maxRange="1000" gain="1"'
SPILL = {"X": {"X": 1.0, "Y": 0.5}, "Y": {"X": 0.0, "Y": 1.0}}
RANGE = gate_of("RectangleGate", ["X|1|2"], attributes='eventsInside="1"')


def read(document: str, *, sample: str | None = None, file_names: Sequence[str] = ()) -> GatingStrategy:
    root = xml_from(document.encode())
    return read_flowjo(root, strategy_id="s", version="1", sample=sample, file_names=file_names)


def corners(*vertices: tuple[float, float], tag: str = "vertex") -> str:
    return "".join(
        f'<gating:{tag}><gating:coordinate data-type:value="{x}"/>'
        f'<gating:coordinate data-type:value="{y}"/></gating:{tag}>'
        for x, y in vertices
    )


def code_of(document: str, *, sample: str | None = None) -> str:
    with pytest.raises(MrdkitError) as error:
        read(document, sample=sample)
    return error.value.code


@pytest.mark.parametrize(
    ("sample", "file_names", "place"),
    [
        ("two.fcs", (), 2),
        ("two.fcs", ("two.fcs",), 2),
        ("3", (), 3),  # FlowJo's own number of a sample
        (None, ("one.fcs",), 1),
        (None, ("elsewhere.fcs", "three.fcs"), 3),
    ],
)
def test_the_sample_is_found_by_name(sample: str | None, file_names: tuple[str, ...], place: int) -> None:
    document = workspace([population("A", RANGE)], names=("one.fcs", "two.fcs", "three.fcs"))
    strategy = read(document, sample=sample, file_names=file_names)
    assert strategy.reasons[0].startswith(f"Sample {place} of 3 in the workspace was taken")
    assert strategy.flags == ()


def test_a_sample_that_is_asked_for_by_another_name_than_the_files_is_flagged() -> None:
    strategy = read(workspace([population("A", RANGE)]), sample="tube.fcs", file_names=("other.fcs",))
    assert strategy.flags == ("SAMPLE_NAME_DIFFERS",)


@pytest.mark.parametrize(
    ("sample", "file_names", "code"),
    [
        (None, (), "SAMPLE_AMBIGUOUS"),
        (None, ("other.fcs",), "SAMPLE_UNKNOWN"),
        (None, ("one.fcs", "two.fcs"), "SAMPLE_AMBIGUOUS"),
        ("other.fcs", (), "SAMPLE_UNKNOWN"),
    ],
)
def test_a_sample_that_is_not_clear_is_an_error_without_names(
    sample: str | None, file_names: tuple[str, ...], code: str
) -> None:
    document = workspace([population("A", RANGE)], names=("one.fcs", "two.fcs"))
    with pytest.raises(UsageError) as error:
        read(document, sample=sample, file_names=file_names)
    assert error.value.code == code
    assert "one.fcs" not in str(error.value)


def test_the_only_sample_is_not_taken_for_a_file_of_another_name() -> None:
    document = workspace([population("A", RANGE)])
    assert len(read(document).gates) == 1
    with pytest.raises(UsageError):
        read(document, file_names=("other.fcs",))


def test_two_samples_of_one_name_are_ambiguous() -> None:
    document = workspace([population("A", RANGE)], names=("one.fcs", "one.fcs"))
    assert code_of(document, sample="one.fcs") == "SAMPLE_AMBIGUOUS"
    assert len(read(document, sample="2").gates) == 1


@pytest.mark.parametrize("name", [".", "..", "CD3+/CD4+", "a & b, c", "  blank  ", "*", "root", "é<&>\"'"])
def test_any_name_is_a_name(name: str) -> None:
    strategy = read(workspace([population(name, RANGE, population(name, RANGE), population("B", RANGE))]))
    assert [gate.path for gate in strategy.gates] == [(name,), (name, name), (name, "B")]


def test_names_may_repeat_under_different_parents() -> None:
    below = [population("IFNg+", RANGE)]
    strategy = read(workspace([population("CD4+", RANGE, *below), population("CD8+", RANGE, *below)]))
    assert list(strategy.ids.values()) == ["CD4+", "CD4+/IFNg+", "CD8+", "CD8+/IFNg+"]


def test_stored_counts_come_along() -> None:
    tree = population("A", RANGE, population("B", RANGE), count=7)
    strategy = read(workspace([tree], count=20))
    assert strategy.expected_counts == {("A",): 7, (): 20}


@pytest.mark.parametrize(
    ("kind", "expected"), [("AndNode", [0, 1, 0]), ("OrNode", [1, 1, 1]), ("NotNode", [0, 0, 1])]
)
def test_boolean_populations_are_read(kind: str, expected: list[int]) -> None:
    named = ["A"] if kind == "NotNode" else ["A", "P/B"]
    dependents = "".join(f'<Dependent name="{name}"/>' for name in named)
    boolean = population("C", f"<Dependents>{dependents}</Dependents>", kind=kind)
    document = workspace(
        [
            boolean,  # before what it refers to
            population("A", gate_of("RectangleGate", ["X|0|2"])),
            population(
                "P", gate_of("RectangleGate", ["X"]), population("B", gate_of("RectangleGate", ["X|1|3"]))
            ),
        ]
    )
    result = apply_gating(dataset([[0.5], [1.5], [2.5]], ("X",)), read(document))
    assert result.membership("C").astype(int).tolist() == expected


def test_a_reference_must_mean_one_population() -> None:
    below = '<Dependents><Dependent name="{}"/></Dependents>'
    split = population("a/b", RANGE), population("a", RANGE, population("b", RANGE))
    for name, code in (("absent", "GATE_UNKNOWN"), ("a/b", "GATE_AMBIGUOUS")):
        boolean = population("C", below.format(name), kind="NotNode")
        assert code_of(workspace([*split, boolean])) == code


def test_events_outside_a_gate_are_its_complement_within_the_parent() -> None:
    outside = gate_of("RectangleGate", ["X|1|2"], attributes='eventsInside="0"')
    parent = gate_of("RectangleGate", ["X|0|9"])
    strategy = read(workspace([population("P", parent, population("A", outside))]))
    result = apply_gating(dataset([[-1.0], [0.0], [1.0], [1.5], [2.0]], ("X",)), strategy)
    assert result.counts == {"P": 4, "A (inside)": 2, "A": 2}
    assert isinstance(strategy.gates[-1], BooleanGate)
    assert "P/A (inside)" in strategy.reasons[-1]


def scale_of(kind: str, **numbers: float) -> str:
    told = {"length": 256, "maxRange": 262144, **numbers}
    return " ".join([kind, *(f'transforms:{name}="{value}"' for name, value in told.items())])


SCALES: dict[str, tuple[str, Transform]] = {
    "biex": (
        scale_of("biex", neg=0, width=-10, pos=4.5),
        Biex(top=262144.0, positive=4.5, negative=0.0, width=-10.0),
    ),
    "fasinh": (scale_of("fasinh", T=262144, A=0, M=4, W=-10), Asinh(T=262144.0, M=4.0, A=0.0)),
    "hyperlog": (
        scale_of("hyperlog", T=262144, W=0.5, M=4.5, A=0),
        Hyperlog(T=262144.0, W=0.5, M=4.5, A=0.0),
    ),
    "log": (scale_of("log", offset=3, decades=4), FlowJoLog(offset=3.0, decades=4.0)),
    "logicle": (
        scale_of("logicle", T=262144, A=0, W=1, M=4.4),
        Logicle(T=262144.0, W=1.0, M=4.4, A=0.0),
    ),
}


@pytest.mark.parametrize("kind", SCALES)
def test_gates_in_data_units_go_to_the_coordinates_of_the_scale(kind: str) -> None:
    written, scale = SCALES[kind]
    triangle = gate_of("PolygonGate", ["X", "Y"], corners((10, 10), (1e5, 10), (1e5, 1e5)))
    document = workspace(
        [population("A", gate_of("RectangleGate", ["X|10|1e5"])), population("T", triangle)],
        scales={"X": written, "Y": LINEAR},
    )
    rectangle, polygon = read(document).gates
    low, high = scale.apply(np.array([10.0, 1e5]))
    assert isinstance(rectangle, ShapeGate)
    assert rectangle.dimensions[0].transform == scale
    assert rectangle.shape == Box(bounds=((low, high),))
    assert isinstance(polygon, ShapeGate)
    assert polygon.shape == Polygon(vertices=((low, 10.0), (high, 10.0), (high, 1e5)))


def test_an_event_on_a_bound_is_in() -> None:
    values = [[value] for value in (3.0, 10.1, 777.7, 5e4)]
    for written, _ in SCALES.values():
        for (value,) in values:
            gate = gate_of("RectangleGate", [f"X|{value}|"])
            strategy = read(workspace([population("A", gate)], scales={"X": written}))
            assert apply_gating(dataset([[value]], ("X",)), strategy).counts == {"A": 1}


@pytest.mark.parametrize(("prefix", "suffix"), [("Comp-", ""), ("<", ">"), ("", "::c"), ("a.*(", "[")])
def test_the_name_of_a_parameter_says_whether_it_is_compensated(prefix: str, suffix: str) -> None:
    compensated = gate_of("RectangleGate", [f"{prefix}Y{suffix}|0.6|"])
    plain = gate_of("RectangleGate", ["Y|0.6|"])
    matrix = matrix_of(SPILL, prefix=prefix, suffix=suffix)
    strategy = read(workspace([population("C", compensated), population("U", plain)], matrix=matrix))
    tube = dataset([[1.0, 1.0], [0.0, 1.0]], ("X", "Y"))  # all of the first event's Y is spill of X
    assert apply_gating(tube, strategy).counts == {"C": 1, "U": 2}


def test_a_compensated_parameter_is_on_its_own_scale_or_else_on_its_detectors() -> None:
    log, logicle = SCALES["log"], SCALES["logicle"]
    document = workspace(
        [population("A", gate_of("RectangleGate", ["Comp-X|1|", "Comp-Y|1|"]))],
        matrix=matrix_of(SPILL),
        scales={"X": log[0], "Y": log[0], "Comp-Y": logicle[0]},
    )
    assert [axis.transform for axis in read(document).dimensions] == [log[1], logicle[1]]


def test_a_slash_in_a_channels_name_is_an_underscore_in_flowjo() -> None:
    document = workspace([population("A", gate_of("RectangleGate", ["a_b|1|"]))], keywords={"$P1N": "a/b"})
    assert apply_gating(dataset([[2.0]], ("a/b",)), read(document)).counts == {"A": 1}


@pytest.mark.parametrize(
    ("gain", "step", "seconds"),
    [("0.01", "0.01", 5.0), ("0.0101", "0.01", 5.0 / 0.0101 * 0.01), ("1", None, 5.0)],
)
def test_time_is_converted_to_seconds_of_the_file(gain: str, step: str | None, seconds: float) -> None:
    document = workspace(
        [population("A", gate_of("RectangleGate", ["Time|5|"]))],
        scales={"Time": LINEAR.replace('gain="1"', f'gain="{gain}"')},
        keywords={"$P1N": "Time"} | ({} if step is None else {"$TIMESTEP": step}),
    )
    gate = read(document).gates[0]
    assert isinstance(gate, ShapeGate)
    (((low, high),),) = [gate.shape.bounds] if isinstance(gate.shape, Box) else []
    assert low == pytest.approx(seconds, rel=1e-15)
    assert high is None


def test_an_ellipse_is_a_polygon_of_flowjos_axis() -> None:
    body = f"<gating:foci>{corners((98, 128), (158, 128))}</gating:foci>"
    body += f"<gating:edge>{corners((78, 128), (178, 128), (128, 88), (128, 168))}</gating:edge>"
    document = workspace(
        [population("A", gate_of("EllipsoidGate", ["X", "Y"], body))],
        scales={"X": LINEAR, "Y": SCALES["biex"][0]},
    )
    gate = read(document).gates[0]
    assert isinstance(gate, ShapeGate)
    assert isinstance(gate.shape, Polygon)
    vertices = np.array(gate.shape.vertices)
    assert len(vertices) == 128
    x, y = vertices[:, 0] / 1000 * 256, vertices[:, 1] / 4096 * 256
    assert np.allclose(((x - 128) / 50) ** 2 + ((y - 128) / 40) ** 2, 1.0)


ELLIPSE = f"<gating:foci>{corners((9, 9), (9, 9))}</gating:foci>"
ELLIPSE += f"<gating:edge>{corners((5, 9), (13, 9), (9, 5), (9, 13))}</gating:edge>"


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("WSP_VERSION", workspace([population("A", RANGE)], version="9.9.6")),
        ("WSP_VERSION", workspace([population("A", RANGE)], version="")),
        ("WSP_EMPTY", workspace([population("A", RANGE)], names=())),
        ("STRATEGY_EMPTY", workspace([])),
        ("GATE_REPEATED", workspace([population("A", RANGE), population("A", RANGE)])),
        ("GATE_UNNAMED", workspace([population("", RANGE)])),
        ("WSP_INVALID", workspace([population("A", "")])),
        ("WSP_INVALID", workspace([population("A", RANGE + RANGE)])),
        ("WSP_NODE_UNSUPPORTED", workspace([population("A", RANGE, kind="ClusterNode")])),
        ("WSP_GATE_UNSUPPORTED", workspace([population("A", gate_of("CurlyQuad", ["X", "Y"]))])),
        (
            "WSP_GATE_UNSUPPORTED",
            workspace([population("A", gate_of("RectangleGate", ["X|1|"], "<magnet/>"))]),
        ),
        ("WSP_GATE_UNSUPPORTED", workspace([population("A", gate_of("RectangleGate", []))])),
        ("WSP_GATE_UNSUPPORTED", workspace([population("A", RANGE.replace('Inside="1"', 'Inside="2"'))])),
        ("WSP_GATE_UNSUPPORTED", workspace([population("A", RANGE.replace("gating:min", "gating:least"))])),
        ("WSP_NUMBER", workspace([population("A", gate_of("RectangleGate", ["X|NaN|"]))])),
        ("WSP_NUMBER", workspace([population("A", gate_of("RectangleGate", ["X|wide|"]))])),
        ("WSP_NUMBER", workspace([population("A", RANGE)], scales={"X": LINEAR.replace("1000", "")})),
        ("GATE_INVALID", workspace([population("A", gate_of("RectangleGate", ["X|2|1"]))])),
        ("WSP_SCALE", workspace([population("A", RANGE)], scales={"X": "miltenyi"})),
        (
            "WSP_SCALE",
            workspace([population("A", RANGE)], scales={"X": SCALES["biex"][0].replace('"256"', '"512"')}),
        ),
        (
            "SCALE_INVALID",
            workspace(
                [population("A", RANGE)], scales={"X": 'log transforms:offset="0" transforms:decades="4"'}
            ),
        ),
        (
            "WSP_GAIN",
            workspace([population("A", RANGE)], scales={"X": LINEAR.replace('gain="1"', 'gain="2"')}),
        ),
        ("WSP_GAIN", workspace([population("A", RANGE)], keywords={"$P1N": "X", "$P1G": "4"})),
        (
            "WSP_GAIN",
            workspace(
                [population("A", gate_of("RectangleGate", ["Time|1|"]))],
                keywords={"$P1N": "Time", "$TIMESTEP": "0.1"},
            ),
        ),
        ("WSP_COMPENSATION", workspace([population("A", RANGE)], matrix=matrix_of(SPILL, prefix=""))),
        (
            "WSP_COMPENSATION",
            workspace(
                [population("A", gate_of("RectangleGate", ["Comp-X|1|"]))], matrix=matrix_of(SPILL) * 2
            ),
        ),
        (
            "WSP_SPECTRAL",
            workspace(
                [population("A", gate_of("RectangleGate", ["Comp-X|1|"]))],
                matrix=matrix_of(SPILL, more='spectral="1"'),
            ),
        ),
        (
            "WSP_MATRIX",
            workspace(
                [population("A", gate_of("RectangleGate", ["Comp-X|1|"]))],
                matrix=matrix_of({"X": {"X": 1.0}, "Y": SPILL["Y"]}),
            ),
        ),
        (
            "WSP_REFUSED",
            workspace(
                [population("A", gate_of("EllipsoidGate", ["X", "Y"], ELLIPSE))],
                scales={"X": LINEAR, "Y": LINEAR},
            ),
        ),
        (
            "GATE_INVALID",
            workspace(
                [population("A", gate_of("EllipsoidGate", ["X", "Y"], ELLIPSE.replace('"9"', '"8"', 1)))]
            ),
        ),
        (
            "WSP_REFUSED",
            workspace(
                [population("A", gate_of("EllipsoidGate", ["X", "Y"], "<gating:foci/><gating:edge/>"))]
            ),
        ),
    ],
)
def test_what_cannot_be_honoured_exactly_is_refused(code: str, document: str) -> None:
    assert code_of(document) == code


def test_a_compensated_parameter_without_its_matrix_is_no_channel() -> None:
    strategy = read(workspace([population("A", gate_of("RectangleGate", ["Comp-X|1|"]))]))
    with pytest.raises(MrdkitError) as error:
        apply_gating(dataset([[1.0]], ("X",)), strategy)
    assert error.value.code == "CHANNEL_MISSING"


def test_too_many_populations_are_refused() -> None:
    with pytest.raises(RuleError) as error:
        read(workspace([population(f"A{i}", RANGE) for i in range(2001)]))
    assert error.value.code == "STRATEGY_TOO_LARGE"
