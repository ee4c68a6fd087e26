"""Calls at their edges: plasma, no cells, no targets, shared stems, variants, several calibrations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pipeline_files import CELLULAR, COLUMNS, row, sequence, text, write

from mrdkit.errors import InputError, RuleError, UsageError
from mrdkit.ngs import (
    NgsSample,
    TargetSet,
    calibrate,
    load_rules,
    merge_targets,
    read_sample,
    track,
    tracking_options,
)
from mrdkit.ngs.targets import target_id
from mrdkit.results import NgsMrdCall, Specimen

RULES = load_rules()
PLASMA = {**CELLULAR, "sampleMilliliters": "2.5"}
NO_CELLS = {**CELLULAR, "estTotalNucleatedCells": "-1", "productionPCRAmountofTemplate": "NA"}
CLONE = row(sequence(1), 10_000, sequenceTags="Dx")


def sample(
    folder: Path, rows: Sequence[Mapping[str, str]], header: Mapping[str, str] = CELLULAR, name: str = "s"
) -> NgsSample:
    return read_sample(write(folder / f"{name}.tsv", text(rows, header)))


def targets(folder: Path, *rows: Mapping[str, str]) -> TargetSet:
    return calibrate(sample(folder, rows or (CLONE,), name="id"), subject_id="S", rules=RULES)


def called(follow_up: NgsSample, known: TargetSet) -> NgsMrdCall:
    return track(follow_up, known, specimen=Specimen(), rules=RULES)


def changed(nucleotides: str, *positions: int) -> str:
    letters = list(nucleotides)
    for position in positions:
        letters[position] = "A" if letters[position] != "A" else "C"
    return "".join(letters)


def test_plasma_is_given_per_ml_and_never_called_per_cell(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(sequence(1), 100)], PLASMA), targets(tmp_path))
    (tracked,) = call.tracking
    assert (call.compartment, call.plasma_ml, call.cells) == ("cell_free", 2.5, 1e6)
    assert (call.mrd_per_ml, call.mrd_per_million, call.upper_limit) == (40.0, None, None)
    assert (tracked.per_ml, tracked.per_million, tracked.log_reduction) == (40.0, None, None)
    assert tracked.ci_low == pytest.approx(81.364 / 2.5, rel=1e-4)
    assert tracked.lod == pytest.approx(2.9957 / 2.5, rel=1e-4)
    assert set(call.status.values()) == {"not_evaluable"}
    assert call.detected
    assert "CELL_FREE" in call.flags
    assert "OUTSIDE_LINEAR_RANGE" not in call.flags


def test_plasma_outside_the_linear_range_says_so(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(sequence(1), 26)], PLASMA), targets(tmp_path))
    assert call.mrd_per_ml == 10.4
    assert "OUTSIDE_LINEAR_RANGE" in call.flags


def test_without_cells_templates_are_shown_and_nothing_is_called(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(sequence(1), 100)], NO_CELLS), targets(tmp_path))
    assert (call.cells, call.cells_source, call.tracking[0].templates) == (None, "none", 100)
    assert (call.mrd_per_million, call.tracking[0].per_million, call.tracking[0].lod) == (None, None, None)
    assert set(call.status.values()) == {"not_evaluable"}
    assert call.detected is True
    assert called(sample(tmp_path, [], NO_CELLS), targets(tmp_path)).detected is None


def test_cells_from_mass_are_loud(tmp_path: Path) -> None:
    header = {**CELLULAR, "estTotalNucleatedCells": "-1", "productionPCRAmountofTemplate": "6500"}
    call = called(sample(tmp_path, [row(sequence(1), 100)], header), targets(tmp_path))
    assert call.cells == pytest.approx(1e6)
    assert call.cells_source == "mass_6.5pg"
    assert "CELLS_FROM_MASS" in call.flags
    assert any(reason.startswith("WARNING") for reason in call.reasons)


def test_without_targets_nothing_is_called(tmp_path: Path) -> None:
    known = targets(tmp_path, row(sequence(1), 30))
    assert known.targets == ()
    assert "NO_DOMINANT_SEQUENCE" in known.flags
    call = called(sample(tmp_path, [row(sequence(1), 100)]), known)
    assert (call.detected, call.mrd_per_million, call.tracking) == (None, None, ())
    assert set(call.status.values()) == {"not_evaluable"}


def test_calibration_without_cells_yields_no_target(tmp_path: Path) -> None:
    for header in (NO_CELLS, PLASMA):
        known = calibrate(sample(tmp_path, [CLONE], header), subject_id="S", rules=RULES)
        assert known.candidates[0].failed_criteria == ("CELLS_0_2PCT",)
        assert (known.cells, known.candidates[0].fraction_of_cells, known.targets) == (None, None, ())


def test_a_zero_sample_with_cells_is_negative_where_they_suffice(tmp_path: Path) -> None:
    call = called(sample(tmp_path, []), targets(tmp_path))
    assert list(call.status.values()) == ["negative", "negative", "indeterminate"]
    assert call.upper_limit == pytest.approx(2.995732e-6)
    assert (call.driving_target, call.log_reduction, call.quantifiable) == (None, None, False)


def shared_stem() -> tuple[str, str, str]:
    """Two targets with one stem of 40 nt before a J of 28 nt, and the stem."""
    stem = sequence(50, 68)
    return sequence(51, 40) + stem, sequence(52, 40) + stem, stem


def test_a_read_inside_a_shared_stem_counts_for_neither_target(tmp_path: Path) -> None:
    first, second, stem = shared_stem()
    known = targets(tmp_path, row(first, 9_000), row(second, 9_000))
    assert len(known.targets) == 2
    call = called(sample(tmp_path, [row(first, 7), row(stem, 50), row(stem[1:], 50)]), known)
    assert sorted(one.templates for one in call.tracking) == [0, 7]
    assert "AMBIGUOUS_TEMPLATES" in call.flags
    assert any(reason.startswith("100 templates fit two targets") for reason in call.reasons)


def test_ambiguous_templates_alone_are_detected_and_never_negative(tmp_path: Path) -> None:
    first, second, stem = shared_stem()
    known = targets(tmp_path, row(first, 9_000), row(second, 9_000))
    call = called(sample(tmp_path, [row(stem, 50)]), known)
    assert list(call.status.values()) == ["negative", "indeterminate", "indeterminate"]
    assert (call.detected, call.mrd_per_million) == (True, 0.0)
    assert call.upper_limit == pytest.approx(6.3287e-5, rel=1e-4)


def test_variants_collapse_into_the_earlier_row(tmp_path: Path) -> None:
    second = changed(sequence(1), 10, 60)
    known = targets(tmp_path, row(sequence(1), 4_000), row(second, 6_000), row(changed(second, 5), 9))
    (target,) = known.targets
    assert (target.sequence, target.templates, target.variant_templates) == (sequence(1), 4_000, 10_000)
    variant = next(candidate for candidate in known.candidates if candidate.sequence == second)
    assert (variant.dominant, variant.failed_criteria) == (False, ())
    assert variant.collapsed_into == target.target_id


def test_three_mismatches_or_another_locus_are_no_variant(tmp_path: Path) -> None:
    third = changed(sequence(1), 10, 60, 70)
    known = targets(tmp_path, row(sequence(1), 4_000), row(third, 6_000), row(sequence(1), 5_000, "IGH_D"))
    assert len(known.targets) == 3


def test_low_variants_are_listed_as_collapsed(tmp_path: Path) -> None:
    known = targets(tmp_path, CLONE, row(changed(sequence(1), 3), 1), row(sequence(2), 1))
    assert [candidate.templates for candidate in known.candidates] == [10_000, 1]
    assert known.candidates[1].collapsed_into == known.candidates[0].target_id


def test_vendor_tags_that_differ_are_reported_and_decide_nothing(tmp_path: Path) -> None:
    known = targets(tmp_path, row(sequence(1), 10_000), row(sequence(2), 5, sequenceTags="Dx"))
    assert [target.sequence for target in known.targets] == [sequence(1)]
    assert known.candidates[1].vendor_dominant
    assert "VENDOR_TAGS_DIFFER" in known.flags


def test_a_file_without_tags_is_calibrated_by_the_rules(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "sequenceTags"]
    found = calibrate(
        read_sample(write(tmp_path / "id.tsv", text([CLONE], columns=columns))), subject_id="S", rules=RULES
    )
    assert len(found.targets) == 1
    assert found.candidates[0].vendor_dominant is None
    assert "VENDOR_TAGS_ABSENT" in found.flags


def test_a_repeated_sequence_is_one_sequence(tmp_path: Path) -> None:
    known = targets(tmp_path, row(sequence(1), 6_000), row(sequence(1), 4_000))
    assert [target.templates for target in known.targets] == [10_000]
    assert "SEQUENCE_REPEATED" in known.flags


def test_new_dominant_sequences_are_listed_and_not_counted(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(sequence(1), 3), row(sequence(5), 2_500)]), targets(tmp_path))
    (new,) = call.new_dominant
    assert (new.sequence, new.dominant, new.failed_criteria) == (sequence(5), True, ())
    assert call.mrd_per_million == pytest.approx(3.0)
    assert "NEW_DOMINANT" in call.flags


def test_a_mutated_target_is_no_silent_negative(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(changed(sequence(1), 9), 90_000)]), targets(tmp_path))
    assert call.tracking[0].templates == 0
    assert "NEW_DOMINANT" in call.flags


@pytest.mark.parametrize(
    ("of_target", "of_read", "flagged"), [("72", "72", False), ("", "72", True), ("72", "", True)]
)
def test_a_missing_j_index_is_said(of_target: str, of_read: str, *, flagged: bool, tmp_path: Path) -> None:
    known = targets(tmp_path, row(sequence(1), 9_000, jIndex=of_target))
    call = called(sample(tmp_path, [row(sequence(1)[:95], 20, jIndex=of_read)]), known)
    assert (call.tracking[0].templates == 0) is flagged
    assert ("J_INDEX_NOT_STATED" in call.flags) == ("J_INDEX_DISAGREES" in call.flags) == flagged
    assert call.detected


@pytest.mark.parametrize("j_index", [68, 71, 76])
def test_a_j_that_begins_elsewhere_is_no_silent_negative(j_index: int, tmp_path: Path) -> None:
    """Another program's first base of J: the clone is not counted, but neither is the sample negative."""
    read = row(sequence(1)[10:], 50, jIndex=j_index - 10)
    call = called(sample(tmp_path, [read]), targets(tmp_path))
    assert (call.tracking[0].templates, call.mrd_per_million, call.detected) == (0, 0.0, True)
    assert list(call.status.values()) == ["negative", "indeterminate", "indeterminate"]
    assert "J_INDEX_DISAGREES" in call.flags


