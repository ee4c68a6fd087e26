"""Tracked sequences as AIRR: the required columns, names of IMGT, and a table that is read again."""

from pathlib import Path

import pytest
from pipeline_files import COLUMNS, row, sequence, text, write

from mrdkit.errors import InputError
from mrdkit.ngs import airr_text, calibrate, load_rules, read_limits, read_sample, track, tracking_options
from mrdkit.ngs.airr_export import COLUMNS as AIRR_COLUMNS
from mrdkit.ngs.gene_names import imgt_name
from mrdkit.results import Specimen

RULES = load_rules()
REQUIRED = (
    "sequence_id sequence rev_comp productive v_call d_call j_call sequence_alignment germline_alignment "
    "junction junction_aa v_cigar d_cigar j_cigar"
)
LINE = row(sequence(1), 9_000, vMaxResolved="IGHV04-39*01", jMaxResolved="IGHJ04-01*02", sequenceStatus="In")


@pytest.mark.parametrize(
    ("vendor", "imgt"),
    [
        ("IGHV04-39", "IGHV4-39"),
        ("IGHV04-39*07", "IGHV4-39*07"),
        ("IGKV05-02*01", "IGKV5-2*01"),
        ("IGKV01D-39", "IGKV1D-39"),
        ("IGHD02-02*03", "IGHD2-2*03"),
        ("IGHJ04-01*02", "IGHJ4*02"),
        ("IGLJ03-01", "IGLJ3"),
        ("IGHV03-or16_09*01", "IGHV3/OR16-9*01"),
        ("TCRBV05-04*01", "TRBV5-4*01"),
        ("TCRBJ02-07", "TRBJ2-7"),
        ("IGKV01", "IGKV1"),
        ("IGKJ_Kdel-01*01", None),
        ("IGHV03-64D*06", "IGHV3-64D*06"),
        ("unresolved", None),
        (None, None),
    ],
)
def test_imgt_names(vendor: str | None, imgt: str | None) -> None:
    assert imgt_name(vendor) == imgt


def test_the_table_is_read_again(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "id.tsv", text([LINE], columns=COLUMNS)))
    known = calibrate(sample, subject_id="S", rules=RULES)
    calls = [
        track(
            read_sample(write(tmp_path / f"{n}.tsv", text([row(sequence(1), n)]))),
            known,
            specimen=Specimen(),
            rules=RULES,
        )
        for n in (20, 5)
    ]
    content = airr_text(known, calls)
    assert content.splitlines()[0].split("\t")[:14] == REQUIRED.split() == list(AIRR_COLUMNS[:14])
    again = read_sample(write(tmp_path / "a.tsv", content), sample="20")
    assert (again.dialect, again.total_templates, again.rows.sequence(0)) == ("airr", 20, sequence(1))
    assert (again.rows.v.at(0), again.rows.j.at(0), again.rows.frame.at(0)) == (
        "IGHV4-39*01",
        "IGHJ4*02",
        "In",
    )
    assert int(again.rows.anchors[0]) == 72
    assert airr_text(known, calls) == content


def test_measured_limits_of_a_target(tmp_path: Path) -> None:
    known = calibrate(read_sample(write(tmp_path / "id.tsv", text([LINE]))), subject_id="S", rules=RULES)
    name = known.targets[0].target_id
    path = write(
        tmp_path / "limits.csv", f"target_id,unit,lod,loq,source\n{name},per_million,12.5,30,vendor report\n"
    )
    sample = read_sample(write(tmp_path / "mrd.tsv", text([row(sequence(1), 20)])))

    def called(*, plasma: bool) -> list[object]:
        header = {"sampleMilliliters": "2", "qc_flags": "PASS"} if plasma else None
        measured = (
            read_sample(write(tmp_path / "p.tsv", text([row(sequence(1), 20)], header))) if header else sample
        )
        options = tracking_options(RULES.tracking, limits=read_limits(path))
        call = track(measured, known, specimen=Specimen(), rules=RULES, options=options)
        one = call.tracking[0]
        return [one.lod, one.loq, one.lod_source, call.quantifiable, "LIMIT_UNIT_DIFFERS" in call.flags]

    assert called(plasma=False) == [pytest.approx(12.5), pytest.approx(30.0), "vendor report", False, False]
    assert called(plasma=True)[2:] == ["poisson", True, True]


@pytest.mark.parametrize(
    "line",
    [
        "x,per_cell,1,2,vendor",
        "x,per_million,0,2,vendor",
        "x,per_million,3,2,vendor",
        "x,per_million,1,2,",
        "x,per_million,1,2,poisson",
        "x,per_million,1,2,a\nx,per_million,1,2,a",
    ],
)
def test_what_is_no_limit_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_limits(write(tmp_path / "limits.csv", f"target_id,unit,lod,loq,source\n{line}\n"))
