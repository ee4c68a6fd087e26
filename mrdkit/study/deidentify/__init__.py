"""A study's folder without its patients: `mrdkit study deidentify`.

Everything is written beside its place, searched for every value that was removed, and only then gets its
name. The key file is written before, so that no pseudonym is ever without its key. What cannot be cleaned for
certain is left out and named.
"""

from collections.abc import Mapping
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import Table, write_csv
from mrdkit.study.config import STUDY_FILE, StudyConfig, read_config
from mrdkit.study.deidentify.files import Laboratory
from mrdkit.study.deidentify.keymap import open_key
from mrdkit.study.deidentify.places import check_places, count_others, publish, staging
from mrdkit.study.deidentify.policy import read_study_policy
from mrdkit.study.deidentify.proof import proven
from mrdkit.study.deidentify.records import DeidentifiedStudy, LeftOut, Notes
from mrdkit.study.deidentify.settings import Settings, write_settings
from mrdkit.study.deidentify.tables import Cleaner, read_whole
from mrdkit.study.load import SUBJECTS
from mrdkit.study.manifest import MANIFEST, Manifest, read_manifest

__all__ = ["deidentify_study"]


def deidentify_study(
    study: Path, out: Path, key_path: Path, *, policy: str | Path = "deidentification"
) -> DeidentifiedStudy:
    """Write a study without identity.

    Args:
        study: the folder of the study.
        out: folder of the new study: new, empty, or an earlier answer of this command.
        key_path: the key file, made where there is none; never inside `out`.
        policy: shipped name or path of the rules of what may be kept.

    Raises:
        InputError: the study cannot be read, or identity would be left in what is written.
        UsageError: the folders or the key file are not where they may be.
    """
    check_places(study, out, key_path)
    rules = read_study_policy(policy)
    config, tables = _config(study), {name: read_whole(study, name) for name in rules.rule.tables}
    manifest = _manifest(study, tables)
    key = open_key(key_path, largest_shift=rules.rule.largest_shift_days)
    with staging(out) as stage:
        notes = Notes()
        work = _Work(study, stage, config, Cleaner(policy=rules, key=key, notes=notes))
        work.write(tables, manifest)
        answer = work.answer(tables)
        key.write()
        publish(stage, out)
    return answer


class _Work:
    """The cleaning of one study into a folder."""

    def __init__(self, study: Path, stage: Path, config: StudyConfig, cleaner: Cleaner) -> None:
        self._study = study
        self._stage = stage
        self._config = config
        self._cleaner = cleaner
        self._settings = Settings(folder=study, out=stage, cleaner=cleaner)
        self._laboratory = Laboratory(folder=study, out=stage, config=config, cleaner=cleaner)

    def write(self, tables: Mapping[str, Table | None], manifest: Manifest) -> None:
        """Write the settings, then the tables, then what the manifest names, and the manifest last."""
        write_settings(self._settings, self._config)
        for name, table in tables.items():
            if table is not None and name != MANIFEST:
                self._write_table(name, table)
        listed = tables[MANIFEST]
        if listed is not None:
            for row in listed.rows:  # what the cells hold is looked for in the tubes
                self._cleaner.remove_names(row)
            self._laboratory.clean(manifest, listed)
            self._write_table(MANIFEST, listed)

    def answer(self, tables: Mapping[str, Table | None]) -> DeidentifiedStudy:
        """Search all that was written, and say what it is."""
        notes = self._cleaner.notes
        others = count_others(
            self._study, [*tables, STUDY_FILE, *self._settings.written, *self._laboratory.sources]
        )
        if others:
            notes.left_out.append(
                LeftOut(table=STUDY_FILE, code="FILE_NOT_OF_STUDY", count=others, decides=False)
            )
        laboratory = self._laboratory
        return proven(self._stage, self._cleaner, laboratory.written, laboratory.rows, list(tables))

    def _write_table(self, name: str, table: Table) -> None:
        cleaned = self._cleaner.table(table, name, self._laboratory.cells, self._settings.panel)
        write_csv(self._stage / name, cleaned.columns, cleaned.rows)


def _config(study: Path) -> StudyConfig:
    try:
        return read_config(study)
    except InputError as error:
        raise _named(error, STUDY_FILE) from None


def _manifest(study: Path, tables: Mapping[str, Table | None]) -> Manifest:
    subjects = tables[SUBJECTS]
    if subjects is None:
        raise InputError("the study has no such table", code="FILE_MISSING", file=SUBJECTS)
    if tables[MANIFEST] is None:
        return Manifest()
    try:
        return read_manifest(study / MANIFEST, subjects=[row.text("subject_id") for row in subjects.rows])
    except InputError as error:
        raise _named(error, MANIFEST) from None


def _named(error: InputError, name: str) -> InputError:
    """Return the same error without what it quotes, and without the folder."""
    return InputError(error.what, code=error.code, file=name, remedy="mrdkit check names the place")
