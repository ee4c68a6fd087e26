"""A place that cannot be written is named with what to do, and nothing is left half written."""

from pathlib import Path

import pytest

from mrdkit.errors import UsageError
from mrdkit.files import write_bytes


@pytest.mark.parametrize("name", ["file/below", "folder"])
def test_a_place_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError) as caught:
        write_bytes(tmp_path / name, b"new")
    assert (caught.value.code, caught.value.file) == ("OUTPUT_UNWRITABLE", str(tmp_path / name))
    assert caught.value.found
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"mine"
