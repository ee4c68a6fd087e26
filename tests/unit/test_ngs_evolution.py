"""Sub-clones: which sequences share a target's stem with another V, and that they never make the value."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_files import COLUMNS, row, sequence, text, write
from tables import rows

from mrdkit.ngs import (
    NgsSample,
    TargetSet,
    calibrate,
    load_rules,
    read_sample,
    read_targets,
    track,
    write_targets,
)
from mrdkit.ngs.evolution import compared, stem_start
from mrdkit.results import NgsMrdCall, Specimen

RULES = load_rules()
INDEXES = ("dIndex", "n1Index", "n2Index")

# V 0-49, N 50-54, D 55-79, N 80-84, J 85-109; the shortest stem begins at 70.
INDEX = sequence(1, 110)
OTHER_V = sequence(2, 110)


def changed(letters: str, *positions: int) -> str:
    found = list(letters)
    for position in positions:
        found[position] = "A" if found[position] != "A" else "C"
    return "".join(found)


def stem_from(start: int) -> str:
    """The index's 3' end from `start` on, behind another V whose last base differs from the index's."""
    v = changed(OTHER_V, start - 1) if OTHER_V[start - 1] == INDEX[start - 1] else OTHER_V
    return v[:start] + INDEX[start:]


def line(
    letters: str, templates: int, j_index: int = 85, locus: str = "IGH", v: str = "IGHV01-03"
) -> dict[str, str]:
    at = j_index - 85
    indexes = {"dIndex": 55 + at, "n1Index": 80 + at, "n2Index": 50 + at}
    return row(letters, templates, locus, jIndex=j_index, vMaxResolved=v, **indexes)


def sample(folder: Path, name: str, *lines: dict[str, str]) -> NgsSample:
    return read_sample(write(folder / name, text(lines, columns=(*COLUMNS, *INDEXES))))


def targets(folder: Path, *lines: dict[str, str]) -> TargetSet:
    return calibrate(sample(folder, "id.tsv", line(INDEX, 9_000), *lines), subject_id="S", rules=RULES)


def called(folder: Path, known: TargetSet, *lines: dict[str, str]) -> NgsMrdCall:
    return track(sample(folder, "mrd.tsv", *lines), known, specimen=Specimen(), rules=RULES)


# One sequence beside the index; what it is, and the stem that it shares.
SEQUENCES = """
    sequence            | is        | stem | clause
    --------------------+-----------+------+---------------------------------------------
    stem from 55        | evolved   | 55   | another V, all of D kept
    stem from 70        | evolved   | 40   | exactly 10 nt of D kept
    stem from 71        | unrelated |      | 9 nt of D
    stem from 55 to 46  | evolved   | 55   | seen 10 nt beyond the stem
    stem from 55 to 47  | ambiguous |      | seen 9 nt beyond it
    one change in V     | variant   |      | within 2 substitutions
    two changes in V    | variant   |      | within 2 substitutions
    three changes in V  | evolved   | 79   | more than 2
    change in J         | unrelated |      | the 3' end is not the index's
    stem in IGK         | unrelated |      | another locus
    whole               | target    |      | the index itself
"""
READS = {
    "stem from 55": line(stem_from(55), 7),
    "stem from 70": line(stem_from(70), 7),
    "stem from 71": line(stem_from(71), 7),
    "stem from 55 to 46": line(stem_from(55)[45:], 7, 40),
    "stem from 55 to 47": line(changed(stem_from(55), 46, 47, 48)[46:], 7, 39),
    "one change in V": line(changed(INDEX, 20), 7),
    "two changes in V": line(changed(INDEX, 20, 30), 7),
    "three changes in V": line(changed(INDEX, 10, 20, 30), 7),
    "change in J": line(changed(stem_from(55), 90), 7),
    "stem in IGK": line(stem_from(55), 7, locus="IGK"),
    "whole": line(INDEX, 7),
}


@pytest.mark.parametrize(("name", "kind", "stem", "clause"), rows(SEQUENCES))
def test_what_a_sequence_is(name: str, kind: str, stem: str, clause: str, tmp_path: Path) -> None:
    known = targets(tmp_path)
    call = called(tmp_path, known, READS[name])
    found = [(clone.target_id, clone.stem_length, clone.clone_id, clone.mismatches) for clone in call.evolved]
    expected = [(known.targets[0].target_id, int(stem), None, None)] if kind == "evolved" else []
    assert found == expected, clause
    assert ("EVOLVED_CLONES" in call.flags) == (kind == "evolved"), clause
    assert ("EVOLUTION_AMBIGUOUS" in call.flags) == (kind == "ambiguous"), clause
    assert call.tracking[0].templates == (7 if kind == "target" else 0), clause
    assert call.mrd_per_million == (7.0 if kind == "target" else 0.0), clause
    assert "EVOLUTION_NOT_ASSESSED" not in call.flags


def test_a_sub_clone_of_the_calibration_is_tracked_by_overlap(tmp_path: Path) -> None:
    known = targets(tmp_path, line(stem_from(55), 30, v="IGHV05"), line(stem_from(60), 1))
    assert [(clone.templates, clone.stem_length) for clone in known.evolved] == [(30, 55), (1, 50)]
    (candidate,) = [one for one in known.candidates if not one.dominant]
    assert (candidate.evolved_from, candidate.dominant) == (known.targets[0].target_id, False)
    assert "SUB_CLONES" in known.flags
    call = called(tmp_path, known, line(stem_from(55)[20:], 4, 65, v="IGHV05"), line(INDEX, 2))
    (clone,) = call.evolved
    assert (clone.clone_id, clone.v) == (known.evolved[0].target_id, "IGHV05")
    assert (clone.templates, clone.overlap, clone.mismatches, clone.stem_length) == (4, 90, 0, 55)
    assert clone.per_million == pytest.approx(4.0)
    assert (call.mrd_per_million, call.tracking[0].templates) == (2.0, 2)


def test_sub_clones_are_written_with_the_targets(tmp_path: Path) -> None:
    known = targets(tmp_path, line(stem_from(55), 30), line(stem_from(60), 1))
    write_targets(tmp_path / "t.parquet", known)
    assert read_targets(tmp_path / "t.parquet") == known


def test_a_stem_without_a_known_d_is_not_judged() -> None:
    rule = RULES.evolution
    assert stem_start(55, 80, 85, rule) == 70
    assert stem_start(71, 80, 85, rule) is None  # 9 nt of D
    assert stem_start(-1, 80, 85, rule) is None
    assert stem_start(55, 80, None, rule) is None
    assert stem_start(55, 90, 85, rule) is None  # D behind J


@given(st.text("ACGTN", min_size=1, max_size=30), st.text("ACGTN", min_size=1, max_size=30), st.data())
def test_comparison_equals_its_definition(a: str, b: str, data: st.DataObject) -> None:
    a_j, b_j = data.draw(st.integers(0, len(a) - 1)), data.draw(st.integers(0, len(b) - 1))
    pairs = [(a[i], b[i - a_j + b_j]) for i in range(len(a)) if 0 <= i - a_j + b_j < len(b)]
    differs = [x != y and "N" not in (x, y) for x, y in pairs]
    found = compared(a, a_j, b, b_j)
    assert (found.overlap, found.mismatches) == (len(pairs), sum(differs))
    assert not any(differs[len(pairs) - found.stem_length :])
    assert found.stem_length == len(pairs) or differs[len(pairs) - found.stem_length - 1]
