"""Clinical facts as data: panels, criteria, policies, the TP53 reference. Each file states its source.

This module only finds and hands out the files; it knows no format and imports nothing of mrdkit.
"""

from importlib.resources import files

__all__ = ["names", "text"]


def names(kind: str) -> tuple[str, ...]:
    """Return the names of the rules shipped in one folder, sorted, without `.toml`."""
    folder = files(__name__).joinpath(kind)
    if not folder.is_dir():
        return ()
    found = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def text(kind: str, file_name: str) -> str:
    """Return the text of one shipped file.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return files(__name__).joinpath(kind, file_name).read_text(encoding="utf-8")
