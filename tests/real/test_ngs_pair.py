"""The real calibration and tracking files of one person (seanno/vdj, MIT; a fixture, no clinical case).

Numbers: `facts/ngs.md` sections 3 and 4, measured on these files; the vendor's own `Dx` tags are the truth
of the calibration.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from pipeline_files import write
from real_data import real
from sequence_tables import frame
from tables import rows

from mrdkit.errors import InputError
from mrdkit.ngs import (
    BatchSample,
    NgsSample,
    TargetSet,
    calibrate,
    check_batch,
    denominator,
    load_rules,
    read_batch_rule,
    read_sample,
    templates_by_like_group,
    track,
    tracking_options,
)
from mrdkit.results import NgsMrdCall, Specimen

RULES = load_rules()


def id_sample() -> NgsSample:
    return read_sample(real("ngs/seanno-vdj/A_BCell_ID.tsv"))


def mrd_sample() -> NgsSample:
    return read_sample(real("ngs/seanno-vdj/A_BCell_MRD.tsv"))


def targets() -> TargetSet:
    return calibrate(id_sample(), subject_id="A", rules=RULES)


def called(sample: NgsSample) -> NgsMrdCall:
    return track(sample, targets(), specimen=Specimen(), rules=RULES)


def test_calibration_file() -> None:
    sample = id_sample()
    assert sample.n_rows == 821
    assert sample.rows.templates_by_locus() == {"IGH": 37_544, "IGH_D": 90, "IGK": 96_859, "IGL": 220}
    assert sample.total_templates == 134_713
    assert templates_by_like_group(sample, RULES.dominance)["IGH-involved"] == 37_634
    assert sample.stated.reference_loci == 46_581.77
    assert (sample.assay_kind, sample.warnings, len(sample.header)) == ("ID", (), 19)


def test_tracking_file() -> None:
    sample = mrd_sample()
    assert sample.n_rows == 7_406
    assert sample.rows.templates_by_locus() == {"IGH": 2_142, "IGH_D": 2_520, "IGK": 4_533, "IGL": 603}
    assert sample.total_templates == 9_798
    assert sample.stated.reference_loci == 1_045_767.05
    assert (sample.assay_kind, sample.warnings) == ("MRD", ())


def test_dominant_sequences_are_exactly_the_vendors() -> None:
    found = targets()
    assert [
        (target.locus, target.v, target.templates, target.frame, target.sensitivity_bin)
        for target in found.targets
    ] == [
        ("IGK", "IGKV05-02*01", 49_930, "Out", 1e-6),
        ("IGK", "IGKV01", 46_540, "In", 1e-4),
        ("IGH", "IGHV04-39", 37_100, "Stop", 1e-6),
    ]
    tagged = frame(id_sample().rows).filter("vendor_dominant")["sequence"].to_list()
    assert sorted(target.sequence for target in found.targets) == sorted(tagged)
    assert "VENDOR_TAGS_AGREE" in found.flags


@pytest.mark.parametrize(
    ("v", "of_group", "of_cells"),
    [("IGHV04-39", 0.98581, 0.79645), ("IGKV05-02*01", 0.51549, 1.07188), ("IGKV01", 0.48049, 0.99910)],
)
def test_fractions_of_the_dominant_sequences(v: str, of_group: float, of_cells: float) -> None:
    found = next(target for target in targets().targets if target.v == v)
    assert found.fraction_of_group == pytest.approx(of_group, abs=5e-6)
    assert found.fraction_of_cells == pytest.approx(of_cells, abs=5e-6)


def test_a_light_chain_fails_the_cells_rule_only() -> None:
    """Facts: "61 templates is 27.7 % of the 220 IGL templates ... fails the 0.2 % rule only"."""
    found = next(target for target in targets().candidates if (target.locus, target.templates) == ("IGL", 61))
    assert found.failed_criteria == ("CELLS_0_2PCT",)
    assert found.fraction_of_group == pytest.approx(0.277, abs=5e-4)
    assert found.fraction_of_cells == pytest.approx(0.00131, abs=5e-6)
    assert not found.dominant


def test_every_sequence_of_20_templates_is_listed() -> None:
    listed = {target.sequence for target in targets().candidates}
    rows = frame(id_sample().rows)
    assert set(rows.filter(rows["templates"] >= 20)["sequence"]) <= listed


@pytest.mark.parametrize(
    ("v", "templates", "per_million", "low", "high", "log_reduction"),
    [
        ("IGHV04-39", 182, 174.035, 149.668, 201.238, 3.6605),
        ("IGKV05-02*01", 285, 272.527, 241.803, 306.075, 3.5947),
        ("IGKV01", 292, 279.221, 248.110, 313.154, 3.5537),
    ],
)
def test_tracked_targets(
    *, v: str, templates: int, per_million: float, low: float, high: float, log_reduction: float
) -> None:
    found = next(target for target in called(mrd_sample()).tracking if target.v == v)
    assert found.templates == templates
    assert found.per_million == pytest.approx(per_million, abs=5.1e-4)
    assert found.ci_low == pytest.approx(low, abs=5.1e-4)
    assert found.ci_high == pytest.approx(high, abs=5.1e-4)
    assert found.log_reduction == pytest.approx(log_reduction, abs=5.1e-5)


def test_value_of_the_sample() -> None:
    call = called(mrd_sample())
    driving = next(one for one in call.tracking if one.target_id == call.driving_target)
    assert driving.v == "IGKV05-02*01"  # IGKV01 has more, but is trackable to 1e-4 only
    assert call.mrd_per_million == driving.per_million
    assert list(call.status.values()) == ["positive"] * 3
    assert (call.detected, call.quantifiable, call.discordant_targets) == (True, True, ())
    shared = call.new_dominant[0]
    assert (shared.v, shared.templates, shared.failed_criteria) == ("IGHV01-68*01", 278, ("CELLS_0_2PCT",))


def test_every_target_may_make_the_value() -> None:
    call = track(
        mrd_sample(),
        targets(),
        specimen=Specimen(),
        rules=RULES,
        options=tracking_options(RULES.tracking, min_bin=1e-4),
    )
    assert call.mrd_per_million == pytest.approx(279.221, abs=5.1e-4)


def test_without_the_targets_the_sample_is_negative_where_cells_suffice(tmp_path: Path) -> None:
    known = {target.sequence for target in targets().targets}
    lines = real("ngs/seanno-vdj/A_BCell_MRD.tsv").read_text().splitlines(keepends=True)
    kept = [line for line in lines if line.split("\t")[0] not in known]
    assert len(lines) - len(kept) == 3
    call = called(read_sample(write(tmp_path / "negative.tsv", "".join(kept))))
    assert call.status == {"1e-4": "negative", "1e-5": "negative", "1e-6": "indeterminate"}
    assert (call.mrd_per_million, call.driving_target, call.detected) == (0.0, None, False)
    assert call.upper_limit == pytest.approx(2.8646e-6, rel=1e-4)
    assert any("needs 2,995,732 cells, has 1,045,767" in reason for reason in call.reasons)
    assert "TEMPLATES_DIFFER_FROM_HEADER" in call.flags


# README of the data: rows and templates of each file.
FILES = """
    file                                  | dialect    | rows | templates | reads  | cells  | cells_source
    --------------------------------------+------------+------+-----------+--------+--------+-------------
    seanno-vdj/BH.tsv                     | v2         | 8613 | 8951      | -      | -      | none
    seanno-vdj/agate_1.tsv                | agate      | 692  | 222306    | 953357 | -      | none
    tcrdist3/Adaptive2020.tsv             | export2020 | 999  | 221828    | -      | -      | none
    immunarch-tests/immunoseq_1.txt       | v3         | 1    | 654       | -      | 410043 | mass_6.5pg
    airr-standards/good_rearrangement.tsv | airr       | 9    | 4304      | -      | -      | none
