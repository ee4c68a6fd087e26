"""The definitions of sequencing MRD, as tables that a hematologist can read and correct."""

from pathlib import Path

import pytest
from pipeline_files import CELLULAR, row, sequence, text, write
from tables import rows

from mrdkit.ngs import calibrate, denominator, load_rules, read_sample, track
from mrdkit.ngs.targets import CRITERIA
from mrdkit.ngs.thresholds import Found, Limits, call_thresholds
from mrdkit.results import NgsMrdCall, Specimen

RULES = load_rules()
WORDS = {"pos": "positive", "neg": "negative", "ind": "indeterminate"}

# One sequence of `n` templates among `like` like ones in `cells` cells, `next` others in its next decade.
DOMINANCE = """
    n    | like   | cells   | next | fails         | clause
    -----+--------+---------+------+---------------+---------------------------
    1000 | 10_000 | 100_000 | 0    | -             | all four criteria are met
    300  | 10_000 | 100_000 | 0    | -             | exactly 3 % of like ones
    299  | 10_000 | 100_000 | 0    | LIKE_3PCT     | below 3 %
    200  | 5_000  | 100_000 | 0    | -             | exactly 0.2 % of the cells
    199  | 5_000  | 100_000 | 0    | CELLS_0_2PCT  | below 0.2 %
    1000 | 10_000 | 100_000 | 5    | -             | 5 in the next decade
    1000 | 10_000 | 100_000 | 6    | DISCONTINUOUS | 6 in the next decade
    40   | 100    | 1_000   | 0    | -             | exactly 40 genomes
    39   | 100    | 1_000   | 0    | GENOMES_40    | below 40 genomes
    20   | 10_000 | 100_000 | 6    | all           | fails every criterion
"""


