"""Files of every dialect: which column counts, what names the locus, how a sample states its cells."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pipeline_files import sequence, write
from sequence_tables import frame
from tables import rows

from mrdkit.errors import InputError, UsageError
from mrdkit.ngs import NgsSample, calibrate, denominator, load_rules, read_sample, track
from mrdkit.results import Specimen

RULES = load_rules()
V2 = ("nucleotide", "aminoAcid", "vMaxResolved", "dMaxResolved", "jMaxResolved", "jIndex", "sequenceStatus")
V3 = (
    "rearrangement",
    "amino_acid",
    "v_resolved",
    "j_resolved",
    "j_index",
    "frame_type",
    "rearrangement_type",
)
AIRR = ("sequence_id", "sequence", "v_call", "d_call", "j_call", "junction", "rev_comp", "j_sequence_start")


def tsv(columns: Sequence[str], *lines: Mapping[str, object]) -> str:
    cells = [[str(line.get(name, "")) for name in columns] for line in lines]
    return "\n".join("\t".join(row) for row in [list(columns), *cells]) + "\n"


def read(
    folder: Path, columns: Sequence[str], *lines: Mapping[str, object], sample: str | None = None
) -> NgsSample:
    return read_sample(write(folder / "s.tsv", tsv(columns, *lines)), sample=sample)


def flags(sample: NgsSample) -> list[str]:
    return [warning.code for warning in sample.warnings]


# Columns of counts with the values of two rows: which of them are templates, and may MRD rest on them?
COUNTS = """
    dialect | columns and values                                        | source                  | sum | MRD
    --------+-----------------------------------------------------------+-------------------------+-----+-----
    v2      | count (templates/reads)=3,4 estimatedNumberGenomes=,      | count (templates/reads) | 7   | yes
    v2      | count (templates)=3,4 estimatedNumberGenomes=null,null    | count (templates)       | 7   | yes
    v2      | count (reads)=30,40 estimatedNumberGenomes=3,4            | estimatedNumberGenomes  | 7   | yes
    v2      | count (reads)=30,40 estimatedNumberGenomes=null,          | count (reads)           | 70  | no
    v2      | count (reads)=30,40                                       | error                   |     |
    v2      | frequencyCount (%)=3,4                                    | error                   |     |
    v3      | templates=3,4 reads=30,40                                 | templates               | 7   | yes
    v3      | templates=null,null reads=30,40                           | reads                   | 70  | no
    v3      | templates=3,4 seq_reads=30,40 frequency_xdj=0.4,0.6       | templates               | 7   | yes
    v3      | templates=3,null reads=30,40                              | error                   |     |
    v3      | reads=30,40                                               | error                   |     |
    airr    | duplicate_count=3,4 consensus_count=30,40                 | duplicate_count         | 7   | yes
    airr    | umi_count=3,4                                             | umi_count               | 7   | yes
    airr    | duplicate_count=, umi_count=3,4                           | umi_count               | 7   | yes
    airr    | consensus_count=30,40                                     | error                   |     |
"""
BASES = {"v2": V2, "v3": V3, "airr": AIRR}
SEQUENCE = {"v2": "nucleotide", "v3": "rearrangement", "airr": "sequence"}


@pytest.mark.parametrize(("dialect", "columns", "source", "total", "mrd"), rows(COUNTS))
def test_templates(*, dialect: str, columns: str, source: str, total: str, mrd: str, tmp_path: Path) -> None:
    parts = [part.rsplit("=", 1) for part in columns.replace(" (", "_(").split()]
    counts = {name.replace("_(", " ("): values.split(",") for name, values in parts}
    lines = [
        {
            SEQUENCE[dialect]: sequence(i),
            "sequence_id": i,
            **{name: values[i] for name, values in counts.items()},
        }
        for i in range(2)
    ]
    table = tsv([*BASES[dialect], *counts], *lines)
    if source == "error":
        with pytest.raises(InputError) as error:
            read_sample(write(tmp_path / "s.tsv", table))
        assert error.value.code in {"COUNT_COLUMN_MISSING", "CELL_INVALID"}
        return
    sample = read_sample(write(tmp_path / "s.tsv", table))
    assert (sample.template_source, sample.total_templates) == (source, int(total))
    assert ("READS_NOT_TEMPLATES" in flags(sample)) == (mrd == "no") == sample.templates_doubtful


def test_no_mrd_rests_on_reads(tmp_path: Path) -> None:
    line = {"rearrangement": sequence(1), "templates": "null", "reads": 9_000, "v_resolved": "IGHV01-02"}
    sample = read(tmp_path, [*V3, "templates", "reads"], line)
    known = calibrate(sample, subject_id="S", rules=RULES)
    assert known.targets == ()
    call = track(sample, known, specimen=Specimen(), rules=RULES)
    assert set(call.status.values()) == {"not_evaluable"}


# What a v3 file states of its input: cells, where they come from.
V3_CELLS = """
    sample_cells | sample_cells_mass_estimate | sample_amount_ng | cells  | source       | clause
    -------------+----------------------------+------------------+--------+--------------+------------------------
    5000         | 4000                       | 26               | 5000   | vendor_count | a count above 0
    0            | 410043                     | 2665.28003       | 410043 | mass_6.5pg   | 0 is not stated
    0            | null                       | 26               | 4000   | mass_6.5pg   | mass / 0.0065 ng
    0            | 1538                       | 10               | -      | none         | less than 12.5 ng
    null         | null                       | null             | -      | none         | nothing is stated