"""


@pytest.mark.parametrize(("name", "dialect", "n", "templates", "reads", "cells", "source"), rows(FILES))
def test_every_dialect(
    *, name: str, dialect: str, n: str, templates: str, reads: str, cells: str, source: str
) -> None:
    sample = read_sample(real(f"ngs/{name}"))
    assert (sample.dialect, sample.n_rows, sample.total_templates) == (dialect, int(n), int(templates))
    assert sample.total_reads == (None if reads == "-" else int(reads))
    found = denominator(sample, RULES.cells)
    assert (found.cells, found.source) == (None if cells == "-" else float(cells), source)


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("bad_rearrangement.tsv", "DIALECT_UNKNOWN", "AIRR Rearrangement is closest and lacks sequence"),
        ("extra_rearrangement.tsv", "COUNT_COLUMN_MISSING", "duplicate_count or umi_count"),
    ],
)
def test_a_file_that_cannot_count_is_refused_with_the_reason(name: str, code: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as error:
        read_sample(real(f"ngs/airr-standards/{name}"))
    assert error.value.code == code


def test_the_sub_clone_of_the_pair() -> None:
    """A sequence of 133 templates has the index's D-N-J and another V; 1 template of it is left."""
    known = targets()
    index = next(target for target in known.targets if target.locus == "IGH")
    largest = known.evolved[0]
    assert (largest.v, largest.templates, largest.stem_length) == ("IGHV01-03*01", 133, 62)
    assert largest.evolved_from == index.target_id
    assert largest.failed_criteria == ("LIKE_3PCT",)
    (found,) = called(mrd_sample()).evolved
    assert (found.clone_id, found.target_id, found.v) == (largest.target_id, index.target_id, "IGHV01-03*01")
    assert (found.templates, found.overlap, found.mismatches, found.stem_length) == (1, 111, 0, 62)
    assert found.per_million == pytest.approx(0.95624, abs=5e-6)


