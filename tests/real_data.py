"""Real files lie outside the project, in the folder that MRDKIT_TEST_DATA names."""

import os
from pathlib import Path

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
