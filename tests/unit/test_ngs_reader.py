"""Reading pipeline files: what never changes a result, and what is refused."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_files import CELLULAR, COLUMNS, row, sequence, text, write
from sequence_tables import frame

from mrdkit.errors import InputError
from mrdkit.ngs import NgsSample, calibrate, load_rules, read_sample, track
from mrdkit.ngs import source as source_module
from mrdkit.results import Specimen, as_json

RULES = load_rules()
ROWS = (
    row(sequence(1), 9_000, sequenceTags="Dx"),
    row(sequence(2), 8_000, "IGK", sequenceTags="Dx"),
    row(sequence(3), 700, "IGL", jIndex=-1),
    row(sequence(1)[20:], 3, jIndex=52),
    row(sequence(4), 1, "IGH_D"),
)


def same(first: NgsSample, second: NgsSample) -> bool:
    """Whether two files give the same rows, apart from their order, and the same sample values."""
    names = ("total_reads", "stated", "plasma_ml", "warnings", "assay_kind", "n_rows")
    rows, others = frame(first.rows), frame(second.rows)
    return rows.sort(rows.columns).equals(others.sort(others.columns)) and all(
        getattr(first, name) == getattr(second, name) for name in names
    )


def result(folder: Path, sample: NgsSample) -> object:
    """Calibration and call that one sample leads to, without the identity of its file."""
    reference = read_sample(write(folder / "reference.tsv", text(ROWS)))
    own = calibrate(sample, subject_id="S", rules=RULES)
    known = calibrate(reference, subject_id="S", rules=RULES)
    call = as_json(track(sample, known, specimen=Specimen(), rules=RULES))
    assert isinstance(call, dict)
    kept = {
        key: value for key, value in call.items() if key not in {"evidence", "sample_id", "flags", "reasons"}
    }
    return as_json(own.candidates), kept


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    order=st.permutations(ROWS),
    columns=st.permutations((*COLUMNS, "extra_column")),
    ends=st.lists(st.sampled_from(["\n", "\r\n"]), min_size=12, max_size=12),
    last=st.sampled_from(["", "\n", "\r\n", "\n\r\n\n"]),
    packed=st.booleans(),
    case=st.sampled_from([str, str.lower, str.upper, str.swapcase]),
)
def test_order_line_ends_packing_and_letter_case_never_change_a_result(
    tmp_path: Path,
    order: list[dict[str, str]],
    columns: list[str],
    ends: list[str],
    last: str,
    *,
    packed: bool,
    case: Callable[[str], str],
) -> None:
    order = [{**line, "nucleotide": case(line["nucleotide"])} for line in order]
    lines = text(order, columns=columns).splitlines()
    names = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    lines[names] = case(lines[names])
    content = "".join(line + end for line, end in zip(lines[:-1], ends, strict=False)) + lines[-1] + last
    found = read_sample(write(tmp_path / ("s.tsv.gz" if packed else "s.tsv"), content))
    expected = read_sample(write(tmp_path / "plain.tsv", text(ROWS)))
    assert same(found, expected)
    assert result(tmp_path, found) == result(tmp_path, expected)


def test_a_file_without_rows_is_a_zero_sample(tmp_path: Path) -> None:
    for content in (text(()), text(()).rstrip("\n"), text(()).replace("\n", "\r\n")):
        sample = read_sample(write(tmp_path / "zero.tsv", content))
        assert (sample.rows.n, sample.total_templates, sample.stated.reference_loci) == (0, 0, 1e6)


@pytest.mark.parametrize("kept", range(2, len(COLUMNS)))
def test_a_cut_last_row_is_an_error(kept: int, tmp_path: Path) -> None:
    content = text(ROWS).rstrip("\n")
    cut = "\t".join(content.split("\n")[-1].split("\t")[:kept])
    with pytest.raises(InputError, match="line 11") as error:
        read_sample(write(tmp_path / "s.tsv", content[: content.rfind("\n") + 1] + cut))
    assert error.value.code == "ROW_TRUNCATED"


def test_a_long_row_does_not_make_up_for_a_short_one(tmp_path: Path) -> None:
    lines = text(ROWS).splitlines()
    lines[-1], lines[-2] = lines[-1].rsplit("\t", 1)[0], lines[-2] + "\tx"
    with pytest.raises(InputError, match="line 10"):
        read_sample(write(tmp_path / "s.tsv", "\n".join(lines)))


def test_rows_are_checked_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_BLOCK", 37)
    assert read_sample(write(tmp_path / "s.tsv", text(ROWS))).n_rows == len(ROWS)
    with pytest.raises(InputError, match="line 9"):
        read_sample(write(tmp_path / "s.tsv", text(ROWS).replace("\t700\t", "\n")))


def without(*names: str) -> str:
    return text(ROWS, columns=[name for name in COLUMNS if name not in names])


DAMAGE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "no count column": ("COUNT_COLUMN_MISSING", lambda: without("inputTemplateEstimate", "count")),
    "no sequences": ("DIALECT_UNKNOWN", lambda: without("nucleotide")),
    "empty": ("COLUMNS_MISSING", lambda: b""),
    "comments only": ("COLUMNS_MISSING", lambda: "#qc_flags=PASS\n"),
    "old Mac line ends": ("COLUMNS_MISSING", lambda: text(ROWS).replace("\n", "\r")),
    "binary": ("TABLE_NOT_TEXT", lambda: b"#a=1\n\xff\xfe\x00\x01\n"),
    "not UTF-8 in a row": ("TABLE_INVALID", lambda: text(ROWS).encode().replace(b"IGLV01", b"IGL\xff01")),
    "column twice": ("COLUMN_REPEATED", lambda: text(ROWS).replace("aminoAcid", "copy")),
    "commas": ("TABLE_NOT_TABS", lambda: text(ROWS, header={}).replace("\t", ",")),
    "empty line inside": (
        "ROW_TRUNCATED",
        lambda: text(ROWS).replace("\n" + sequence(3), "\n\n" + sequence(3)),
    ),
    "late comment": ("ROW_TRUNCATED", lambda: text(ROWS) + "#entropy=1\n"),
    "no count": ("CELL_INVALID", lambda: text([row(sequence(1), ""), row(sequence(2), 3)])),
    "negative count": ("CELL_INVALID", lambda: text([row(sequence(1), -1)])),
    "part of a template": ("CELL_INVALID", lambda: text([row(sequence(1), 1.5)])),
    "infinite count": ("CELL_INVALID", lambda: text([row(sequence(1), "inf")])),
    "absurd count": ("CELL_INVALID", lambda: text([row(sequence(1), 10**13)])),
    "wrong jIndex": ("CELL_INVALID", lambda: text([row(sequence(1), 1, jIndex="ten")])),
    "wrong bin": ("CELL_INVALID", lambda: text([row(sequence(1), 1, cellularSensitivityBin="low")])),
    "amino acids": ("CELL_INVALID", lambda: text([row("CASSLG", 1, jIndex=2)])),
    "no sequence": ("CELL_INVALID", lambda: text([row("", 1, jIndex=0)])),
    "wrong cells": ("HEADER_VALUE", lambda: text(ROWS, {**CELLULAR, "estTotalNucleatedCells": "many"})),
    "infinite cells": ("HEADER_VALUE", lambda: text(ROWS, {**CELLULAR, "estTotalNucleatedCells": "inf"})),
    "hardly a cell": ("HEADER_VALUE", lambda: text(ROWS, {**CELLULAR, "estTotalNucleatedCells": "1e-300"})),
    "negative cells": ("HEADER_VALUE", lambda: text(ROWS, {**CELLULAR, "estTotalNucleatedCells": "-5"})),
    "two values of a key": ("HEADER_CONFLICT", lambda: "#estTotalNucleatedCells=5\n" + text(ROWS)),
    "sponsor CSV": ("DIALECT_NOT_READ", lambda: "CustomerSubjectId,SampleName,PerMillionCount\na,b,1\n"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named(name: str, tmp_path: Path) -> None:
    code, content = DAMAGE[name]
    with pytest.raises(InputError) as error:
        read_sample(write(tmp_path / "s.tsv", content()))
    assert error.value.code == code
    assert "s.tsv" in str(error.value)


def test_the_line_and_the_column_of_a_wrong_cell_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 8, column jIndex"):
        read_sample(write(tmp_path / "s.tsv", text([ROWS[0], row(sequence(9), 1, jIndex="x")])))


def test_the_closest_dialect_and_its_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="AIRR Rearrangement is closest and lacks junction, sequence"):
        read_sample(write(tmp_path / "s.tsv", "sequence_id\tv_call\tsecret\n"))
    with pytest.raises(InputError, match="clonoSEQ pipeline is closest and lacks nucleotide") as error:
        read_sample(write(tmp_path / "s.tsv", "John Doe\t1\n"))
    assert "John" not in str(error.value)


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(text(ROWS).encode())
    for content in (packed[:-9], packed[:40], packed[:30] + b"\x00" * 9 + packed[39:]):
        path = tmp_path / "s.tsv.gz"
        path.write_bytes(content)
        with pytest.raises(InputError) as error:
            read_sample(path)
        assert error.value.code == "GZIP_DAMAGED"


def test_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_BOMB_FROM", 1024**2)
    path = tmp_path / "bomb.tsv.gz"
    path.write_bytes(gzip.compress(text(ROWS).encode() + b"\n" * 20 * 1024**2))
    with pytest.raises(InputError) as error:
        read_sample(path)
    assert error.value.code == "FILE_TOO_LARGE"


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as missing:
        read_sample(tmp_path / "none.tsv")
    with pytest.raises(InputError) as folder:
        read_sample(tmp_path)
    assert (missing.value.code, folder.value.code) == ("FILE_MISSING", "FILE_UNREADABLE")


def test_count_stands_in_for_templates_and_says_so(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "s.tsv", without("inputTemplateEstimate")))
    assert (sample.template_source, sample.total_templates) == ("count", 17_704)
    assert [warning.code for warning in sample.warnings] == ["TEMPLATES_FROM_COUNT"]
    assert not sample.templates_doubtful


def test_the_template_estimate_wins_over_a_count_of_reads(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "s.tsv", text([row(sequence(1), 50, count=2_000)])))
    assert (sample.template_source, sample.total_templates) == ("inputTemplateEstimate", 50)


def test_count_that_contradicts_the_header_carries_no_value(tmp_path: Path) -> None:
    header = {**CELLULAR, "VJ_est_input_templates": "50", "DJ_est_input_templates": "0"}
    columns = [name for name in COLUMNS if name != "inputTemplateEstimate"]
    sample = read_sample(write(tmp_path / "s.tsv", text([row(sequence(1), 2_000)], header, columns)))
    assert sample.templates_doubtful
    known = calibrate(read_sample(write(tmp_path / "id.tsv", text(ROWS))), subject_id="S", rules=RULES)
    call = track(sample, known, specimen=Specimen(), rules=RULES)
    assert set(call.status.values()) == {"not_evaluable"}
    assert (call.mrd_per_million, call.tracking[0].per_million) == (None, None)
    assert "TEMPLATES_DOUBTFUL" in call.flags


def test_header_sum_is_checked(tmp_path: Path) -> None:
    header = {**CELLULAR, "VJ_est_input_templates": "17703", "DJ_est_input_templates": "1"}
    assert read_sample(write(tmp_path / "s.tsv", text(ROWS, header))).warnings == ()
    header["DJ_est_input_templates"] = "2"
    (warning,) = read_sample(write(tmp_path / "s.tsv", text(ROWS, header))).warnings
    assert warning.code == "TEMPLATES_DIFFER_FROM_HEADER"
    assert "17,704" in warning.message


def test_quality_flag_is_carried(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "s.tsv", text(ROWS, {**CELLULAR, "qc_flags": "LOW_INPUT"})))
    assert [warning.code for warning in sample.warnings] == ["QC_NOT_PASS"]


def test_a_repeated_key_of_one_value_is_no_conflict(tmp_path: Path) -> None:
    content = "#estTotalNucleatedCells=1000000\n" + text(ROWS)
    assert read_sample(write(tmp_path / "s.tsv", content)).stated.reference_loci == 1e6


LOCI = """
    TCRBV05 | TCRBD01 | TCRBJ02 | TRB
    IGHV03-or16_09*01 | null | IGHJ04 | IGH
    null | IGHD03 | IGHJ06 | IGH_D
    IGLV03-01*01 | null | null | IGL
    IGKV_iRSS-01*01 | null | IGKJ_Kdel-01*01 | IGK
    null | null | null | unknown
