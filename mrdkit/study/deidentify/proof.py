"""The last look at a new study: every file and every name, for every value that was removed.

A file of a laboratory in which something is left is taken out again, and named. A table never can be:
identity that is left in one refuses the whole study.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import write_text
from mrdkit.results import as_json
from mrdkit.study.deidentify.places import FORMAT, RECORD, files_of
from mrdkit.study.deidentify.records import DeidentifiedStudy, LeftOut, WrittenFile
from mrdkit.study.deidentify.search import StudySearch
from mrdkit.study.deidentify.tables import Cleaner
from mrdkit.study.manifest import MANIFEST

__all__ = ["proven"]

_TUBE = ".fcs"  # searched as it was written, DATA apart from text


def proven(
    stage: Path,
    cleaner: Cleaner,
    written: Sequence[WrittenFile],
    rows: Mapping[str, int],
    tables: Sequence[str],
) -> DeidentifiedStudy:
    """Search the new study, write its record and return it.

    Args:
        stage: the finished folder.
        cleaner: with all that was removed.
        written: files of laboratories.
        rows: path in the new study -> line of the manifest.
        tables: names of the tables, in the order of the answer.

    Raises:
        InputError: something that was removed is left in a table or a rule.
    """
    notes = cleaner.notes
    search = StudySearch(notes.removed, cleaner.policy, cleaner.key.made())
    n_chance = 0
    for path in files_of(stage):
        origins, n = _looked_at(search, stage, path)
        n_chance += n
        if origins and path in rows:
            (stage / path).unlink()
            notes.left_out.append(
                LeftOut(table=MANIFEST, row=rows[path], column="path", code="IDENTITY_LEFT", decides=True)
            )
        elif origins:
            raise _left(path, origins)
    paths = files_of(stage)
    answer = DeidentifiedStudy(
        format=FORMAT,
        subjects=tuple(sorted(cleaner.pseudonyms)),
        files=tuple(
            sorted((file for file in written if file.path in paths), key=lambda file: rows[file.path])
        ),
        left_out=tuple(sorted(dict.fromkeys(notes.left_out), key=lambda item: _order(item, tables))),
        n_values_looked_for=len(notes.removed),
        n_chance_hits=n_chance,
        contents=paths,
    )
    content = json.dumps(as_json(answer), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_text(stage / RECORD, content)  # codes, pseudonyms and the names that were just looked at
    return answer


def _looked_at(search: StudySearch, stage: Path, path: str) -> tuple[tuple[str, ...], int]:
    """Return the origins of identity in a file or its name, and how many hits are chance."""
    found = [search.name(path)]
    if not path.endswith(_TUBE):
        found.append(search.file(stage / path))
    origins = dict.fromkeys(origin for each in found for origin in each.origins)
    return tuple(origins), sum(each.n_chance for each in found)


def _left(path: str, origins: Sequence[str]) -> InputError:
    return InputError(
        "a removed value is left in what would be written",
        code="IDENTITY_LEFT",
        place=path,
        found="a value of " + ", ".join(origins),
        remedy="correct the study, or add words that identify nobody to a policy (--policy)",
    )


def _order(item: LeftOut, tables: Sequence[str]) -> tuple[int, int, str, str]:
    place = tables.index(item.table) if item.table in tables else -1
    return place, item.row or 0, item.column or "", item.code