def test_tolerance_is_an_annotation() -> None:
    exact = called(mrd_sample())
    tolerant = track(
        mrd_sample(),
        targets(),
        specimen=Specimen(),
        rules=RULES,
        options=tracking_options(RULES.tracking, max_mismatch=2),
    )
    assert [one.templates_tolerant for one in exact.tracking] == [285, 292, 182]
    assert [one.templates_tolerant for one in tolerant.tracking] == [285, 294, 183]
    assert [one.templates for one in tolerant.tracking] == [285, 292, 182]
    assert (tolerant.mrd_per_million, tolerant.status) == (exact.mrd_per_million, exact.status)


def test_the_pair_of_one_subject_shares_nothing_to_report() -> None:
    pair = [
        BatchSample(path=str(i), subject_id="A", sample=sample)
        for i, sample in enumerate((id_sample(), mrd_sample()))
    ]
    assert check_batch(pair, read_batch_rule(), RULES) == ()


def test_the_pair_of_two_subjects_is_bleed_over() -> None:
    """As if the tracking file were another person's: its three targets came from the calibration sample."""
    plate = [
        BatchSample(path=name, subject_id=name, sample=sample)
        for name, sample in (("id", id_sample()), ("mrd", mrd_sample()))
    ]
    found = {pair.verdict: pair for pair in check_batch(plate, read_batch_rule(), RULES)}
    bled = {one.sequence: one for one in found["bleed_over"].shared}
    rare = [one for one in targets().targets if (one.clone_probability or 1.0) < 1e-9]
    assert {target.sequence for target in rare} <= set(bled)
    index = bled[next(target.sequence for target in targets().targets if target.locus == "IGH")]
    assert (index.templates_a, index.templates_b, index.source, index.dominant) == (37_100, 182, "a", True)


def rearranged(name: str, folder: Path) -> NgsSample:
    """The same file with reversed rows and columns, mixed line ends, and gzip."""
    lines = real(f"ngs/seanno-vdj/{name}.tsv").read_text().splitlines()
    n_comments = sum(line.startswith("#") for line in lines)
    table = ["\t".join(reversed(line.split("\t"))) for line in lines[n_comments:]]
    ordered = [*lines[:n_comments], table[0], *reversed(table[1:])]
    content = "".join(line + ("\r\n" if i % 3 else "\n") for i, line in enumerate(ordered))
    return read_sample(write(folder / f"{name}.tsv.gz", content.rstrip()))


def test_layout_never_changes_the_real_result(tmp_path: Path) -> None:
    known = calibrate(rearranged("A_BCell_ID", tmp_path), subject_id="A", rules=RULES)
    assert known.candidates == targets().candidates
    found = track(rearranged("A_BCell_MRD", tmp_path), known, specimen=Specimen(), rules=RULES)
    expected = called(mrd_sample())
    assert replace(found, evidence=expected.evidence) == expected


@pytest.mark.parametrize("missing", ["jIndex", "locus", "aminoAcid"])
def test_a_column_less_gives_the_same_templates(missing: str, tmp_path: Path) -> None:
    """Without jIndex right ends are aligned, without locus the genes tell it."""
    lines = real("ngs/seanno-vdj/A_BCell_MRD.tsv").read_text().splitlines()
    names = next(line for line in lines if not line.startswith("#")).split("\t")
    at = names.index(missing)
    kept = [
        line if line.startswith("#") else "\t".join(c for i, c in enumerate(line.split("\t")) if i != at)
        for line in lines
    ]
    sample = read_sample(write(tmp_path / "less.tsv", "\n".join(kept)))
    assert sample.rows.templates_by_locus() == {"IGH": 2_142, "IGH_D": 2_520, "IGK": 4_533, "IGL": 603}
    assert [target.templates for target in called(sample).tracking] == [285, 292, 182]
