"""Where each dialect of sequence tables keeps what a sample needs: column names, the preferred ones first.

Letter case of a column name decides nothing. A column that is not named here decides nothing. Frequencies are
never read: they sum to 400 % in one dialect and to 1.8 in another. Source: clonoSEQ pipeline files, immunoSEQ
v2, v3, v4 and 2020 exports, the AIRR Rearrangement schema.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

__all__ = ["AIRR", "LAYOUTS", "PIPELINE", "Layout", "as_known"]

PIPELINE = "pipeline"
AIRR = "airr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Columns of one dialect; of several names, the first one that the file has and that is not empty counts.

    Attributes:
        name: of the dialect.
        title: what people call it.
        sequence: nucleotides.
        templates: input genomes of a sequence.
        reads: sequencing reads of a sequence; no stand-in for templates.
        kind: VJ, VDJ, DJ ...
        n_indexes: first base of each N region; the one behind D bounds D.
        genes: names from which the locus follows where it is not stated, the most telling first.
        sample: names the sample where a file can hold several.
        facts: columns that say the same in every row of a sample.
    """

    name: str
    title: str
    sequence: str
    templates: tuple[str, ...]
    reads: tuple[str, ...]
    v: tuple[str, ...]
    d: tuple[str, ...]
    j: tuple[str, ...]
    genes: tuple[str, ...]
    locus: tuple[str, ...] = ("locus",)
    kind: tuple[str, ...] = ()
    frame: tuple[str, ...] = ()
    j_index: tuple[str, ...] = ()
    d_index: tuple[str, ...] = ()
    n_indexes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    clone_probability: tuple[str, ...] = ()
    sensitivity_bin: tuple[str, ...] = ()
    cell_free_sensitivity_bin: tuple[str, ...] = ()
    sample: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


_CAMEL_GENES = tuple(
    f"{segment}{suffix}"
    for suffix in ("FamilyName", "GeneNameTies", "FamilyTies")
    for segment in ("j", "d", "v")
)
_SNAKE_GENES = tuple(
    f"{segment}_{suffix}" for suffix in ("family", "gene_ties", "family_ties") for segment in ("j", "d", "v")
)
_V3_FACTS = (
    *("sample_name", "species", "product_subtype", "kit_pool", "total_templates", "productive_templates"),
    *("outofframe_templates", "stop_templates", "dj_templates", "total_rearrangements", "total_reads"),
    *("sample_clonality", "sample_entropy", "sample_amount_ng", "sample_cells_mass_estimate"),
    *("sample_cells", "counting_method", "primer_set", "release_date", "sample_tags", "order_name", "kit_id"),
)

_PIPELINE = Layout(
    name=PIPELINE,
    title="clonoSEQ pipeline",
    sequence="nucleotide",
    templates=("inputTemplateEstimate", "count"),
    reads=("copy",),
    v=("vMaxResolved",),
    d=("dMaxResolved",),
    j=("jMaxResolved",),
    genes=_CAMEL_GENES,
    kind=("cloneResolved",),
    frame=("sequenceStatus",),
    j_index=("jIndex",),
    d_index=("dIndex",),
    n_indexes=("n1Index", "n2Index"),
    tags=("sequenceTags",),
    clone_probability=("cloneProbability",),
    sensitivity_bin=("cellularSensitivityBin",),
    cell_free_sensitivity_bin=("cellFreeSensitivityBin",),
)

_V2 = Layout(
    name="v2",
    title="immunoSEQ v2",
    sequence="nucleotide",
    templates=("count (templates/reads)", "count (templates)", "estimatedNumberGenomes"),
    reads=("count (reads)",),
    v=("vMaxResolved",),
    d=("dMaxResolved",),
    j=("jMaxResolved",),
    genes=_CAMEL_GENES,
    kind=("cloneResolved",),
    frame=("sequenceStatus",),
    j_index=("jIndex",),
    d_index=("dIndex",),
    n_indexes=("n1Index", "n2Index"),
    tags=("sequenceTags",),
)


def _v3(name: str, title: str) -> Layout:
    return Layout(
        name=name,
        title=title,
        sequence="rearrangement",
        templates=("templates",),
        reads=("reads", "seq_reads"),
        v=("v_resolved", "v_gene", "v_family"),
        d=("d_resolved", "d_gene", "d_family"),
        j=("j_resolved", "j_gene", "j_family"),
        genes=_SNAKE_GENES,
        kind=("rearrangement_type",),
        frame=("frame_type",),
        j_index=("j_index",),
        d_index=("d_index",),
        n_indexes=("n1_index", "n2_index"),
        tags=("sequence_tags",),
        sample=("sample_name",),
        facts=_V3_FACTS,
    )


_AIRR = Layout(
    name=AIRR,
    title="AIRR Rearrangement",
    sequence="sequence",
    templates=("duplicate_count", "umi_count"),
    reads=(),
    v=("v_call",),
    d=("d_call",),
    j=("j_call",),
    genes=(),
    sample=("sample_id", "repertoire_id"),
)

#: Layouts by the name of their dialect.
LAYOUTS = {
    layout.name: layout
    for layout in (
        _PIPELINE,
        _V2,
        _v3("agate", "immunoSEQ v3/v4 lean"),
        _v3("export2020", "immunoSEQ 2020 export"),
        _v3("v3", "immunoSEQ v3"),
        _AIRR,
    )
}


def as_known(columns: Iterable[str], further: Iterable[str]) -> tuple[str, ...]:
    """Return column names in the spelling of the layouts, or of `further` names; unknown ones as they are."""
    known = {name.casefold(): name for name in (*further, *_names())}
    return tuple(known.get(name.casefold(), name) for name in columns)


def _names() -> Iterable[str]:
    for layout in LAYOUTS.values():
        for each in fields(layout):
            value = getattr(layout, each.name)
            if isinstance(value, tuple):
                yield from value
        yield layout.sequence
