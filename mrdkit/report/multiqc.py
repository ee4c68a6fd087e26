"""The cohort as MultiQC custom content: three files that MultiQC finds by their names.

Endpoints as a table, patients as a table, survival as lines. No clock and no path stand in them. Source:
MultiQC's documentation of custom content (files named `*_mqc.json`).
"""

import json
from collections.abc import Mapping, Sequence

from mrdkit.cohort import Endpoint
from mrdkit.cohort.curve import Curve
from mrdkit.cohort.rules import analysis_rules
from mrdkit.patient.records import PatientRecord
from mrdkit.report.survival_plot import ABOUT, TITLES, survival_curves
from mrdkit.results import Json

__all__ = ["multiqc_files"]

_PERCENT = 100.0


def multiqc_files(endpoints: Sequence[Endpoint], records: Sequence[PatientRecord]) -> Mapping[str, str]:
    """Return file name -> content.

    Args:
        endpoints: the endpoints of the whole cohort.
        records: the patients.
    """
    sections: dict[str, dict[str, Json]] = {
        "endpoints": _section(
            "Endpoints",
            "Each with its own denominator.",
            "table",
            {row.endpoint: _row(row) for row in endpoints},
        ),
        "patients": _section(
            "Patients",
            f"{len(records)} patients.",
            "table",
            {record.subject.subject_id: _patient(record) for record in records},
        ),
    }
    for clock in TITLES:
        curve = survival_curves(records, clock)["all"]
        if curve.n:
            about = f"{curve.n} {ABOUT[clock]}. Percent against months."
            sections[clock] = _section(TITLES[clock], about, "linegraph", {TITLES[clock]: _points(curve)})
    return {f"mrdkit_{name}_mqc.json": _text(name, section) for name, section in sections.items()}


def _section(
    name: str, description: str, plot: str, data: Mapping[str, Mapping[str, Json]]
) -> dict[str, Json]:
    pconfig: dict[str, Json] = {"title": f"mrdkit: {name}"}
    if plot == "linegraph":
        pconfig |= {"xlab": "months", "ylab": "percent", "ymin": 0, "ymax": 100}
    return {
        "section_name": name,
        "description": description,
        "plot_type": plot,
        "pconfig": pconfig,
        "data": {key: dict(value) for key, value in data.items()},
    }


def _text(name: str, section: Mapping[str, Json]) -> str:
    document = {"id": f"mrdkit_{name}", **section}
    document["pconfig"] = {"id": f"mrdkit_{name}_plot", **_mapping(section["pconfig"])}
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _mapping(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, dict) else {}


def _row(row: Endpoint) -> dict[str, Json]:
    cells: dict[str, Json] = {
        "n": row.n,
        "denominator": row.denominator,
        "percent": row.percent,
        "value": row.value,
        "unit": row.unit,
        "ci_low": row.ci_low,
        "ci_high": row.ci_high,
    }
    return {name: value for name, value in cells.items() if value is not None}


def _patient(record: PatientRecord) -> dict[str, Json]:
    return {
        "best_response": record.best_response,
        "crlf2": record.crlf2,
        "cytogenetic_response": record.cytogenetic_response,
        "relapse": "yes" if record.relapse_on is not None else "no",
        "needs_review": "yes" if "REVIEW" in record.flags else "no",
    }


def _points(curve: Curve) -> dict[str, Json]:
    """Return survival in percent by month, after every step."""
    month = analysis_rules().time.days_per_month
    points: dict[str, Json] = {"0": _PERCENT}
    for step in curve.steps:
        points[f"{step.day / month:.4f}"] = round(_PERCENT * step.survival, 4)
    return points
