"""The targets file: the same bytes for the same targets, and no changed file is trusted."""

from pathlib import Path

import polars as pl
import pytest
from pipeline_files import row, sequence, text, write

from mrdkit.errors import InputError
from mrdkit.ngs import TargetSet, calibrate, load_rules, read_sample, read_targets, write_targets

RULES = load_rules()


def targets(folder: Path) -> TargetSet:
    rows = [
        row(sequence(1), 9_000, sequenceTags="Dx"),
        row(sequence(2), 30, "IGL", jIndex="", cellularSensitivityBin=""),
    ]
    return calibrate(read_sample(write(folder / "id.tsv", text(rows))), subject_id="S", rules=RULES)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_targets(tmp_path / "t.parquet", targets(tmp_path))
    assert read_targets(tmp_path / "t.parquet") == targets(tmp_path)


def test_a_calibration_without_candidates_is_read(tmp_path: Path) -> None:
    empty = calibrate(read_sample(write(tmp_path / "id.tsv", text([]))), subject_id="S", rules=RULES)
    write_targets(tmp_path / "t.parquet", empty)
    assert read_targets(tmp_path / "t.parquet") == empty


def test_same_targets_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_targets(tmp_path / name, targets(tmp_path))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "id.tsv"]


def rewritten(folder: Path, change: pl.Expr, *, keep: dict[str, str] | None = None) -> Path:
    """Write a targets file with one column changed and its metadata kept."""
    path = folder / "t.parquet"
    write_targets(path, targets(folder))
    metadata = {key: value for key, value in pl.read_parquet_metadata(path).items() if "mrdkit" in key}
    table = pl.read_parquet(path).with_columns(change)
    table.write_parquet(path, metadata=metadata if keep is None else keep)
    return path


@pytest.mark.parametrize(
    "change",
    [
        pl.col("sequence").str.replace("A", "C"),
        pl.lit("IGK").alias("locus"),
        pl.lit("f" * 16).alias("target_id"),
        pl.col("templates") * -1,
        pl.lit(value=True).alias("dominant"),
        pl.lit(2.0).alias("fraction_of_group"),
        pl.lit(float("nan")).alias("fraction_of_cells"),
        pl.lit(None, dtype=pl.Int64).alias("templates"),
        pl.col("templates").cast(pl.Int32),
        pl.lit(1).alias("further"),
        pl.lit([["OTHER"]]).first().alias("failed_criteria"),
    ],
    ids=str,
)
def test_a_changed_file_is_refused(change: pl.Expr, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_targets(rewritten(tmp_path, change))
    assert error.value.code == "TARGETS_INVALID"


@pytest.mark.parametrize(
    "metadata",
    [{}, {"mrdkit.schema": "ngs_target/2"}, {"mrdkit.schema": "ngs_target/1"}]
    + [{"mrdkit.schema": "ngs_target/1", "mrdkit.targets": record} for record in ("{}", "no JSON")],
)
def test_incomplete_metadata_is_refused(metadata: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_targets(rewritten(tmp_path, pl.col("templates"), keep=metadata))
    assert error.value.code == "TARGETS_INVALID"


def test_what_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    write_targets(tmp_path / "t.parquet", targets(tmp_path))
    whole = (tmp_path / "t.parquet").read_bytes()
    for content in (
        b"",
        b"PAR1",
        b"x" * 100,
        whole[:-5],
        whole[: len(whole) // 2],
        whole[:200] + whole[220:],
    ):
        with pytest.raises(InputError) as error:
            read_targets(write(tmp_path / "damaged.parquet", content))
        assert error.value.code == "TARGETS_INVALID"
    with pytest.raises(InputError) as missing:
        read_targets(tmp_path / "none.parquet")
    assert missing.value.code == "FILE_MISSING"
