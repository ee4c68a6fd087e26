"""The synthetic study: the same seed gives the same bytes, and nothing else in a folder is touched."""

import hashlib
from pathlib import Path

import pytest

from mrdkit.errors import UsageError
from mrdkit.files import read_table
from mrdkit.study.demo import DEFAULT_PATIENTS, write_demo


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "study"
    write_demo(folder, patients=1, seed=7)
    return folder


def test_the_same_seed_gives_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "again", patients=1, seed=7)
    write_demo(tmp_path / "other", patients=1, seed=8)
    assert digests(tmp_path / "again") == digests(demo)
    assert digests(tmp_path / "other") != digests(demo)


def test_the_manifest_names_every_file_with_its_digest(demo: Path) -> None:
    table = read_table(demo / "manifest.csv", required=["path", "sha256"])
    named = {row.text("path"): row.text("sha256") for row in table.rows}
    assert named == {path: digest for path, digest in digests(demo).items() if path.startswith("files/")}
    assert len(named) > 0


def test_every_page_can_say_that_it_is_synthetic(demo: Path) -> None:
    assert "Synthetic data" in (demo / "README.txt").read_text()
    assert 'notice = "Synthetic data' in (demo / "study.toml").read_text()


def test_twelve_patients_are_the_default() -> None:
    assert DEFAULT_PATIENTS == 12


def test_an_earlier_demo_is_replaced_but_nothing_else_is(demo: Path, tmp_path: Path) -> None:
    write_demo(demo, patients=1, seed=7)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="the folder is not empty"):
        write_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("patients", [0, -1, 501])
def test_the_number_of_patients_has_a_range(tmp_path: Path, patients: int) -> None:
    with pytest.raises(UsageError, match="1 to 500"):
        write_demo(tmp_path / "new", patients=patients)