@pytest.mark.parametrize(("n", "like", "cells", "others", "fails", "clause"), rows(DOMINANCE))
def test_dominance(
    *, n: str, like: str, cells: str, others: str, fails: str, clause: str, tmp_path: Path
) -> None:
    templates, in_decade = int(n), int(others)
    listed = [row(sequence(0), templates)]
    listed += [row(sequence(1 + i), templates // 10 + 1) for i in range(in_decade)]
    rest = int(like) - templates - in_decade * (templates // 10 + 1)
    # The rest of the like sequences: one above the sequence itself, or single templates that nobody lists.
    listed += (
        [row(sequence(99), rest)] if rest > templates else [row(sequence(100 + i), 1) for i in range(rest)]
    )
    header = {**CELLULAR, "estTotalNucleatedCells": str(int(cells))}
    sample = read_sample(write(tmp_path / "id.tsv", text(listed, header)))
    found = {
        candidate.sequence: candidate
        for candidate in calibrate(sample, subject_id="S", rules=RULES).candidates
    }[sequence(0)]
    expected = CRITERIA if fails == "all" else tuple(fails.replace("-", "").split())
    assert found.failed_criteria == expected, clause
    assert found.n_next_decade == in_decade
    assert found.dominant == (fails == "-")


# Other like sequences beside one of 100 templates: which stand in its next decade?
DECADE = """
    other | counted | clause
    ------+---------+--------------------------------------------
    101   | no      | above it
    100   | yes     | ties count
    11    | yes     | above a tenth
    10    | no      | exactly a tenth belongs to the decade after
"""


@pytest.mark.parametrize(("other", "counted", "clause"), rows(DECADE))
def test_next_decade(other: str, counted: str, clause: str, tmp_path: Path) -> None:
    sample = read_sample(
        write(tmp_path / "id.tsv", text([row(sequence(1), 100), row(sequence(2), int(other))]))
    )
    candidates = calibrate(sample, subject_id="S", rules=RULES).candidates
    found = next(candidate for candidate in candidates if candidate.sequence == sequence(1))
    assert found.n_next_decade == (counted == "yes"), clause


# Which sequences are `like` an IGH sequence of 100 templates?
LIKE = """
    other locus | fraction | clause
    ------------+----------+-------------
    IGH         | 0.5      | IGH-involved
    IGH_D       | 0.5      | IGH-involved
    IGK         | 1.0      | on its own
    IGL         | 1.0      | on its own
"""


@pytest.mark.parametrize(("locus", "fraction", "clause"), rows(LIKE))
def test_like_groups(locus: str, fraction: str, clause: str, tmp_path: Path) -> None:
    sample = read_sample(
        write(tmp_path / "id.tsv", text([row(sequence(1), 100), row(sequence(2), 100, locus)]))
    )
    candidates = calibrate(sample, subject_id="S", rules=RULES).candidates
    found = next(candidate for candidate in candidates if candidate.sequence == sequence(1))
    assert found.fraction_of_group == float(fraction), clause


CELLS = """
    estTotalNucleatedCells | DNA ng | cells     | source         | clause
    -----------------------+--------+-----------+----------------+---------------------------------
    46581.77               | 339.5  | 46581.77  | reference_loci | reference loci come first
    -1                     | 339.5  | 52230.769 | mass_6.5pg     | not stated: mass, with a warning
    NA                     | 12.5   | 1923.0769 | mass_6.5pg     | exactly 12.5 ng
    -                      | 12.49  | -         | none           | too little DNA
    -                      | -1     | -         | none           | nothing is stated
    0                      | 339.5  | -         | none           | zero cells is no missing value
"""


@pytest.mark.parametrize(("stated", "dna", "cells", "source", "clause"), rows(CELLS))
def test_denominator(*, stated: str, dna: str, cells: str, source: str, clause: str, tmp_path: Path) -> None:
    header = {
        **CELLULAR,
        "estTotalNucleatedCells": stated.replace("-", "", stated == "-"),
        "productionPCRAmountofTemplate": dna,
    }
    found = denominator(
        read_sample(write(tmp_path / "s.tsv", text([row(sequence(1), 1)], header))), RULES.cells
    )
    assert found.source == source, clause
    assert found.cells == (None if cells == "-" else pytest.approx(float(cells)))
    assert bool(found.warnings) == (source != "reference_loci")


STATUS = """
    templates | cells     | bin  | 1e-4 | 1e-5 | 1e-6 | clause
    ----------+-----------+------+------+------+------+-------------------------------------
    100       | 1_000_000 | 1e-6 | pos  | pos  | pos  | exactly 1e-4 is positive
    99        | 1_000_000 | 1e-6 | neg  | pos  | pos  | just below 1e-4
    10        | 1_000_000 | 1e-6 | neg  | pos  | pos  | exactly 1e-5
    9         | 1_000_000 | 1e-6 | neg  | neg  | pos  | LOD 3.0e-6 reaches 1e-5
    1         | 1_000_000 | 1e-6 | neg  | neg  | pos  | exactly 1e-6: limit of blank is 0
    1         | 2_000_000 | 1e-6 | neg  | neg  | ind  | 5e-7, but LOD 1.5e-6
    1         | 2_995_733 | 1e-6 | neg  | neg  | neg  | LOD reaches 1e-6
    0         | 1_000_000 | 1e-6 | neg  | neg  | ind  | too few cells for 1e-6
    0         | 2_995_732 | 1e-6 | neg  | neg  | ind  | the limit is not below 1e-6 yet
    0         | 2_995_733 | 1e-6 | neg  | neg  | neg  | -ln(0.05) / 1e-6 cells
    0         | 29_957    | 1e-6 | ind  | ind  | ind  | too few cells for all
    0         | 29_958    | 1e-6 | neg  | ind  | ind  | enough for 1e-4
    279       | 1_000_000 | 1e-4 | pos  | ind  | ind  | trackable to 1e-4 only
    279       | 1_000_000 | 5e-6 | pos  | pos  | ind  | trackable to 5e-6
    279       | 1_000_000 | -1   | ind  | ind  | ind  | not trackable
    0         | 9_000_000 | -    | ind  | ind  | ind  | no bin is stated: no proof of rarity
"""


@pytest.mark.parametrize(("templates", "cells", "level", "at_4", "at_5", "at_6", "clause"), rows(STATUS))
def test_status(
    *, templates: str, cells: str, level: str, at_4: str, at_5: str, at_6: str, clause: str
) -> None:
    target = Found(
        name="IGH",
        templates=int(templates),
        tolerant=int(templates),
        rows=1,
        ambiguous=0,
        sensitivity_bin=None if level == "-" else float(level),
        limits=Limits(lod=RULES.tracking.lod, loq=RULES.tracking.loq, source="poisson"),
    )
    calls = call_thresholds([target], float(cells), RULES.tracking)
    assert [call.status for call in calls.values()] == [WORDS[at] for at in (at_4, at_5, at_6)], clause


# Two targets in a million cells: templates (and the bin) of each; the value of the sample is per million.
TWO_TARGETS = """
    first    | second   | value | 1e-4 | 1e-5 | 1e-6 | discordant | clause
    ---------+----------+-------+------+------+------+------------+------------------------------
    200 1e-6 | 300 1e-6 | 300   | pos  | pos  | pos  | -          | the highest makes the value
    200 1e-6 | 300 1e-4 | 200   | pos  | pos  | pos  | -          | a worse bin does not
    0 1e-6   | 300 1e-4 | 0     | pos  | ind  | ind  | first      | never negative below positive
    0 1e-6   | 0 1e-4   | 0     | neg  | neg  | ind  | -          | nothing found
    100 1e-6 | 300 1e-6 | 300   | pos  | pos  | pos  | -          | exactly 3-fold
    99 1e-6  | 300 1e-6 | 300   | pos  | pos  | pos  | first      | more than 3-fold
    50 1e-4  | 90 1e-4  | -     | neg  | ind  | ind  | -          | no target for the value
"""


def two_targets(folder: Path, first: str, second: str) -> NgsMrdCall:
    """Calibrate with two sequences of 10,000 templates, then track as told (`templates bin`)."""
    counts = [int(one.split()[0]) for one in (first, second)]
    bins = [one.split()[1] for one in (first, second)]
    known = [row(sequence(i), 10_000, "IGK", cellularSensitivityBin=level) for i, level in enumerate(bins)]
    seen = [row(sequence(i), count, "IGK") for i, count in enumerate(counts) if count]
    targets = calibrate(read_sample(write(folder / "id.tsv", text(known))), subject_id="S", rules=RULES)
    sample = read_sample(write(folder / "mrd.tsv", text(seen)))
    return track(sample, targets, specimen=Specimen(), rules=RULES)


@pytest.mark.parametrize(
    ("first", "second", "value", "at_4", "at_5", "at_6", "discordant", "clause"), rows(TWO_TARGETS)
)
def test_two_targets(
    *,
    first: str,
    second: str,
    value: str,
    at_4: str,
    at_5: str,
    at_6: str,
    discordant: str,
    clause: str,
    tmp_path: Path,
) -> None:
    call = two_targets(tmp_path, first, second)
    assert list(call.status.values()) == [WORDS[at] for at in (at_4, at_5, at_6)], clause
    assert call.mrd_per_million == (None if value == "-" else pytest.approx(float(value))), clause
    assert len(call.discordant_targets) == (discordant != "-"), clause


# A target of 60 nt whose J segment starts at 35 (five blocks of 12); reads and whether they are counted.
MATCH = """
    read             | jIndex | locus | counted | clause
    -----------------+--------+-------+---------+----------------------------------------
    whole            | 35     | IGH   | yes     | the same sequence
    whole from 12    | 23     | IGH   | yes     | a shorter read of the same clone
    whole from 35    | 0      | IGH   | yes     | overlap of exactly 25 nt
    whole from 36    | 0      | IGH   | no      | overlap of 24 nt
    longer by 20     | 55     | IGH   | yes     | a longer read
    one substitution | 35     | IGH   | no      | exact matching
    one N            | 35     | IGH   | yes     | N is no called base
    one deletion     | 34     | IGH   | no      | no insertion or deletion
    whole from 12    | -1     | IGH   | yes     | no jIndex: right ends are aligned
    whole from 12    | 60     | IGH   | yes     | jIndex outside the sequence: right ends
    whole from 12    | 22     | IGH   | no      | another jIndex is another alignment
    whole            | 35     | IGH_D | no      | IGH and IGH_D are never matched
    whole            | 35     | IGK   | no      | another locus
"""

TARGET = sequence(7, 60)
READS = {
    "whole": TARGET,
    "whole from 12": TARGET[12:],
    "whole from 35": TARGET[35:],
    "whole from 36": TARGET[36:],
    "longer by 20": sequence(8, 20) + TARGET,
    "one substitution": TARGET[:30] + ("A" if TARGET[30] != "A" else "C") + TARGET[31:],
    "one N": TARGET[:30] + "N" + TARGET[31:],
    "one deletion": TARGET[:20] + TARGET[21:],
}


@pytest.mark.parametrize(("read", "j_index", "locus", "counted", "clause"), rows(MATCH))
def test_match_rule(
    *, read: str, j_index: str, locus: str, counted: str, clause: str, tmp_path: Path
) -> None:
    known = text([row(TARGET, 10_000, jIndex=35)])
    targets = calibrate(read_sample(write(tmp_path / "id.tsv", known)), subject_id="S", rules=RULES)
    seen = text([row(READS[read], 5, locus, jIndex=j_index)])
    sample = read_sample(write(tmp_path / "mrd.tsv", seen))
    call = track(sample, targets, specimen=Specimen(), rules=RULES)
    assert call.tracking[0].templates == (5 if counted == "yes" else 0), clause
