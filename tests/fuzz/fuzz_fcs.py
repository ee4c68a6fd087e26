"""Read damaged FCS files: python tests/fuzz/fuzz_fcs.py --seconds 600; see tests/fcs_fuzzing.py."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    runpy.run_module("fcs_fuzzing", run_name="__main__", alter_sys=True)
