"""The last look at a new study: every file and every name, for every value that was removed.

A file of a laboratory cannot be left out any more at this point, and a table never can: identity that is left
refuses the whole study.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from mrdkit.errors import InputError
from mrdkit.files import write_text
from mrdkit.results import as_json
from mrdkit.study.deidentify.places import FORMAT, RECORD, files_of
from mrdkit.study.deidentify.records import DeidentifiedStudy, LeftOut, WrittenFile
from mrdkit.study.deidentify.search import StudySearch
from mrdkit.study.deidentify.tables import Cleaner

__all__ = ["proven"]

_TUBE = ".fcs"  # searched as it was written, DATA apart from text


def proven(
    stage: Path, cleaner: Cleaner, written: tuple[WrittenFile, ...], tables: Sequence[str]
) -> DeidentifiedStudy:
    """Search the new study, write its record and return it.

    Args:
        stage: the finished folder.
        cleaner: with all that was removed.
        written: files of laboratories.
        tables: names of the tables, in the order of the answer.

    Raises:
        InputError: something that was removed is left.
    """
    notes, known = cleaner.notes, cleaner.key.made()
    search = StudySearch(notes.removed, cleaner.policy, known)
    paths = files_of(stage)
    n_chance = sum(_clean(search, stage, path) for path in paths)
    answer = DeidentifiedStudy(
        format=FORMAT,
        subjects=tuple(sorted(cleaner.pseudonyms)),
        files=written,
        left_out=tuple(sorted(dict.fromkeys(notes.left_out), key=lambda item: _order(item, tables))),
        n_values_looked_for=len(notes.removed),
        n_chance_hits=n_chance,
        contents=paths,
    )
    content = json.dumps(as_json(answer), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_text(stage / RECORD, content)  # codes, pseudonyms and the names that were just looked at
    return answer


def _clean(search: StudySearch, stage: Path, path: str) -> int:
    """Return how many hits of a file are chance.

    Raises:
        InputError: one is identity.
    """
    found = [search.name(path)]
    if not path.endswith(_TUBE):
        found.append(search.file(stage / path))
    origins = dict.fromkeys(origin for each in found for origin in each.origins)
    if origins:
        raise InputError(
            "a removed value is left in what would be written",
            code="IDENTITY_LEFT",
            place=path,
            found="a value of " + ", ".join(origins),
            remedy="correct the study, or add words that identify nobody to a policy (--policy)",
        )
    return sum(each.n_chance for each in found)


def _order(item: LeftOut, tables: Sequence[str]) -> tuple[int, int, str, str]:
    place = tables.index(item.table) if item.table in tables else -1
    return place, item.row or 0, item.column or "", item.code
