"""The command line answers at once: `import mrdkit` and `--help` load no heavy library."""

import subprocess
import sys

import pytest

HEAVY = (
    "flowkit",
    "pandas",
    "bokeh",
    "sklearn",
    "scipy.stats",
    "matplotlib",
    "polars",
    "pysam",
    "sqlalchemy",
    "alembic",
    "psycopg",
)

PROBE = """
import contextlib, io, sys
{action}
print(*sorted(set(sys.modules) & {heavy!r}))
"""

HELP = """
from mrdkit.cli import main
sys.argv = ["mrdkit", *{arguments!r}]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as shown:
    main()
assert "Usage" in shown.getvalue() or "mrdkit 0" in shown.getvalue()
"""


def loaded_by(action: str) -> str:
    probe = PROBE.format(action=action, heavy=set(HEAVY))
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_importing_mrdkit_loads_nothing_heavy() -> None:
    assert loaded_by("import mrdkit") == ""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["flow", "--help"], ["tp53", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(HELP.format(arguments=arguments)) == ""


def test_reading_and_gating_files_loads_no_flowkit() -> None:
    assert not set(loaded_by("import mrdkit.flow").split()) & {"flowkit", "bokeh", "pandas", "scipy.stats"}


def test_the_probe_can_fail() -> None:
    assert loaded_by("import scipy.stats") != ""
