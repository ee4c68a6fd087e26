"""One sequencing sample as plain values: what the file says, its sequences, and each doubt met in reading it.

No clinical rule is known here. Frequencies are never taken over from a file: the vendor's columns sum to
400 % in one dialect and to 1.8 in another; templates are the only quantity. Source: clonoSEQ pipeline files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import polars as pl

__all__ = ["ROWS", "AssayKind", "Compartment", "NgsSample", "SampleWarning"]

AssayKind: TypeAlias = Literal["ID", "MRD", "unknown"]
Compartment: TypeAlias = Literal["cellular", "cell_free"]

#: Columns of `NgsSample.rows`, in this order. Indexes are 0-based and null where missing.
ROWS: Mapping[str, pl.DataType] = {
    "sequence": pl.String(),
    "locus": pl.String(),
    "templates": pl.Int64(),
    "j_index": pl.Int32(),
    "v": pl.String(),
    "d": pl.String(),
    "j": pl.String(),
    "frame": pl.String(),
    "vendor_dominant": pl.Boolean(),
    "clone_probability": pl.Float64(),
    "sensitivity_bin": pl.Float64(),
    "cell_free_sensitivity_bin": pl.Float64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWarning:
    """A repair or a doubt that travels with the sample: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NgsSample:
    """One sample of one file.

    Attributes:
        sample_id: name of the sample; the file's name without suffixes where the dialect has none.
        sha256: digest of the whole file as delivered, compressed or not.
        header: sample-level keys -> values as written, unknown ones kept.
        rows: one row per sequence in the order of the file, columns as `ROWS`; a zero sample has none.
        template_source: the column that `templates` was read from.
        templates_doubtful: the file contradicts itself on templates, so that no MRD may rest on them.
        repeated_sequences: a sequence stands in more than one row of its locus.
        total_reads: sequencing reads, None where the file does not say.
        stated_cells: nucleated cells by reference loci, None where not stated.
        dna_ng: input DNA in nanograms, None where not stated.
        plasma_ml: millilitres of plasma, None for a cellular sample.
    """

    sample_id: str
    sha256: str
    dialect: str
    assay_kind: AssayKind
    header: Mapping[str, str] = field(repr=False)
    rows: pl.DataFrame = field(repr=False)
    template_source: str
    templates_doubtful: bool
    repeated_sequences: bool
    total_reads: int | None
    stated_cells: float | None
    dna_ng: float | None
    plasma_ml: float | None
    qc_flags: str | None
    pipeline_version: str | None
    config_version: str | None
    warnings: tuple[SampleWarning, ...]

    def __post_init__(self) -> None:
        """Refuse rows that are not what every reader of a sample relies on."""
        if self.rows.schema != pl.Schema(ROWS):
            raise ValueError("rows must have the columns and types of ROWS")
        for name in ("stated_cells", "dna_ng", "plasma_ml"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < float("inf"):
                raise ValueError(f"{name} must be a number of at least 0, got {value!r}")

    @property
    def compartment(self) -> Compartment:
        """Plasma millilitres above zero mark cell-free DNA."""
        return "cell_free" if self.plasma_ml else "cellular"

    @property
    def total_templates(self) -> int:
        """Templates of all rows."""
        return int(self.rows["templates"].sum())

    @property
    def templates_by_locus(self) -> dict[str, int]:
        """Templates per locus, loci in alphabetical order."""
        sums = self.rows.group_by("locus").agg(pl.col("templates").sum()).sort("locus")
        return dict(sums.iter_rows())
