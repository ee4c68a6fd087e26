"""The pages of docs/schema say what the code writes; below the mark they are made from it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from schema_pages import PAGES

pytestmark = pytest.mark.golden

SCHEMA = Path(__file__).parents[2] / "docs" / "schema"
MARK = "<!-- Below: made from the code by `make golden`. -->\n"


@pytest.mark.parametrize("name", PAGES)
def test_page_and_code_are_the_same(name: str, golden: Callable[[str, str], None]) -> None:
    prose, mark, _ = (SCHEMA / name).read_text(encoding="utf-8").partition(MARK)
    assert mark, f"{name} has no mark"
    golden(str(SCHEMA / name), prose + MARK + "\n" + "\n".join(PAGES[name]()))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_states_its_version_and_changes(name: str) -> None:
    text = (SCHEMA / name).read_text(encoding="utf-8")
    version = name.removesuffix(".md").partition("-v")[2]
    assert text.startswith("# ")
    assert f", version {version}\n" in text
    assert f"| {version} | " in text, "a row of the table of changes"