def test_another_clone_of_the_same_j_is_not_taken_for_it(tmp_path: Path) -> None:
    other = row(sequence(4)[:72] + sequence(1)[72:], 50, jIndex=70)
    call = called(sample(tmp_path, [other]), targets(tmp_path))
    assert (call.detected, "J_INDEX_DISAGREES" in call.flags) == (False, False)


def test_one_copy_per_cell_may_be_exceeded(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [row(sequence(1), 1_200_000)]), targets(tmp_path))
    assert call.mrd_per_million == pytest.approx(1.2e6)
    assert "MORE_THAN_ONE_COPY_PER_CELL" in call.flags


def test_a_target_without_a_known_d_is_said_not_to_be_searched_for_sub_clones(tmp_path: Path) -> None:
    call = called(sample(tmp_path, []), targets(tmp_path))
    assert call.evolved == ()
    assert "EVOLUTION_NOT_ASSESSED" in call.flags


def test_the_calibration_file_itself_is_noticed(tmp_path: Path) -> None:
    call = called(sample(tmp_path, [CLONE], name="copy"), targets(tmp_path))
    assert "SAME_FILE_AS_CALIBRATION" in call.flags


def test_targets_of_another_subject_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        track(sample(tmp_path, []), targets(tmp_path), specimen=Specimen(subject_id="T"), rules=RULES)
    assert error.value.code == "SUBJECT_MISMATCH"
    call = track(sample(tmp_path, []), targets(tmp_path), specimen=Specimen(visit="C1"), rules=RULES)
    assert (call.specimen.subject_id, call.specimen.visit) == ("S", "C1")


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("max_mismatch", 11, "OPTION_RANGE"),
        ("max_mismatch", -1, "OPTION_RANGE"),
        ("min_overlap", 0, "OPTION_RANGE"),
        ("min_bin", 0.0, "OPTION_RANGE"),
        ("min_bin", float("nan"), "OPTION_RANGE"),
    ],
)
def test_options_out_of_range_are_usage_errors(option: str, value: float, code: str) -> None:
    options = {option: value}
    with pytest.raises(UsageError) as error:
        tracking_options(RULES.tracking, **options)  # type: ignore[arg-type]  # one of three options, each of its own type
    assert error.value.code == code


