"""Real FCS files of many cytometers and small files with one defect each: what a correct reader yields.

The truth stands in `flow/expected.json` and was confirmed by independent readers. `raw` are the numbers in
the file; `scaled_event0` is after amplification and gain, with Time left as stored.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from real_data import ROOT, needs_real_data, real

from mrdkit.errors import InputError
from mrdkit.flow import FcsDataset, read_fcs, read_fcs_datasets
from mrdkit.flow.fcs_spillover import spillover_keywords
from mrdkit.flow.scaling import is_time

pytestmark = needs_real_data


def expected_files(outcome: str) -> list[Mapping[str, Any]]:
    path = ROOT / "flow" / "expected.json"
    files = json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else []
    return [file for file in files if file["outcome"] == outcome]


def name_of(file: Mapping[str, Any]) -> str:
    return str(file["file"])


@pytest.mark.parametrize("file", expected_files("whole"), ids=name_of)
def test_file_is_read_whole(file: Mapping[str, Any]) -> None:
    datasets = read_fcs_datasets(real("flow/" + file["file"]))
    assert len(datasets) == len(file["datasets"])
    for dataset, expected in zip(datasets, file["datasets"], strict=True):
        check_description(dataset, expected, file)
        check_values(dataset, expected)


def check_description(dataset: FcsDataset, expected: Mapping[str, Any], file: Mapping[str, Any]) -> None:
    written = [dataset.text.get(f"$P{c.index}N", "").strip() for c in dataset.channels]
    assert written == expected["names"]
    assert [str(c.bits) for c in dataset.channels] == expected["bits"]
    assert (dataset.index, dataset.version) == (expected["index"], expected["version"])
    assert (dataset.n_events, dataset.n_events_declared) == (expected["events"], expected["events_declared"])
    assert dataset.data_type == expected["datatype"].upper()
    assert dataset.byte_order == {"1": "little", "4": "big"}[expected["byteord"][0]]
    assert expected["offsets_used"] in {dataset.offsets_used, "none"}
    assert sorted(expected["spillover"]) == list(spillover_keywords(dataset.text))
    required = {flag.upper() for flag in (*expected["flags"], *file.get("must_flag", ()))}
    assert required <= {warning.code for warning in dataset.warnings}
    for key, value in file.get("text", {}).items():
        assert dataset.text[key] == value
    if "gain" in file:
        position, gain = file["gain"]
        assert dataset.channels[position].gain == gain


def check_values(dataset: FcsDataset, expected: Mapping[str, Any]) -> None:
    stored = dataset.stored()
    assert stored.shape == (expected["events"], expected["parameters"])
    for check in expected["checks"]:
        np.testing.assert_allclose(stored[check["event"]], check["raw"], rtol=1e-8)
    if not dataset.n_events:
        return
    np.testing.assert_allclose(stored.mean(axis=0), expected["column_mean_raw"], rtol=1e-6)
    if "scaled_event0" in expected:
        not_time = [i for i, c in enumerate(dataset.channels) if not is_time(c, dataset.text)]
        first = dataset.linear()[0]
        np.testing.assert_allclose(first[not_time], np.array(expected["scaled_event0"])[not_time], rtol=1e-6)


@pytest.mark.parametrize("file", expected_files("refuse"), ids=name_of)
def test_file_is_refused(file: Mapping[str, Any]) -> None:
    code = {"not an FCS header": "NOT_FCS", "no DATA bytes although $TOT > 0": "DATA_MISSING"}[file["reason"]]
    with pytest.raises(InputError) as caught:
        read_fcs(real("flow/" + file["file"]))
    assert caught.value.code == code
    assert caught.value.file is not None


def test_events_of_the_gating_standard_are_the_published_ones() -> None:
    published = np.load(real("flow/reference_values/data1_original_events.npy")).reshape(13_367, 8)
    np.testing.assert_array_equal(read_fcs(real("flow/gatingml2/data1.fcs")).stored(), published)


def test_time_of_a_facsdiva_file_is_in_seconds_and_its_gain_is_flagged() -> None:
    dataset = read_fcs(real("flow/fcs_zoo/facs_diva_test.fcs"))
    assert (dataset.text["$TIMESTEP"], dataset.text["$P1G"]) == ("0.01", "0.01")
    np.testing.assert_array_equal(dataset.linear_columns([0])[0], dataset.stored_columns([0])[0] * 0.01)
    assert "TIME_GAIN_IGNORED" in {warning.code for warning in dataset.warnings}
