"""Turns the columns of a pipeline table into typed rows, by column name, and refuses a value it cannot read.

A cell that says nothing (empty, `NA`, `null`) is null; a cell that says something else than its column must
hold is an error that names the line. Source: clonoSEQ pipeline files.
"""

import polars as pl

from mrdkit.errors import InputError
from mrdkit.ngs.loci import NOT_STATED, locus_of
from mrdkit.ngs.sample import ROWS
from mrdkit.ngs.source import TableSource

__all__ = ["sequence_rows"]

_LOCUS = "locus"
_USUAL_LOCI = {"IGH", "IGH_D", "IGK", "IGL"}
_DOMINANT_TAG = r"(^|[,;|\s])Dx($|[,;|\s])"
_LONGEST_SEQUENCE = 10_000  # nucleotides
_LARGEST_COUNT = 10**10  # templates or reads of one row; their sum stays far below 64 bits
_TEXT = ("v", "d", "j", "frame")
_REAL = ("clone_probability", "sensitivity_bin", "cell_free_sensitivity_bin")

#: Name in a sample's rows -> column of a pipeline file; templates have two and are named by the caller.
_COLUMNS = {
    "sequence": "nucleotide",
    "j_index": "jIndex",
    "v": "vMaxResolved",
    "d": "dMaxResolved",
    "j": "jMaxResolved",
    "frame": "sequenceStatus",
    "vendor_dominant": "sequenceTags",
    "clone_probability": "cloneProbability",
    "sensitivity_bin": "cellularSensitivityBin",
    "cell_free_sensitivity_bin": "cellFreeSensitivityBin",
    "reads": "copy",
}
_TYPES = {**ROWS, "reads": pl.Int64()}

#: Columns that may say nothing, but may not say what is no number.
_OPTIONAL = frozenset({"j_index", *_REAL})

_EXPECTED = {
    "sequence": f"1 to {_LONGEST_SEQUENCE} letters out of A, C, G, T, N",
    "templates": "a whole number of templates, at least 0",
    "j_index": "a whole number, or nothing",
    **dict.fromkeys(_REAL, "a number, or nothing"),
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
    if n_rows == 0:
        return pl.DataFrame(schema=dict(ROWS)), None
    table = _typed(source, template_column, n_rows, rare_spellings=False)
    if _first_invalid(table) is not None or not set(table[_LOCUS].unique()) <= _USUAL_LOCI:
        table = _typed(source, template_column, n_rows, rare_spellings=True)
    invalid = _first_invalid(table)
    if invalid is not None:
        name, row = invalid
        raise InputError(
            "a cell does not hold what its column must hold",
            code="CELL_INVALID",
            file=source.path,
            place=f"line {source.n_head_lines + row + 1}, column {_COLUMNS.get(name, template_column)}",
            expected=_EXPECTED[name],
        )
    # Reads decide nothing; where one row does not state them, the total is not known.
    reads = None if table["reads"].has_nulls() else int(table["reads"].sum())
    return table.select(*ROWS), reads


def _typed(source: TableSource, template_column: str, n_rows: int, *, rare_spellings: bool) -> pl.DataFrame:
    """Read the rows with the columns of `ROWS`, `reads`, and what `_first_invalid` needs.

    Args:
        source: the table.
        template_column: the column that holds templates.
        n_rows: rows of the table.
        rare_spellings: also read `5.0` as 5, lower-case letters, and the locus from gene names; slower.
    """
    columns = set(source.columns)
    sequence = pl.col(_COLUMNS["sequence"])
    locus = pl.col(_LOCUS) if _LOCUS in columns else pl.lit(None, dtype=pl.String)
    typed = {
        "sequence": sequence.str.to_uppercase() if rare_spellings else sequence,
        _LOCUS: locus_of(columns) if rare_spellings else locus,
        "templates": _whole(template_column, pl.Int64(), decimals=rare_spellings),
        "j_index": _whole(_COLUMNS["j_index"], pl.Int32(), decimals=rare_spellings),
        **{name: pl.col(_COLUMNS[name]) for name in _TEXT},
        "vendor_dominant": pl.col(_COLUMNS["vendor_dominant"]).str.contains(_DOMINANT_TAG),
        **{name: _real(_COLUMNS[name]) for name in _REAL},
        "reads": _reads(),
    }
    absent = {name for name, column in _COLUMNS.items() if column not in columns}
    letters = "^[ACGTNacgtn]+$" if rare_spellings else "^[ACGTN]+$"
    short = sequence.str.len_bytes() <= _LONGEST_SEQUENCE
    table = _scan(source, n_rows).select(
        *(
            (pl.lit(None, dtype=_TYPES[name]) if name in absent else one).alias(name)
            for name, one in typed.items()
        ),
        (sequence.str.contains(letters) & short).fill_null(value=False).alias("letters"),
        *(pl.col(_COLUMNS[name]).is_not_null().alias(f"{name} stated") for name in _OPTIONAL - absent),
    )
    return _collected(source, table).with_columns(pl.col("vendor_dominant").fill_null(value=False))


def _first_invalid(table: pl.DataFrame) -> tuple[str, int] | None:
    """Return name and row of the first cell that its column must not hold."""
    valid = {
        "sequence": table["letters"],
        "templates": table["templates"].is_between(0, _LARGEST_COUNT).fill_null(value=False),
    }
    for name in sorted(_OPTIONAL):
        if f"{name} stated" in table.columns:
            finite = table[name].is_finite() if name in _REAL else table[name].is_not_null()
            valid[name] = finite.fill_null(value=False) | ~table[f"{name} stated"]
    wrong = [(int((~good).arg_true()[0]), name) for name, good in valid.items() if not good.all()]
    return (min(wrong)[1], min(wrong)[0]) if wrong else None


def _scan(source: TableSource, n_rows: int) -> pl.LazyFrame:
    return pl.scan_csv(
        source.content,
        separator="\t",
        has_header=False,
        schema=dict.fromkeys(source.columns, pl.String()),
        skip_lines=source.n_head_lines,
        quote_char=None,
        null_values=list(NOT_STATED),
        glob=False,
        n_rows=n_rows,
    )


def _collected(source: TableSource, table: pl.LazyFrame) -> pl.DataFrame:
    try:
        return table.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "the table cannot be read as text",
            code="TABLE_INVALID",
            file=source.path,
            found=type(error).__name__,
            expected="UTF-8 text, tab-separated",
        ) from None


def _real(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64, strict=False)


def _whole(column: str, dtype: pl.DataType, *, decimals: bool) -> pl.Expr:
    """A whole number, or null; `5.0` is one where `decimals`, and nothing is ever rounded."""
    number = pl.col(column).cast(dtype, strict=False)
    if not decimals:
        return number
    real = _real(column)
    whole = real.is_finite() & (real == real.floor()) & (real.abs() <= _LARGEST_COUNT)
    return pl.coalesce(number, pl.when(whole).then(real).cast(dtype, strict=False))


def _reads() -> pl.Expr:
    reads = _whole(_COLUMNS["reads"], pl.Int64(), decimals=False)
    return pl.when(reads.is_between(0, _LARGEST_COUNT)).then(reads)
