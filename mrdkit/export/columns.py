"""The columns of every output table: name, type, and where in a record's JSON each comes from.

Names of tables: facts on the trial database, section 7. Units stand in the column names or in docs/schema.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["TABLES", "TABLES_VERSION", "Column", "Kind"]

#: Version of all tables; a column that is renamed, removed or changes its meaning makes a new one.
TABLES_VERSION = 1

Kind: TypeAlias = Literal["text", "number", "count", "truth", "date", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `path` leads through the record's JSON, by default it is the name."""

    name: str
    kind: Kind = "text"
    path: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys from the record to the value."""
        return self.path or (self.name,)


def _columns(kind: Kind, names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names.split())


def _within(outer: str, kind: Kind, names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, (outer, name)) for name in names.split())


def _statuses(*thresholds: str, under: str = "status") -> tuple[Column, ...]:
    return tuple(Column(f"{under}_{each}", "text", (under, each)) for each in thresholds)


_SPECIMEN = (
    *_columns("text", "subject_id visit specimen_id"),
    Column("collected_on", "date"),
)
_GROUNDS = (
    *_columns("list", "flags reasons"),
    Column("inputs", "list", ("evidence", "inputs")),
    Column("rules", "list", ("evidence", "rules")),
    Column("software_version", "text", ("evidence", "software_version")),
)

_MRD_FLOW = (
    *_SPECIMEN,
    *_columns("text", "panel state"),
    *_statuses("1e-4"),
    *_columns("truth", "detected quantifiable"),
    *_columns("count", "n_target n_denominator"),
    Column("denominator"),
    Column("n_hematogones", "count"),
    *_columns("number", "fraction ci_low ci_high lob lod loq sensitivity"),
    *_GROUNDS,
    Column("n_blanks", "count"),
    Column("provisional", "truth"),
    *_within("detection", "text", "method"),
    *_within("detection", "number", "n_expected recall"),
    *_within("detection", "count", "second_opinion_n"),
    *_within("detection", "number", "second_opinion_lob"),
)
_MRD_NGS = (
    *_SPECIMEN,
    *_columns("text", "sample_id compartment"),
    Column("cells", "number"),
    Column("cells_source"),
    *_columns("number", "plasma_ml mrd_per_million mrd_per_ml"),
    *_columns("text", "driving_target aggregation"),
    *_columns("truth", "detected quantifiable"),
    Column("upper_limit", "number"),
    *_statuses("1e-4", "1e-5", "1e-6"),
    Column("log_reduction", "number"),
    Column("discordant_targets", "list"),
    *_GROUNDS,
)
_FISH = (
    *_SPECIMEN,
    *_columns("text", "probe_id call"),
    *_columns("count", "n_scored n_dropped"),
    *_columns("number", "percent ci_low ci_high"),
    *_columns("text", "iscn_2024 iscn_2020"),
    *_GROUNDS,
)
_TP53 = (
    *_SPECIMEN,
    *_columns("text", "build sample status"),
    *_columns("text", "allelic_state allelic_evidence policy"),
    *_within("variant", "text", "chrom"),
    *_within("variant", "count", "pos"),
    *_within("variant", "text", "ref alt key hgvs_g hgvs_c hgvs_p transcript consequence class"),
    *_within("variant", "truth", "counted"),
    *_within("variant", "text", "count_reason"),
    *_within("variant", "count", "alt_reads depth"),
    *_within("variant", "number", "vaf"),
    *_within("variant", "text", "vaf_source filter"),
    Column("variant_flags", "list", ("variant", "flags")),
    *_within("variant", "count", "exon"),
    *_within("variant", "truth", "hotspot"),
    *_within("variant", "text", "functional_class supplied_hgvs"),
    Column("merged_from", "list", ("variant", "merged_from")),
    *_GROUNDS,
)
_KARYOTYPE = (
    *_SPECIMEN,
    *_columns("text", "text cleaned"),
    Column("changes", "list"),
    *_columns("text", "status error ploidy ploidy_group"),
    *_columns("text", "modal_number n_abnormalities_iscn n_abnormalities_tokens"),
    *_columns("truth", "complex_raw complex_all"),
    *_columns("text", "kmt2a ph"),
    *(
        Column(f"metaphases_{name}", "count", ("metaphases", name))
        for name in ("total", "recipient", "donor", "normal")
    ),
    Column("excluded_level", "number"),
    Column("unparsed", "list"),
    *_GROUNDS,
)
_RESPONSE = (
    *_columns("text", "subject_id visit course"),
    Column("marrow_date", "date"),
    *_columns("text", "response responder cytogenetic_response mrd_flow"),
    *_statuses("1e-4", "1e-5", "1e-6", under="mrd_ngs"),
    *_columns("text", "mrd_combined criteria"),
    *_GROUNDS,
    Column("upgraded_on", "date"),
)
#: Cells as written, so that all are text; blood counts have the columns that they share.
_CBC = (
    *_columns("text", "subject_id row_source visit course marrow_date blasts_percent blasts_unit"),
    *_columns("text", "marrow_evaluable cbc_date anc anc_unit platelets platelets_unit extramedullary"),
    *_columns("text", "pb_blasts_percent cellularity_percent growth_factor platelet_transfusion_date"),
    *_columns("text", "pb_blasts_leukemic cns regenerating"),
)
_BEST = (
    *_columns("text", "subject_id best_response best_response_visit"),
    Column("treatment_start", "date"),
    *_columns("text", "arm salvage"),
    Column("not_measured", "list"),
)
_TIMELINE = (
    *_columns("text", "subject_id method visit specimen_id"),
    Column("collected_on", "date"),
    *_columns("number", "fraction ci_low ci_high limit"),
    Column("detected", "truth"),
    *_statuses("1e-4", "1e-5", "1e-6"),
    Column("source"),
    Column("flags", "list"),
    *_columns("number", "lod loq"),
    Column("quantifiable", "truth"),
    *_columns("text", "specimen_type basis state"),
    *_columns("number", "log10 log10_low log10_high"),
    Column("reason"),
)
_TREND = (
    *_columns("text", "subject_id method material from_visit"),
    Column("from_on", "date"),
    Column("to_visit"),
    Column("to_on", "date"),
    Column("days", "count"),
    Column("relation"),
    *_columns("number", "change_log10 doubling_days"),
    Column("doubling_relation"),
    Column("intervals_apart", "truth"),
    *_columns("list", "flags reasons"),
)
_CONCORDANCE = (
    *_columns("text", "subject_id visit"),
    *_columns("date", "flow_on ngs_on"),
    Column("days_apart", "count"),
    *_columns("text", "threshold flow_at_threshold ngs_at_threshold at_threshold"),
    *_columns("truth", "flow_found ngs_found"),
    Column("detection"),
    Column("within_reach", "truth"),
    Column("difference_log10", "number"),
    *_columns("list", "flags reasons"),
)
_EXTERNAL = (
    *_SPECIMEN,
    *_columns("text", "assay status"),
    Column("value", "number"),
    Column("unit"),
    Column("numerator", "count"),
    *_columns("number", "denominator lod"),
    Column("source"),
    *_columns("text", "status_1e4 status_1e5 status_1e6"),
)
_RESULTS = (
    *_SPECIMEN,
    *_columns("text", "assay analyte method result"),
    Column("value", "number"),
    Column("unit"),
    *_columns("number", "ci_low ci_high lob lod loq"),
    Column("numerator", "count"),
    Column("denominator", "number"),
    Column("denominator_name"),
    *_columns("truth", "detected quantifiable"),
    *_columns("list", "flags reasons inputs rules"),
    Column("software_version"),
)
_COHORT = (
    *_columns("text", "endpoint group"),
    *_columns("count", "n denominator"),
    *_columns("number", "percent value"),
    Column("unit"),
    *_columns("number", "ci_low ci_high p_value"),
    Column("method"),
)
_TIME_TO_EVENT = (
    *_columns("text", "subject_id endpoint"),
    Column("time_d", "number"),
    Column("event", "truth"),
    *_columns("text", "ended_by left_out reason"),
)
_QUERIES = (
    *_columns("text", "kind file"),
    Column("row", "count"),
    *_columns("text", "code subject_id visit assay message"),
)

#: Table name -> columns; every table begins with the study's id.
TABLES: dict[str, tuple[Column, ...]] = {
    name: (Column("study_id"), *columns)
    for name, columns in {
        "mrd_flow": _MRD_FLOW,
        "mrd_ngs": _MRD_NGS,
        "fish_crlf2": _FISH,
        "tp53_variant": _TP53,
        "karyotype": _KARYOTYPE,
        "cbc_marrow": _CBC,
        "response_timepoint": _RESPONSE,
        "response_best": _BEST,
        "mrd_timeline": _TIMELINE,
        "mrd_trend": _TREND,
        "mrd_concordance": _CONCORDANCE,
        "external_results": _EXTERNAL,
        "results": _RESULTS,
        "cohort_summary": _COHORT,
        "time_to_event": _TIME_TO_EVENT,
        "queries": _QUERIES,
    }.items()
}