def test_a_laboratory_may_bring_its_own_limit_of_detection(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "reference" / "ngs" / "tracking.toml"
    content = shipped.read_text()
    own = write(
        tmp_path / "own.toml",
        content.replace(
            'lod_source = "poisson"',
            'lod_source = "validation 2024"\nlod_templates = 5.0\nloq_templates = 8.0',
        ),
    )
    call = track(
        sample(tmp_path, [row(sequence(1), 6)]),
        targets(tmp_path),
        specimen=Specimen(),
        rules=load_rules(tracking=own),
    )
    (tracked,) = call.tracking
    assert (tracked.lod, tracked.loq, tracked.lod_source) == (5.0, 8.0, "validation 2024")
    assert call.quantifiable is False
    with pytest.raises(RuleError):
        load_rules(tracking=write(tmp_path / "wrong.toml", "lod_templates = 5.0\n" + content))


def test_two_calibrations_of_one_subject_are_joined(tmp_path: Path) -> None:
    first = targets(tmp_path)
    shorter = row(sequence(1)[30:], 8_000)
    relapse = calibrate(
        sample(tmp_path, [shorter, row(sequence(9), 7_000)], name="relapse"), subject_id="S", rules=RULES
    )
    joined = merge_targets([first, relapse], RULES.dominance)
    assert [target.sequence for target in joined.targets] == [sequence(1), sequence(9)]
    variant = next(one for one in joined.candidates if one.sequence == sequence(1)[30:])
    assert variant.collapsed_into == target_id("S", "IGH", sequence(1))
    assert (joined.sample_id, len(joined.evidence.inputs)) == ("id+relapse", 2)
    assert merge_targets([first], RULES.dominance) is first
    other = calibrate(sample(tmp_path, [CLONE]), subject_id="T", rules=RULES)
    for sets in ([], [first, other]):
        with pytest.raises(UsageError):
            merge_targets(sets, RULES.dominance)


def test_a_subject_must_have_a_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        calibrate(sample(tmp_path, [CLONE]), subject_id=" ", rules=RULES)
