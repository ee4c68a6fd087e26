"""Calls of simulated tubes whose leukemic cells are known, where the simulator is at hand.

Fewer tubes than benchmarks/flow_mrd_accuracy.py measures; the bounds are those of the definition, and no tube
of these seeds may break them: no fresh blank positive, no diluted or defective tube negative.
"""

import csv
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from real_data import ROOT

from mrdkit.flow import Background, build_background, call_flow_mrd, for_patient, read_fcs, read_panel
from mrdkit.results import FlowMrdCall, Specimen

pytestmark = pytest.mark.simulated

SIMULATOR = ROOT.parent / "tools" / "simulate_tubes.py"
PANEL = read_panel("b_all_mrd")
TARGETS = {"inotuzumab": "CD22", "blinatumomab": "CD19"}
PLAN = "--blanks 20 --diagnoses 1 --negatives 3 --dilutions 1e-4,1e-3 --replicates 2 --events 300000"

Rows = Mapping[str, Mapping[str, str]]


def table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module", params=[(31, "1.0", "all"), (32, "0.5", "")], ids=["clear", "weak"])
def calls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Mapping[str, str], FlowMrdCall]]:
    """Return the truth and the call of every follow-up tube; the caller sees files and manifest only."""
    if not SIMULATOR.is_file():
        pytest.skip(f"the simulator is missing: {SIMULATOR}; set MRDKIT_TEST_DATA")
    seed, strength, traps = request.param
    folder = tmp_path_factory.mktemp("simulated")
    words = ["--seed", str(seed), "--strength", strength, "--traps", traps, *PLAN.split()]
    subprocess.run([sys.executable, str(SIMULATOR), "--out", str(folder), *words], check=True)
    manifest, truth = table(folder / "manifest.csv"), table(folder / "truth.csv")
    blanks = [name for name, row in manifest.items() if row["role"] == "blank"]
    base = build_background(((name, read_fcs(folder / name)) for name in blanks), PANEL)
    backgrounds: dict[str, Background] = {}
    for name, row in manifest.items():
        if row["role"] == "diagnosis":
            backgrounds[row["patient"]] = for_patient(base, PANEL, read_fcs(folder / name))
    found = []
    for name, row in manifest.items():
        if row["role"] == "followup":
            targeted = frozenset(TARGETS[drug] for drug in row["therapy"].split(";") if drug in TARGETS)
            call = call_flow_mrd(
                read_fcs(folder / name),
                PANEL,
                specimen=Specimen(),
                targeted=targeted,
                background=backgrounds[row["patient"]],
            )
            found.append((truth[name], call))
    return found


def test_fresh_blanks_dilutions_and_defects(calls: list[tuple[Mapping[str, str], FlowMrdCall]]) -> None:
    kinds = {kind for kind in (truth["kind"] for truth, _ in calls) if kind.startswith("trap:")}
    assert len(calls) >= 7
    for truth, call in calls:
        where = f"{truth['file']}, {truth['kind']}: {call.state}, {call.flags}"
        if truth["kind"] == "negative":
            assert call.state != "positive", where
        elif truth["kind"] == "dilution":
            assert call.detected, where
            assert call.fraction is not None
            assert abs(math.log10(call.fraction / float(truth["true_fraction"]))) <= 0.3, where
            assert call.ci_low is not None
            assert call.ci_high is not None
            assert call.ci_low <= float(truth["true_fraction"]) <= call.ci_high, where
        else:
            assert call.state in truth["acceptable"].split("|"), where
            assert call.state != "negative", where
    assert len(kinds) in {0, 8}
