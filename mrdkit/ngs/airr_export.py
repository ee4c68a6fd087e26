"""The tracked sequences of follow-up samples as an AIRR Rearrangement table.

AIRR knows no cells and no MRD; what it lacks stands in columns of its own (`mrdkit_*`), which the standard
allows. Genes have IMGT names where the vendor's name tells them; the vendor's name stands beside.
Source: AIRR Rearrangement schema.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from mrdkit.ngs.gene_names import imgt_name
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.results import NgsMrdCall

__all__ = ["COLUMNS", "airr_text"]

#: Columns of the table; the required ones of the standard come first.
COLUMNS = (
    *("sequence_id", "sequence", "rev_comp", "productive", "v_call", "d_call", "j_call"),
    *("sequence_alignment", "germline_alignment", "junction", "junction_aa"),
    *(
        "v_cigar",
        "d_cigar",
        "j_cigar",
        "locus",
        "j_sequence_start",
        "duplicate_count",
        "subject_id",
        "sample_id",
    ),
    *("mrdkit_kind", "mrdkit_target_id", "mrdkit_v_vendor", "mrdkit_d_vendor", "mrdkit_j_vendor"),
    *("mrdkit_per_million", "mrdkit_per_ml", "mrdkit_ci_low", "mrdkit_ci_high", "mrdkit_stem_length"),
)

_LOCI = {"IGH_D": "IGH"}
_PRODUCTIVE = {"In": "T", "Out": "F", "Stop": "F"}


def airr_text(targets: TargetSet, calls: Sequence[NgsMrdCall]) -> str:
    """Return the table: each target of each sample, then its sub-clones, in the order of the calls."""
    buffer = io.StringIO()
    writer = csv.DictWriter(
        buffer,
        COLUMNS,
        restval="",
        delimiter="\t",
        lineterminator="\n",
        quoting=csv.QUOTE_NONE,
        quotechar=None,
    )
    writer.writeheader()
    known = {target.target_id: target for target in (*targets.candidates, *targets.evolved)}
    rows = [
        {**row, "subject_id": targets.subject_id, "sample_id": call.sample_id}
        for call in calls
        for row in (*_targets(call, known), *_sub_clones(call, known))
    ]
    for number, row in enumerate(rows, start=1):
        writer.writerow(_cells({**row, "sequence_id": f"mrdkit-{number}", "rev_comp": "F"}))
    return buffer.getvalue()


def _targets(call: NgsMrdCall, known: Mapping[str, Target]) -> Iterator[dict[str, object]]:
    for tracked in call.tracking:
        yield {
            **_of_target(known[tracked.target_id]),
            "duplicate_count": tracked.templates,
            "mrdkit_kind": "target",
            "mrdkit_target_id": tracked.target_id,
            "mrdkit_per_million": tracked.per_million,
            "mrdkit_per_ml": tracked.per_ml,
            "mrdkit_ci_low": tracked.ci_low,
            "mrdkit_ci_high": tracked.ci_high,
        }


def _sub_clones(call: NgsMrdCall, known: Mapping[str, Target]) -> Iterator[dict[str, object]]:
    for clone in call.evolved:
        stem = known[clone.target_id]
        yield {
            **(_of_target(known[clone.clone_id]) if clone.clone_id else _of_stem(stem, clone.v)),
            "sequence": clone.sequence,
            "j_sequence_start": "",
            "duplicate_count": clone.templates,
            "mrdkit_kind": "sub_clone",
            "mrdkit_target_id": clone.target_id,
            "mrdkit_per_million": clone.per_million,
            "mrdkit_per_ml": clone.per_ml,
            "mrdkit_ci_low": clone.ci_low,
            "mrdkit_ci_high": clone.ci_high,
            "mrdkit_stem_length": clone.stem_length,
        }


def _of_target(target: Target) -> dict[str, object]:
    return {
        "sequence": target.sequence,
        "productive": _PRODUCTIVE.get(target.frame or "", ""),
        "v_call": imgt_name(target.v) or target.v,
        "d_call": imgt_name(target.d) or target.d,
        "j_call": imgt_name(target.j) or target.j,
        "locus": _LOCI.get(target.locus, target.locus),
        "j_sequence_start": "" if target.j_index is None else target.j_index + 1,  # counted from 1
        "mrdkit_v_vendor": target.v,
        "mrdkit_d_vendor": target.d,
        "mrdkit_j_vendor": target.j,
    }


def _of_stem(stem: Target, v: str | None) -> dict[str, object]:
    """Return what a sub-clone that the calibration did not have shares with its target."""
    return {**_of_target(stem), "productive": "", "v_call": imgt_name(v) or v, "mrdkit_v_vendor": v}


def _cells(row: Mapping[str, object]) -> dict[str, str]:
    """Return cells as text; blanks that would break a row never stand in one."""
    return {name: " ".join(str("" if value is None else value).split()) for name, value in row.items()}
