"""FlowIO reads the same numbers where FlowIO is right: every file of the zoo that it reads by default.

Left out by rule, not by name: files that expected.json says FlowIO does not read, or reads otherwise.
"""

import json

import flowio
import numpy as np
import pytest
from real_data import ROOT, needs_real_data, real

from mrdkit.flow import read_fcs

pytestmark = needs_real_data

SECOND = "flowio-1.4.0"
FURTHER = (
    "compensation/test_comp_example.fcs",
    "flowjo_wsp/test_data_diamond_01.fcs",
    "flowjo_wsp/data_set_simple_line_100.fcs",
    "gatingml2/data1.fcs",
)


def confirmed_files() -> list[str]:
    path = ROOT / "flow" / "expected.json"
    files = json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else []
    confirmed = [
        str(file["file"])
        for file in files
        for dataset in file.get("datasets", ())
        if SECOND in dataset["verified_by"] and SECOND not in dataset["peers_that_differ"]
    ]
    return [*confirmed, *FURTHER]


@pytest.mark.filterwarnings("ignore::UserWarning:flowio")
@pytest.mark.parametrize("name", confirmed_files())
def test_stored_numbers_are_those_of_flowio(name: str) -> None:
    path = real("flow/" + name)
    # FlowIO refuses both defects unless its user says that they do not matter.
    second = flowio.FlowData(str(path), ignore_offset_discrepancy=True, ignore_offset_error=True)
    expected = np.asarray(second.as_array(preprocess=False), dtype=np.float64)
    np.testing.assert_array_equal(read_fcs(path).stored(), expected)
