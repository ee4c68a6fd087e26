"""Clinical definitions as tables that a hematologist can read and correct."""


def rows(table: str) -> list[list[str]]:
    """Return the cells of a `|` table below its two heading lines, without blanks."""
    lines = table.strip().splitlines()[2:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]
