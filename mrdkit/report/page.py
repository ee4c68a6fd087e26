"""Reports: one self-contained HTML page per patient, one page for the cohort.

A page holds no script, loads nothing and names no person; every text is escaped. It has no clock in it, so
the same record gives the same bytes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from mrdkit.cohort import Endpoint
from mrdkit.cohort.concordance import agreement_rows
from mrdkit.cohort.landmark import Landmark
from mrdkit.patient.records import PatientRecord
from mrdkit.report import flow_wording, ngs_wording, trend_wording, wording
from mrdkit.report.figures import Figure, in_sections
from mrdkit.report.mrd_summary import latest_mrd, mrd_alerts, mrd_value
from mrdkit.report.survival_plot import SurvivalFigure, draw_survival
from mrdkit.report.timeline import place_timeline
from mrdkit.result_rows import QueryRow
from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    InputDigest,
    KaryotypeCall,
    NgsMrdCall,
    ResponseCall,
    RuleUsed,
    Specimen,
    Tp53Call,
)
from mrdkit.version import __version__

__all__ = ["environment", "render_cohort", "render_patient", "report_file_name", "survival_figures"]

#: The block of each kind of call, in the order in which a specimen shows them.
BLOCKS: dict[type, str] = {
    FlowMrdCall: "flow.html",
    NgsMrdCall: "ngs.html",
    Tp53Call: "tp53.html",
    FishCall: "fish.html",
    KaryotypeCall: "karyotype.html",
}
UNDATED = "9999"
#: Characters; file systems take 255 bytes, of which a file that is being written needs some more.
LONGEST_NAME = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One answer of the summary at the top of a page."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenBlock:
    """All that was measured on one specimen."""

    title: str
    calls: tuple[Call, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLine:
    """One row of the cohort's table of patients; `alerts` are what MRD over time asks to look at."""

    record: PatientRecord
    href: str
    flow: str
    ngs: str
    alerts: tuple[str, ...]
    tp53: str


def report_file_name(subject_id: str) -> str:
    """Return the file name of a patient's report; what a file name cannot hold is escaped.

    A name that a file system would not take is cut, and told apart by a digest of the whole.
    """
    name = quote(subject_id, safe="")
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(subject_id.encode('utf-8')).hexdigest()[:16]}"
    return f"patient_{name}.html"


def render_patient(
    record: PatientRecord, figures: Sequence[Figure], *, study_id: str, notice: str | None = None
) -> str:
    """Return one patient's report.

    Args:
        record: everything that is known of the patient.
        figures: the pictures of the patient's specimens.
        study_id: name of the study.
        notice: a sentence that stands on top of the page, such as that the data are synthetic.
    """
    calls = (*record.calls, *record.responses)
    page = environment().get_template("patient.html")
    return page.render(
        record=record,
        study_id=study_id,
        notice=notice,
        version=__version__,
        criteria=", ".join(sorted({response.criteria for response in record.responses})),
        tiles=_tiles(record),
        timeline=place_timeline(record),
        specimens=_specimens(record, figures),
        rules=_rules(calls),
        inputs=_inputs(calls),
    )


def render_cohort(
    endpoints: Sequence[Endpoint],
    records: Sequence[PatientRecord],
    queries: Sequence[QueryRow] = (),
    *,
    study_id: str,
    notice: str | None = None,
    methods: str | None = None,
) -> str:
    """Return the cohort's page: endpoints with their denominators, a line per patient, what needs review.

    Args:
        endpoints: the endpoints of the whole cohort.
        records: the patients, in the order of the page.
        queries: what somebody must look at.
        study_id: name of the study.
        notice: a sentence that stands on top of the page.
        methods: how the numbers were made, a paragraph for a manuscript.
    """
    return (
        environment()
        .get_template("cohort.html")
        .render(
            endpoints=endpoints,
            agreements=agreement_rows(records),
            figures=survival_figures(records),
            methods=methods,
            patients=[_line(record) for record in records],
            queries=queries,
            study_id=study_id,
            notice=notice,
            version=__version__,
        )
    )


def survival_figures(
    records: Sequence[PatientRecord], *, by: str | None = None, landmark: Landmark | None = None
) -> tuple[SurvivalFigure, ...]:
    """Return the drawings of survival: of all patients, by a column, or at a landmark.

    Raises:
        UsageError: no such column, or it has too many values.
    """
    return draw_survival(environment(), records, by=by, landmark=landmark)


