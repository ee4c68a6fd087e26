"""Turns the columns of a pipeline table into typed rows, by column name, and refuses a value it cannot read.

A cell that says nothing (empty, `NA`, `null`) is null; a cell that says something else than its column must
hold is an error that names the line. Source: clonoSEQ pipeline files.
"""

import polars as pl

from mrdkit.errors import InputError
from mrdkit.ngs.loci import GENE_COLUMNS, NOT_STATED, locus_of
from mrdkit.ngs.sample import ROWS
from mrdkit.ngs.source import TableSource

__all__ = ["sequence_rows"]

_READS = "copy"
_DOMINANT_TAG = r"(^|[,;|\s])Dx($|[,;|\s])"
_LONGEST_SEQUENCE = 10_000  # nucleotides
_LARGEST_COUNT = 10**12  # templates or reads of one row
_TEXT = {"v": "vMaxResolved", "d": "dMaxResolved", "j": "jMaxResolved", "frame": "sequenceStatus"}
_REAL = {
    "clone_probability": "cloneProbability",
    "sensitivity_bin": "cellularSensitivityBin",
    "cell_free_sensitivity_bin": "cellFreeSensitivityBin",
}


def sequence_rows(
    source: TableSource, *, template_column: str, n_rows: int
) -> tuple[pl.DataFrame, int | None]:
    """Read a checked table.

    Args:
        source: the table; every row is known to have its fields.
        template_column: the column that holds templates.
        n_rows: rows of the table.

    Returns:
        Rows with the columns of `ROWS`, and the total of reads or None where it is not known.

    Raises:
        InputError: a cell is not what its column must hold.
    """
    used = _used_columns(source, template_column)
    text = _text_columns(source, used, n_rows)
    rows = text.select(
        pl.col("nucleotide").alias("sequence"),
        locus_of(used).alias("locus"),
        _number(template_column, pl.Int64()).alias("templates"),
        _number("jIndex", pl.Int32()).alias("j_index") if "jIndex" in used else _absent("j_index"),
        *(_text(column).alias(name) if column in used else _absent(name) for name, column in _TEXT.items()),
        _tagged() if "sequenceTags" in used else pl.lit(value=False).alias("vendor_dominant"),
        *(
            _number(column, pl.Float64()).alias(name) if column in used else _absent(name)
            for name, column in _REAL.items()
        ),
    ).select(*ROWS)
    _check_numbers(source, text, rows, template_column)
    rows = _with_valid_sequences(source, rows)
    return rows, _total_reads(text) if _READS in used else None


def _used_columns(source: TableSource, template_column: str) -> tuple[str, ...]:
    wanted = {"nucleotide", "locus", "cloneResolved", "sequenceTags", "jIndex", template_column, _READS}
    wanted |= {*_TEXT.values(), *_REAL.values()}
    return tuple(name for name in source.columns if name in wanted or name in GENE_COLUMNS)


def _text_columns(source: TableSource, used: tuple[str, ...], n_rows: int) -> pl.DataFrame:
    if n_rows == 0:
        return pl.DataFrame(schema=dict.fromkeys(used, pl.String()))
    try:
        table = pl.scan_csv(
            source.content,
            separator="\t",
            has_header=False,
            schema=dict.fromkeys(source.columns, pl.String()),
            skip_lines=source.n_head_lines,
            quote_char=None,
            empty_string_is_null=False,
            glob=False,
            n_rows=n_rows,
        )
        return table.select(used).collect()
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "the table cannot be read as text",
            code="TABLE_INVALID",
            file=source.path,
            found=type(error).__name__,
            expected="UTF-8 text, tab-separated",
        ) from None


def _absent(name: str) -> pl.Expr:
    return pl.lit(None, dtype=ROWS[name]).alias(name)


def _text(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_in(NOT_STATED)).then(None).otherwise(pl.col(column))


def _tagged() -> pl.Expr:
    return pl.col("sequenceTags").str.contains(_DOMINANT_TAG).alias("vendor_dominant")


def _number(column: str, dtype: pl.DataType) -> pl.Expr:
    """A number, or null; whole numbers may be written with decimals (`5.0`), never rounded."""
    number = pl.col(column).cast(dtype, strict=False)
    if not dtype.is_integer():
        return number
    real = pl.col(column).cast(pl.Float64, strict=False)
    whole = real.is_finite() & (real == real.floor()) & (real.abs() <= _LARGEST_COUNT)
    return pl.coalesce(number, pl.when(whole).then(real).cast(dtype, strict=False))


def _check_numbers(source: TableSource, text: pl.DataFrame, rows: pl.DataFrame, template_column: str) -> None:
    templates = rows["templates"]
    valid = templates.is_between(0, _LARGEST_COUNT).fill_null(value=False)
    _require(source, valid, template_column, "a whole number of templates, at least 0")
    for name, column in {"j_index": "jIndex", **_REAL}.items():
        if column in text.columns:
            stated = ~text[column].is_in(NOT_STATED)
            wrong = stated & rows[name].is_null()
            if not rows[name].dtype.is_integer():
                wrong |= (stated & ~rows[name].is_finite()).fill_null(value=False)
            _require(source, ~wrong, column, "a number, or nothing")


def _with_valid_sequences(source: TableSource, rows: pl.DataFrame) -> pl.DataFrame:
    sequence = rows["sequence"]
    valid = sequence.str.contains(r"^[ACGTNacgtn]+$") & (sequence.str.len_bytes() <= _LONGEST_SEQUENCE)
    _require(source, valid, "nucleotide", f"1 to {_LONGEST_SEQUENCE} letters out of A, C, G, T, N")
    if sequence.str.contains("[a-z]").any():
        return rows.with_columns(pl.col("sequence").str.to_uppercase())
    return rows


def _total_reads(text: pl.DataFrame) -> int | None:
    reads = text.select(_number(_READS, pl.Int64()))[_READS]
    # Reads decide nothing; where one row does not state them, the total is not known.
    return int(reads.sum()) if reads.is_between(0, _LARGEST_COUNT).fill_null(value=False).all() else None


def _require(source: TableSource, valid: pl.Series, column: str, expected: str) -> None:
    if valid.all():
        return
    row = int((~valid).arg_true()[0])
    raise InputError(
        "a cell does not hold what its column must hold",
        code="CELL_INVALID",
        file=source.path,
        place=f"line {source.n_head_lines + row + 1}, column {column}",
        expected=expected,
    )
