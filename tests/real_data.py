"""Real files lie outside the project, in the folder that MRDKIT_TEST_DATA names."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("MRDKIT_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))

needs_real_data = pytest.mark.skipif(
    not ROOT.is_dir(),
    reason=f"real files are missing: {ROOT} is no folder; set MRDKIT_TEST_DATA",
)


def real(relative: str) -> Path:
    """Return one real file or folder, or skip the test that asks for it where it is missing."""
    path = ROOT / relative
    if not path.exists():
        pytest.skip(f"real file is missing: {path}; set MRDKIT_TEST_DATA")
    return path


def real_rows(relative: str) -> list[dict[str, str]]:
    """Return the rows of one real table, none where it is missing."""
    path = ROOT / relative
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def or_skip(cases: list[dict[str, str]]) -> list[Any]:
    """Return test cases, or one that is skipped and says that its real file is missing."""
    reason = f"real file is missing below {ROOT}; set MRDKIT_TEST_DATA"
    return cases or [pytest.param({}, id="missing", marks=pytest.mark.skip(reason=reason))]
