"""Turn the tables of tests/spec into pages, so that the definitions and their tests cannot differ."""

import ast
from pathlib import Path

__all__ = ["write_pages"]


def write_pages(*, specs: Path, into: Path) -> None:
    """Write one Markdown page per test module that holds a table."""
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob("*.md"):
        old.unlink()
    names = []
    for module in sorted(specs.glob("test_*.py")):
        page = _page(module)
        if page:
            name = module.stem.removeprefix("test_")
            (into / f"{name}.md").write_text(page, encoding="utf-8")
            names.append(name)
    toctree = "\n".join(["```{toctree}", ":maxdepth: 1", "", *names, "```"])
    (into / "index.md").write_text(
        "# Tables that the tests check\n\nEach row below is a test of this version.\n\n" + toctree + "\n",
        encoding="utf-8",
    )


def _page(module: Path) -> str | None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    tables = [
        (node.targets[0].id, node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and "-+-" in node.value.value
    ]
    if not tables:
        return None
    title = (ast.get_docstring(tree) or module.stem).splitlines()[0].rstrip(".")
    parts = [f"# {title}"]
    for name, table in tables:
        parts += [f"## {name.replace('_', ' ').capitalize()}", _markdown(table)]
    return "\n\n".join(parts) + "\n"


def _markdown(table: str) -> str:
    header, _, *lines = table.strip().splitlines()
    rows = [[_escape(cell.strip()) for cell in line.split("|")] for line in (header, *lines)]
    rule = ["---"] * len(rows[0])
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], rule, *rows[1:]))


def _escape(cell: str) -> str:
    for sign in ("\\", "&", "*", "_", "<", "[", "]", "`", "$"):
        cell = cell.replace(sign, "\\" + sign)
    return cell
