"""The documentation cannot fall behind: commands and options that it shows exist, and so do its links."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from mrdkit.cli.root import app

PROJECT = Path(__file__).parents[2]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").glob("how-to/*.md")),
    *sorted((PROJECT / "docs").glob("definitions/*.md")),
]
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^\s*(?:\.venv/bin/)?mrdkit ([^`#\n]+)", re.MULTILINE)
INLINE = re.compile(r"`mrdkit ([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def shown_commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line for block in FENCED.findall(text) for line in SHOWN.findall(block)]
        name = page.relative_to(PROJECT).as_posix()
        found += [(name, " ".join(line.split())) for line in lines + INLINE.findall(text)]
    return found


def options_of(command: Any) -> set[str]:  # typer's own command class is private
    return {"--help", *(option for parameter in command.params for option in parameter.opts)}


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_a_shown_command_exists(page: str, line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = line.split()
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{page}: mrdkit {line}"
        command = command.commands[words.pop(0)]
    used = {word.split("=")[0] for word in words if word.startswith("-") and len(word) > 1}
    assert used <= options_of(command), f"{page}: mrdkit {line}"


def test_something_is_shown() -> None:
    assert len(shown_commands()) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_room_has_its_definitions() -> None:
    pages = {path.stem for path in (PROJECT / "docs" / "definitions").glob("*.md")}
    assert pages >= {
        "flow-files",
        "flow-mrd",
        "gating",
        "ngs-mrd",
        "crlf2-fish",
        "karyotype",
        "tp53",
        "response",
        "report",
    }


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(
        r"^make (\w+)", (PROJECT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
