"""ISAC Gating-ML 2.0 compliance set, from its own XML: every event's membership equals the published truth.

FlowKit reads the XML and must gate nothing; where no truth is published it is asked as a second engine.
"""

from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from real_data import ROOT, real

from mrdkit.errors import RuleError
from mrdkit.flow import FcsDataset, GatingStrategy, apply_gating, load_gating, read_fcs
from mrdkit.flow.gatingml_writing import write_gatingml

SET = "flow/gatingml2"
DOCUMENTS = sorted(path.stem for path in (ROOT / SET / "gml").glob("*.xml")) or ["missing"]
#: The schema is broken on purpose.
REFUSED = {"gml_range_gate_attr_testing": "GML_SCHEMA"}
READ = [name for name in DOCUMENTS if name not in REFUSED]

pytestmark = pytest.mark.filterwarnings("ignore")  # FlowKit's own dependencies warn on import


@cache
def data1() -> FcsDataset:
    return read_fcs(real(f"{SET}/data1.fcs"))


def document(name: str) -> Path:
    return real(f"{SET}/gml/{name}.xml")


def truths() -> set[str]:
    return {path.stem.removeprefix("Results_") for path in real(f"{SET}/truth").glob("*.txt")}


def truth(gate_id: str) -> NDArray[np.bool_]:
    return np.loadtxt(real(f"{SET}/truth/Results_{gate_id}.txt"), dtype=np.int8).astype(bool)


def refuse_to_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("FlowKit was asked to gate")

    flowkit = import_module("flowkit")
    monkeypatch.setattr(flowkit.GatingStrategy, "gate_sample", refused)
    for name in ("RectangleGate", "PolygonGate", "EllipsoidGate", "QuadrantGate", "BooleanGate"):
        monkeypatch.setattr(getattr(flowkit.gates, name), "apply", refused)


def compare_with_truths(strategy: GatingStrategy) -> None:
    published = truths() & set(strategy.ids.values())
    result = apply_gating(data1(), strategy)
    for gate_id in published:
        assert np.array_equal(result.membership(gate_id), truth(gate_id)), gate_id


def test_every_published_truth_belongs_to_a_gate_of_the_set() -> None:
    declared = {gate_id for name in READ for gate_id in load_gating(document(name)).ids.values()}
    assert len(truths()) == 30
    assert truths() <= declared


@pytest.mark.parametrize("name", READ)
def test_membership_of_every_event(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_to_gate(monkeypatch)
    compare_with_truths(load_gating(document(name)))


@pytest.mark.parametrize("name", READ)
def test_a_document_that_was_written_gates_the_same(name: str, tmp_path: Path) -> None:
    loaded = load_gating(document(name))
    written = tmp_path / "written.xml"
    written.write_bytes(write_gatingml(loaded))
    again = load_gating(written)
    assert again.gates == loaded.gates
    assert again.matrices == loaded.matrices
    assert write_gatingml(again) == written.read_bytes()
    compare_with_truths(again)


@pytest.mark.parametrize("name", READ)
def test_same_events_as_flowkit(name: str) -> None:
    flowkit = import_module("flowkit")
    sample = flowkit.Sample(str(real(f"{SET}/data1.fcs")))
    theirs = flowkit.parse_gating_xml(str(document(name))).gate_sample(sample)
    strategy = load_gating(document(name))
    ours = apply_gating(data1(), strategy)
    for gate_id in strategy.ids.values():
        assert np.array_equal(ours.membership(gate_id), theirs.get_gate_membership(gate_id)), gate_id


def test_a_matrix_that_is_no_covariance_follows_the_formula_and_is_flagged() -> None:
    strategy = load_gating(document("gml_ellipsoid3d_gate"))
    assert strategy.flags == ("ELLIPSOID_NOT_DEFINITE",)
    assert 0 < apply_gating(data1(), strategy).counts["Ellipsoid3D"] < data1().n_events


@pytest.mark.parametrize(("name", "code"), sorted(REFUSED.items()))
def test_what_cannot_be_honoured_is_refused(name: str, code: str) -> None:
    with pytest.raises(RuleError) as error:
        load_gating(document(name))
    assert error.value.code == code
    assert name in str(error.value)