"""


@pytest.mark.parametrize(("cells", "mass", "dna", "expected", "source", "clause"), rows(V3_CELLS))
def test_cells_of_v3(
    *, cells: str, mass: str, dna: str, expected: str, source: str, clause: str, tmp_path: Path
) -> None:
    facts = {"sample_cells": cells, "sample_cells_mass_estimate": mass, "sample_amount_ng": dna}
    line = {"rearrangement": sequence(1), "templates": 3, **facts}
    found = denominator(read(tmp_path, [*V3, "templates", *facts], line), RULES.cells)
    assert found.source == source, clause
    assert found.cells == (None if expected == "-" else pytest.approx(float(expected)))
    assert bool(found.warnings) == (source != "vendor_count")


def test_cells_of_the_user_come_first_and_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "s.tsv", tsv([*V3, "templates"], {"rearrangement": sequence(1), "templates": 3}))
    found = denominator(read_sample(path, cells=2e6), RULES.cells)
    assert (found.cells, found.source) == (2e6, "user")
    assert [warning.code for warning in found.warnings] == ["CELLS_FROM_USER"]


def test_a_file_of_several_samples_needs_a_name(tmp_path: Path) -> None:
    columns = [*V3, "templates", "sample_name", "sample_cells"]
    lines = [
        {"rearrangement": sequence(i), "templates": i + 1, "sample_name": name, "sample_cells": cells}
        for i, (name, cells) in enumerate([("one", 7_000), ("two", 8_000), ("one", 7_000)])
    ]
    with pytest.raises(UsageError, match="'one', 'two'"):
        read(tmp_path, columns, *lines)
    with pytest.raises(UsageError, match="no such sample"):
        read(tmp_path, columns, *lines, sample="three")
    one, two = (read(tmp_path, columns, *lines, sample=name) for name in ("one", "two"))
    assert (one.sample_id, one.n_rows, one.total_templates, one.stated.vendor_count) == ("one", 2, 4, 7_000)
    assert (two.sample_id, two.n_rows, two.total_templates, two.stated.vendor_count) == ("two", 1, 2, 8_000)


def test_a_sample_level_column_says_one_thing(tmp_path: Path) -> None:
    lines = [{"rearrangement": sequence(i), "templates": 1, "sample_cells": i} for i in (5, 6)]
    with pytest.raises(InputError) as error:
        read(tmp_path, [*V3, "templates", "sample_cells"], *lines)
    assert error.value.code == "HEADER_CONFLICT"


def test_a_custom_subset_of_v3_in_any_order(tmp_path: Path) -> None:
    columns = ["templates", "v_family", "extra", "rearrangement", "v_gene"]
    sample = read(
        tmp_path,
        columns,
        {"rearrangement": sequence(1).lower(), "templates": 2, "v_gene": "no data", "v_family": "TCRBV05"},
        {"rearrangement": sequence(2), "templates": 3, "v_gene": "TCRBV05-04", "v_family": "TCRBV05"},
    )
    assert (sample.dialect, sample.rows.templates_by_locus()) == ("v3", {"TRB": 5})
    assert [sample.rows.v.at(row) for row in range(2)] == ["TCRBV05", "TCRBV05-04"]


def test_layout_never_changes_a_result(tmp_path: Path) -> None:
    columns = [*V3, "templates"]
    lines = [{"rearrangement": sequence(i), "templates": 9 - i, "v_resolved": "IGHV01"} for i in range(4)]
    plain = read(tmp_path, columns, *lines)
    other = tsv(list(reversed(columns)), *reversed(lines)).replace("\n", "\r\n").rstrip()
    path = tmp_path / "other.tsv.gz"
    path.write_bytes(gzip.compress(other.encode()))
    found = frame(read_sample(path).rows)
    assert found.sort("sequence").equals(frame(plain.rows).sort("sequence"))


def test_rows_without_a_sequence_table_are_a_zero_sample(tmp_path: Path) -> None:
    for columns in ([*V2, "count (templates)"], [*V3, "templates"], [*AIRR, "duplicate_count"]):
        sample = read(tmp_path, columns)
        assert (sample.n_rows, sample.total_templates) == (0, 0)


# AIRR coordinates: the first base of J, counted from 0, in the sequence on the coding strand.
SENSE = sequence(5, 60)
ANTISENSE = SENSE[::-1].translate(str.maketrans("ACGT", "TGCA"))


@pytest.mark.parametrize(
    ("written", "rev_comp", "junction", "start", "anchor", "flag"),
    [
        (SENSE, "F", SENSE[20:50], 41, 40, None),
        (ANTISENSE, "T", SENSE[20:50], 41, 40, None),
        (ANTISENSE, "true", "", 41, 40, None),
        (SENSE, "T", SENSE[20:50], 41, 40, "AIRR_ALREADY_TURNED"),
        (SENSE, "", "", "", -1, None),
    ],
)
def test_airr_strands(
    *,
    written: str,
    rev_comp: str,
    junction: str,
    start: object,
    anchor: int,
    flag: str | None,
    tmp_path: Path,
) -> None:
    line = {"sequence": written, "rev_comp": rev_comp, "junction": junction, "j_sequence_start": start}
    sample = read(
        tmp_path, [*AIRR, "duplicate_count"], {**line, "v_call": "IGHV3-9*01", "duplicate_count": 5}
    )
    assert (sample.rows.sequence(0), int(sample.rows.anchors[0])) == (SENSE, anchor)
    assert sample.rows.templates_by_locus() == {"IGH": 5}
    assert ([flag] if flag else []) == [code for code in flags(sample) if code.startswith("AIRR")]


def test_airr_counted_from_0_says_so(tmp_path: Path) -> None:
    line = {
        "sequence": SENSE,
        "j_sequence_start": 40,
        "v_sequence_start": 0,
        "v_call": "IGHV3",
        "duplicate_count": 1,
    }
    sample = read(tmp_path, [*AIRR, "duplicate_count", "v_sequence_start"], line)
    assert int(sample.rows.anchors[0]) == 40
    assert "AIRR_COUNTED_FROM_0" in flags(sample)


@pytest.mark.parametrize(
    ("cells", "frame"),
    [
        ({"productive": "T"}, "In"),
        ({"productive": "F", "vj_in_frame": "F"}, "Out"),
        ({"productive": "F", "vj_in_frame": "T", "stop_codon": "T"}, "Stop"),
        ({"productive": "F"}, None),
        ({}, None),
    ],
)
def test_airr_frame(cells: dict[str, str], frame: str | None, tmp_path: Path) -> None:
    columns = [*AIRR, "duplicate_count", "productive", "vj_in_frame", "stop_codon"]
    sample = read(tmp_path, columns, {"sequence": SENSE, "duplicate_count": 1, **cells})
    assert sample.rows.frame.at(0) == frame


def test_a_truth_value_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column rev_comp"):
        read(
            tmp_path, [*AIRR, "duplicate_count"], {"sequence": SENSE, "duplicate_count": 1, "rev_comp": "yes"}
        )


def test_an_incomplete_rearrangement_without_locus_is_igh_d(tmp_path: Path) -> None:
    line = {"sequence": SENSE, "d_call": "IGHD3-10", "j_call": "IGHJ6", "duplicate_count": 2}
    assert read(tmp_path, [*AIRR, "duplicate_count"], line).rows.templates_by_locus() == {"IGH_D": 2}


def test_a_sponsor_summary_points_to_its_command(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="import-summary"):
        read_sample(write(tmp_path / "s.csv", "CustomerSubjectId,SampleName,PerMillionCount\na,b,1\n"))
