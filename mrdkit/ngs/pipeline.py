"""Reads the vendor's native pipeline file: `#key=value` lines, then one row per sequence.

Templates are `inputTemplateEstimate`, else `count` with a warning, since `count` holds reads in some files; a
file with neither is refused, for a count of 1 per row would be invented. Productive status decides nothing
here. Source: clonoSEQ pipeline files; `copy` is the raw copy count (vendor's list of fields).
"""

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from mrdkit.errors import InputError
from mrdkit.files import sha256_of
from mrdkit.ngs.columns import sequence_rows
from mrdkit.ngs.dialects import PIPELINE, recognise_dialect
from mrdkit.ngs.loci import KNOWN_LOCI, UNKNOWN_LOCUS
from mrdkit.ngs.sample import AssayKind, NgsSample, SampleWarning
from mrdkit.ngs.source import TableSource, count_rows, open_table

__all__ = ["read_sample"]

_SUFFIXES = re.compile(r"(\.adap)?(\.txt)?(\.results)?(\.tsv|\.txt)?(\.gz)?$", re.IGNORECASE)
_NOT_STATED = re.compile(r"|-1(\.0*)?|NA|N/A(,N/A)*|null", re.IGNORECASE)
_QC_PASSED = "PASS"
_LONGEST_SHOWN = 80
_TEMPLATES = "inputTemplateEstimate"
_COUNT = "count"
_SMALLEST_HEADER_NUMBER = 1e-6  # cells, nanograms, millilitres, templates: far below and above any tube
_LARGEST_HEADER_NUMBER = 1e10


def read_sample(path: Path, *, sample_id: str | None = None) -> NgsSample:
    """Read one sample of a pipeline file, plain or gzip-compressed.

    Args:
        path: the file.
        sample_id: name of the sample; without it, the file's name without its suffixes.

    Raises:
        InputError: unreadable, another or an unknown dialect, no count column, a row that is not whole, a
            value that is not what its column must hold, or a header that contradicts itself.
    """
    source = open_table(path)
    recognise_dialect(source)
    header = _header(source)
    template_column = _template_column(source)
    rows, total_reads = sequence_rows(source, template_column=template_column, n_rows=count_rows(source))
    repeated = bool(rows.select("locus", "sequence").is_duplicated().any())
    sums = _header_templates(path, header)
    contradicted = sums is not None and sums != int(rows["templates"].sum())
    return NgsSample(
        sample_id=sample_id or _SUFFIXES.sub("", path.name) or path.name,
        sha256=sha256_of(path),
        dialect=PIPELINE,
        assay_kind=_assay_kind(source, rows),
        header=header,
        rows=rows,
        template_source=template_column,
        templates_doubtful=contradicted and template_column == _COUNT,
        repeated_sequences=repeated,
        total_reads=total_reads,
        stated_cells=_number(path, header, "estTotalNucleatedCells"),
        dna_ng=_number(path, header, "productionPCRAmountofTemplate"),
        plasma_ml=_number(path, header, "sampleMilliliters") or None,
        qc_flags=_stated(header, "qc_flags") or None,
        pipeline_version=_stated(header, "pipelineVersion") or None,
        config_version=_stated(header, "configVersion") or None,
        warnings=tuple(
            _warnings(header, rows, template_column, sums if contradicted else None, repeated=repeated)
        ),
    )


def _header(source: TableSource) -> dict[str, str]:
    header: dict[str, str] = {}
    for number, line in enumerate(source.comments, start=1):
        key, _, value = (part.strip() for part in line.lstrip("#").partition("="))
        if header.setdefault(key, value) != value:
            raise InputError(
                "a header key stands twice with different values",
                code="HEADER_CONFLICT",
                file=source.path,
                place=f"line {number}",
                found=repr(key[:40]),
                remedy="take the file as the vendor delivered it",
            )
    return header


def _stated(header: Mapping[str, str], key: str) -> str:
    """Return a header value whatever the case of its key: without it the sample would be another."""
    values = {value for name, value in header.items() if name.casefold() == key.casefold()}
    return " / ".join(sorted(values))


def _number(path: Path, header: Mapping[str, str], key: str) -> float | None:
    """Return a header value of at least 0, or None where the file does not state it."""
    text = _stated(header, key)
    if _NOT_STATED.fullmatch(text):
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != 0.0 and not _SMALLEST_HEADER_NUMBER <= value <= _LARGEST_HEADER_NUMBER:
        raise InputError(
            "a header value is not a plausible number",
            code="HEADER_VALUE",
            file=path,
            place=f"header {key}",
            expected=f"0, or {_SMALLEST_HEADER_NUMBER:g} to {_LARGEST_HEADER_NUMBER:g}, or -1, NA or nothing",
            found=repr(text[:40]),
        )
    return value


def _header_templates(path: Path, header: Mapping[str, str]) -> int | None:
    parts = [_number(path, header, f"{kind}_est_input_templates") for kind in ("VJ", "DJ")]
    stated = [part for part in parts if part is not None]
    return round(sum(stated)) if len(stated) == len(parts) else None


def _template_column(source: TableSource) -> str:
    for name in (_TEMPLATES, _COUNT):
        if name in source.columns:
            return name
    raise InputError(
        "the file has no column of templates",
        code="COUNT_COLUMN_MISSING",
        file=source.path,
        place="column names",
        expected=f"{_TEMPLATES} or {_COUNT}",
        remedy="ask for the complete file; templates are never assumed to be 1 per row",
    )


def _assay_kind(source: TableSource, rows: pl.DataFrame) -> AssayKind:
    """Calibration files tag their dominant sequences; a file that could have tags and has none tracks."""
    if "sequenceTags" not in source.columns or rows.is_empty():
        return "unknown"
    return "ID" if rows["vendor_dominant"].any() else "MRD"


def _warnings(
    header: Mapping[str, str],
    rows: pl.DataFrame,
    template_column: str,
    header_templates: int | None,
    *,
    repeated: bool,
) -> list[SampleWarning]:
    found: list[SampleWarning] = []

    def warn(code: str, message: str) -> None:
        found.append(SampleWarning(code=code, message=message))

    if template_column == _COUNT:
        warn("TEMPLATES_FROM_COUNT", f"Templates are read from the column {_COUNT}: no {_TEMPLATES} column.")
    if header_templates is not None:
        total = int(rows["templates"].sum())
        warn(
            "TEMPLATES_DIFFER_FROM_HEADER",
            f"The rows hold {total:,} templates, the header states {header_templates:,}.",
        )
    qc = _stated(header, "qc_flags")
    if not qc:
        warn("QC_NOT_STATED", "The file states no QC flag.")
    elif qc.upper() != _QC_PASSED:
        warn("QC_NOT_PASS", f"The vendor's QC flag is {qc[:_LONGEST_SHOWN]!r}.")
    unknown = int((rows["locus"] == UNKNOWN_LOCUS).sum())
    if unknown:
        warn("LOCUS_UNKNOWN", f"{unknown} row(s) name no locus and no gene that tells it.")
    unusual = sorted(set(rows["locus"].unique()) - KNOWN_LOCI - {UNKNOWN_LOCUS})
    if unusual:
        names = ", ".join(repr(name[:20]) for name in unusual[:5])
        warn("LOCUS_UNUSUAL", f"Sequences of {names} match only targets of a locus of the same name.")
    if repeated:
        warn("SEQUENCE_REPEATED", "A sequence stands in more than one row of its locus.")
    return found