@cache
def environment() -> Environment:
    """Return what makes pages out of the templates: every text is escaped, an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("mrdkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for words in (wording, flow_wording, ngs_wording, trend_wording):
        made.filters |= {name: getattr(words, name) for name in words.__all__}
    made.filters["template"] = _block
    made.filters["of_tube"] = _of_tube
    made.filters["in_sections"] = in_sections
    return made


def _block(call: Call) -> str:
    return BLOCKS[type(call)]


def _of_tube(figures: Sequence[Figure], call: Call) -> list[Figure]:
    """Return the figures of the files that a call rests on: a specimen may have several tubes."""
    inputs = {item.sha256 for item in call.evidence.inputs}
    return [figure for figure in figures if figure.input_sha256 in inputs]


def _specimens(record: PatientRecord, figures: Sequence[Figure]) -> tuple[SpecimenBlock, ...]:
    """Return the specimens in order of date, then visit; calls without a specimen id share their visit's."""
    groups: dict[tuple[str, str, str], list[Call]] = {}
    for call in record.calls:
        if isinstance(call, ResponseCall):
            continue
        groups.setdefault(_specimen_key(call.specimen), []).append(call)
    order = list(BLOCKS)
    return tuple(
        SpecimenBlock(
            title=" · ".join(part for part in (visit, "" if day == UNDATED else day, specimen_id) if part),
            calls=tuple(sorted(groups[day, visit, specimen_id], key=lambda call: order.index(type(call)))),
            figures=tuple(figure for figure in figures if figure.specimen_id == specimen_id),
        )
        for day, visit, specimen_id in sorted(groups)
    )


def _specimen_key(specimen: Specimen) -> tuple[str, str, str]:
    day = UNDATED if specimen.collected_on is None else specimen.collected_on.isoformat()
    return day, specimen.visit or "", specimen.specimen_id or ""


def _tiles(record: PatientRecord) -> tuple[Tile, ...]:
    at = f"at {record.best_response_visit}" if record.best_response_visit else "no assessment reached it"
    tp53 = _latest(record, Tp53Call)
    return (
        Tile(name="Best response", value=record.best_response, note=at),
        _mrd_tile("Flow MRD", "flow", record),
        _mrd_tile("Sequencing MRD", "ngs", record),
        Tile(
            name="TP53",
            value=_tp53_word(record),
            note=f"{tp53.n_counted} counted" if isinstance(tp53, Tp53Call) else "no variant file",
        ),
        Tile(name="CRLF2", value=record.crlf2, note="FISH and flow together"),
    )


def _mrd_tile(name: str, method: str, record: PatientRecord) -> Tile:
    latest = latest_mrd(record, method)
    if latest is None:
        return Tile(name=name, value="not_tested", note="no measurement after baseline")
    words = ", ".join(f"{threshold} {word}" for threshold, word in latest.status.items())
    return Tile(name=name, value=mrd_value(latest), note=f"{latest.visit}: {words}")


def _latest(record: PatientRecord, kind: type) -> Call | None:
    found = [call for call in record.calls if isinstance(call, kind)]
    return found[-1] if found else None


def _tp53_word(record: PatientRecord) -> str:
    call = _latest(record, Tp53Call)
    if isinstance(call, Tp53Call):
        return call.status
    elsewhere = [result.status for result in record.external if result.assay == "tp53" and result.status]
    return elsewhere[-1] if elsewhere else "not_tested"


def _line(record: PatientRecord) -> PatientLine:
    flow, ngs = (latest_mrd(record, method) for method in ("flow", "ngs"))
    return PatientLine(
        record=record,
        href=report_file_name(record.subject.subject_id),
        flow="not_tested" if flow is None else mrd_value(flow),
        ngs="not_tested" if ngs is None else mrd_value(ngs),
        alerts=mrd_alerts(record),
        tp53=_tp53_word(record),
    )


def _rules(calls: Iterable[Call]) -> list[RuleUsed]:
    used = {(rule.id, rule.version): rule for call in calls for rule in call.evidence.rules}
    return [used[key] for key in sorted(used)]


def _inputs(calls: Iterable[Call]) -> list[InputDigest]:
    used = {(item.role, item.sha256): item for call in calls for item in call.evidence.inputs}
    return [used[key] for key in sorted(used)]
