"""What the de-identification of a study answers: what was written, and by name what was left out.

No value of the input, no name of a file of it and no name of a column that is not known stands in any of it.
"""

from dataclasses import dataclass, field

from mrdkit.flow.deidentify_scan import Removed

__all__ = ["DeidentifiedStudy", "LeftOut", "Notes", "WrittenFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was not carried over.

    Attributes:
        table: the table of the study that names it.
        row: line of the table; None where all lines are concerned.
        column: of the table, None where the whole row or file is concerned.
        code: why.
        count: how many cells or files, where they are not named one by one.
        decides: whether a result may be another one without it.
    """

    table: str
    row: int | None = None
    column: str | None = None
    code: str
    count: int = 1
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One file of the new study: its path there, and what it is of."""

    path: str
    assay: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidentifiedStudy:
    """A de-identified study.

    Attributes:
        format: of this record.
        subjects: pseudonyms, sorted.
        files: files of laboratories that were written, in the order of the manifest.
        left_out: in the order of the tables.
        n_values_looked_for: removed values that were looked for in all that was written.
        n_chance_hits: short ones found where any numbers hold some.
        contents: every file of the new study but the record itself.
    """

    format: str
    subjects: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    n_values_looked_for: int
    n_chance_hits: int
    contents: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Nothing that may decide a result was left out."""
        return not any(item.decides for item in self.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What was left out and removed so far; grows while the study is worked through."""

    left_out: list[LeftOut] = field(default_factory=list)
    removed: dict[Removed, None] = field(default_factory=dict, repr=False)

    def remove(self, origin: str, value: str, *, strict: bool = True) -> None:
        """Keep a removed value, to be looked for in what is written; a strict one word by word."""
        if value:
            self.removed.setdefault(Removed(origin=origin, value=value, strict=strict))