"""


@pytest.mark.parametrize("line", LOCI.strip().splitlines())
def test_an_empty_locus_is_derived_from_the_genes(line: str, tmp_path: Path) -> None:
    v, d, j, locus = (cell.strip() for cell in line.split("|"))
    resolved = "DJ" if v == "null" and d != "null" else "VDJ"
    one = row(
        sequence(1), 5, locus="", vMaxResolved=v, dMaxResolved=d, jMaxResolved=j, cloneResolved=resolved
    )
    sample = read_sample(write(tmp_path / "s.tsv", text([one])))
    assert sample.rows.templates_by_locus() == {locus: 5}
    assert [sample.rows.v.at(0)] == [None if v == "null" else v]
    assert any(warning.code == "LOCUS_UNKNOWN" for warning in sample.warnings) == (locus == "unknown")


@pytest.mark.parametrize(
    ("written", "locus"),
    [("igh", "IGH"), (" IGH ", "IGH"), ("IGH-D", "IGH_D"), ("Igk", "IGK"), ("tcrb", "TRB"), (" ", "IGH")],
)
def test_another_spelling_is_no_other_locus(written: str, locus: str, tmp_path: Path) -> None:
    sample = read_sample(
        write(tmp_path / "s.tsv", text([row(sequence(1), 5, locus=written, vMaxResolved="IGHV1")]))
    )
    assert sample.rows.templates_by_locus() == {locus: 5}
    assert not sample.warnings


def test_a_locus_that_no_target_has_is_named(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "s.tsv", text([row(sequence(1), 5, locus="BCL1/IGH")])))
    assert sample.rows.templates_by_locus() == {"BCL1/IGH": 5}
    assert [warning.code for warning in sample.warnings] == ["LOCUS_UNUSUAL"]


def test_header_keys_are_read_in_any_case_and_behind_two_signs(tmp_path: Path) -> None:
    header = {"QC_flags": "PASS", "#ESTTOTALNUCLEATEDCELLS": "5000", "samplemilliliters": "4"}
    sample = read_sample(write(tmp_path / "s.tsv", text(ROWS, header)))
    assert (sample.stated.reference_loci, sample.plasma_ml, sample.compartment) == (5000.0, 4.0, "cell_free")
    both = {"estTotalNucleatedCells": "5000", "EstTotalNucleatedCells": "6000"}
    with pytest.raises(InputError, match="estTotalNucleatedCells"):
        read_sample(write(tmp_path / "s.tsv", text(ROWS, both)))


def test_rare_spellings(tmp_path: Path) -> None:
    one = row(sequence(1).lower(), "5.0", jIndex="72.0")
    sample = read_sample(write(tmp_path / "s.tsv", text([one])))
    assert frame(sample.rows).select("sequence", "templates", "j_index").row(0) == (
        sequence(1),
        5,
        72,
    )


def test_byte_order_mark_and_a_file_without_comments(tmp_path: Path) -> None:
    assert read_sample(write(tmp_path / "s.tsv", "\ufeff" + text(ROWS))).stated.reference_loci == 1e6
    sample = read_sample(write(tmp_path / "s.tsv", text(ROWS, header={})))
    assert (sample.stated.reference_loci, sample.stated.dna_ng, sample.n_rows) == (None, None, len(ROWS))


def test_the_name_of_the_sample(tmp_path: Path) -> None:
    for name in ("S1.adap.txt.results.tsv", "S1.adap.txt.results.tsv.gz", "S1.tsv", "S1.tsv.gz", "S1"):
        assert read_sample(write(tmp_path / name, text(ROWS))).sample_id == "S1"
