"""The tables of a study, cell by cell: pseudonyms, moved dates, and what the policy keeps.

Rows and their order stay. A column that the policy does not list is left out. A cell that cannot be cleaned
and decides something becomes a word that no reader takes for a value or for an empty cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import Row, Table, read_table
from mrdkit.study.deidentify.keymap import KeyMap
from mrdkit.study.deidentify.policy import Kind, StudyPolicy, is_count, is_pattern
from mrdkit.study.deidentify.records import LeftOut, Notes

__all__ = ["CleanTable", "Cleaner", "FileCells", "read_whole"]

#: Cells of a manifest that the new file decides.
_OF_FILE = ("path", "sha256", "coverage", "panel")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCells:
    """The cells of a manifest row that depend on its file as it was written anew."""

    path: str
    sha256: str
    coverage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanTable:
    """A table as it is written."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_whole(folder: Path, name: str) -> Table | None:
    """Return a table of the study, None where there is none.

    Raises:
        InputError: it cannot be read; nothing of its content is in the message.
    """
    path = folder / name
    if not path.exists():
        return None
    try:
        return read_table(path, required=())
    except InputError as error:
        raise InputError(
            error.what, code=error.code, file=name, place=error.place, remedy=error.remedy
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaner:
    """Cleans the tables of one study."""

    policy: StudyPolicy
    key: KeyMap
    notes: Notes
    pseudonyms: set[str] = field(default_factory=set)

    def table(
        self,
        table: Table,
        name: str,
        files: Mapping[int, FileCells],
        panel_of: Callable[[str], str],
    ) -> CleanTable:
        """Return a table without identity.

        Args:
            table: as read.
            name: of its file.
            files: line of the manifest -> cells of its file.
            panel_of: what a panel's name becomes.
        """
        kinds = self.policy.rule.tables[name]
        columns = tuple(column for column in table.columns if column in kinds)
        self._leave_out_columns(table, name, columns)
        return CleanTable(
            name=name,
            columns=columns,
            rows=tuple(
                tuple(
                    self._of_file(row, column, kinds[column], files, panel_of)
                    or self._cell(row, name, column, kinds[column])
                    for column in columns
                )
                for row in table.rows
            ),
        )

    def remove_names(self, row: Row) -> None:
        """Keep what a row of the manifest says of subject and specimen, to be looked for."""
        for column in ("subject_id", "specimen_id"):
            self.notes.remove(column, row.text(column))

    def label(self, kind: str, text: str) -> str:
        """Return a label: itself where its words are known, otherwise its code."""
        if not text or self.policy.is_plain(text):
            return text
        self.notes.remove(kind, text)
        return self.key.label(kind, text)

    def _leave_out_columns(self, table: Table, name: str, kept: tuple[str, ...]) -> None:
        left = [column for column in table.columns if column not in kept]
        for column in left:
            self.notes.remove("a column that is left out", column, strict=False)
            for row in table.rows:
                self.notes.remove("a column that is left out", row.text(column))
        if left:
            self.notes.left_out.append(
                LeftOut(table=name, code="COLUMN_LEFT_OUT", count=len(left), decides=False)
            )

    def _of_file(
        self,
        row: Row,
        column: str,
        kind: Kind,
        files: Mapping[int, FileCells],
        panel_of: Callable[[str], str],
    ) -> str:
        """Return the cell of a manifest row that its new file decides, empty for all others."""
        written = files.get(row.number)
        match kind:
            case "path":
                return written.path if written is not None else ""
            case "sha256":
                return written.sha256 if written is not None else ""
            case "coverage":
                return written.coverage if written is not None else ""
            case "panel":
                return panel_of(row.text(column))
            case _:
                return ""

    def _cell(self, row: Row, name: str, column: str, kind: Kind) -> str:
        text = row.text(column)
        if not text or kind in _OF_FILE:
            return ""
        match kind:
            case "subject" | "specimen":
                cell: str | None = self._pseudonym(kind, text)
            case "visit" | "label" | "probe" | "sample":
                cell = self._labelled(kind, column, text)
            case "date":
                cell = self._date(row, text)
            case "age":
                cell = self._age(row, name, column, text)
            case "text" if not self.policy.is_plain(text):
                cell = self._emptied(row, name, column, text)
            case _:
                cell = text if self._is_kept(kind, text) else None
        return self._removed(row, name, column, text) if cell is None else cell

    def _pseudonym(self, kind: Kind, text: str) -> str:
        self.notes.remove(f"{kind}_id", text)
        if kind == "specimen":
            return self.key.specimen(text)
        self.pseudonyms.add(self.key.subject(text))
        return self.key.subject(text)

    def _labelled(self, kind: Kind, column: str, text: str) -> str:
        """Return a label; visits are compared without regard to capitals."""
        if kind == "visit" and not self.policy.is_plain(text):
            text = text.casefold()
        return self.label(column if kind == "label" else kind, text)

    def _is_kept(self, kind: Kind, text: str) -> bool:
        match kind:
            case "value":
                return self.policy.is_value(text)
            case "count":
                return is_count(text)
            case "pattern":
                return is_pattern(text)
            case "karyotype":
                return self.policy.is_karyotype(text)
            case _:
                return self.policy.is_plain(text)

    def _date(self, row: Row, text: str) -> str | None:
        """Return a date moved by the subject's offset, None where it is no date."""
        try:
            moved = date.fromisoformat(text) + timedelta(days=self.key.shift(row.text("subject_id")))
        except (ValueError, OverflowError):
            return None
        return moved.isoformat()

    def _age(self, row: Row, name: str, column: str, text: str) -> str | None:
        given = self.policy.age(text)
        if given not in (None, text):
            self._left_out(row, name, column, "AGE_GROUPED", decides=False)
        return given

    def _removed(self, row: Row, name: str, column: str, text: str) -> str:
        self.notes.remove(column, text)
        self._left_out(row, name, column, "CELL_REMOVED", decides=True)
        return self.policy.rule.removed

    def _emptied(self, row: Row, name: str, column: str, text: str) -> str:
        self.notes.remove(column, text)
        self._left_out(row, name, column, "TEXT_LEFT_OUT", decides=False)
        return ""

    def _left_out(self, row: Row, name: str, column: str, code: str, *, decides: bool) -> None:
        self.notes.left_out.append(
            LeftOut(table=name, row=row.number, column=column, code=code, decides=decides)
        )
