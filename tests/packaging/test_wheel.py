"""What is released is the wheel: it installs into an empty environment and runs the demo from there."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

pytestmark = pytest.mark.packaging


def run(*command: str | Path, cwd: Path, expected: tuple[int, ...] = (0,)) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(  # our own commands
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in expected, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an environment that holds the built wheel and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--outdir", folder, PROJECT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    binaries = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return binaries


def test_the_wheel_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "mrdkit", "--version", cwd=tmp_path).startswith("mrdkit ")
    run(installed / "mrdkit", "doctor", cwd=tmp_path)
    run(installed / "mrdkit", "demo", "study", "--patients", "2", cwd=tmp_path)
    run(installed / "mrdkit", "run", "study", "-o", "out", cwd=tmp_path, expected=(0, 4))
    assert (tmp_path / "out" / "results.sqlite").is_file()
    assert len(list((tmp_path / "out" / "reports").glob("*.html"))) == 3  # two patients and the cohort


def test_the_wheel_holds_kernels_stubs_and_rules(installed: Path, tmp_path: Path) -> None:
    listing = run(
        installed / "python",
        "-c",
        "from importlib.resources import files; from pathlib import Path;"
        "root = Path(str(files('mrdkit')));"
        "print(*sorted(str(p.relative_to(root)) for p in root.rglob('*') if p.is_file()), sep='\\n')",
        cwd=tmp_path,
    )
    kernels = {path.stem for path in (PROJECT / "ext").glob("*.pyx")}
    for kernel in kernels:
        assert f"_ext/{kernel}.pyi" in listing
        assert f"_ext/{kernel}." in listing.replace(f"_ext/{kernel}.pyi", "")
    shipped = {path.relative_to(PROJECT / "reference") for path in (PROJECT / "reference").rglob("*.toml")}
    for rule in shipped:
        assert f"reference/{rule.as_posix()}" in listing
    assert "py.typed" in listing
