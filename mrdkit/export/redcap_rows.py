"""What stands in each REDCap instrument of one patient; a field without value is empty.

Each repeated row has a key: what was asked (method, visit, specimen), never the answer. By it the row keeps
its number when results are added or change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mrdkit.export.sdtm.model import sex_of
from mrdkit.export.values import number_text
from mrdkit.patient.cytogenetic_alerts import tp53_word
from mrdkit.patient.history import first_date
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import EventKind, ExternalResult, PatientRecord
from mrdkit.results import FishCall, KaryotypeCall, ResponseCall, Specimen, Tp53Call

__all__ = ["Entry", "entries_of"]

_GENES = {"tp53": "TP53", "crlf2_fish": "CRLF2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of one instrument; `key` is empty where the instrument does not repeat."""

    instrument: str
    key: str
    values: Mapping[str, str]


def entries_of(record: PatientRecord) -> Iterator[Entry]:
    """Yield every row of a patient, the repeated ones in order of time."""
    yield Entry(instrument="subject", key="", values=_subject(record))
    for response in record.responses:
        yield _response(response)
    for measured in record.mrd:
        yield _mrd(measured)
    for call in record.calls:
        if isinstance(call, KaryotypeCall):
            yield _karyotype(call)
        elif isinstance(call, Tp53Call | FishCall):
            yield _gene(call)
    for row in record.external:
        if row.assay in _GENES:
            yield _external(row)


def _subject(record: PatientRecord) -> dict[str, str]:
    subject, events = record.subject, record.events
    last = max((event.date for event in events), default=None)
    return {
        "sex": sex_of(subject.sex),
        "age": _number(subject.age),
        "treatment_start": _day(subject.treatment_start),
        "arm": subject.arm or "",
        "salvage": subject.salvage or "",
        "best_response": record.best_response,
        "responder": record.responder,
        "first_response_on": _day(record.first_response_on),
        "relapse_on": _day(record.relapse_on),
        "death_on": _day(first_date(events, EventKind.DEATH)),
        "last_contact_on": _day(last),
        "crlf2": record.crlf2,
        "tp53": tp53_word(record.calls, record.external),
        "subject_flags": "; ".join(record.flags),
    }


def _response(call: ResponseCall) -> Entry:
    values = {
        "rs_visit": call.visit,
        "rs_course": call.course or "",
        "rs_marrow_date": _day(call.marrow_date),
        "rs_response": call.response,
        "rs_responder": call.responder,
        "rs_cytogenetic": call.cytogenetic_response,
        "rs_mrd_flow": call.mrd_flow,
        **{f"rs_mrd_ngs_{_plain(threshold)}": word for threshold, word in call.mrd_ngs.items()},
        "rs_mrd_combined": call.mrd_combined,
        "rs_criteria": call.criteria,
        "rs_flags": "; ".join(call.flags),
        "rs_reasons": " ".join(call.reasons),
    }
    return Entry(instrument="response", key=_key(call.visit, _day(call.marrow_date)), values=values)


def _mrd(measured: MrdMeasurement) -> Entry:
    values = {
        "mrd_method": measured.method,
        "mrd_visit": measured.visit,
        "mrd_specimen": measured.specimen_id or "",
        "mrd_collected_on": _day(measured.collected_on),
        "mrd_detected": _truth(measured.detected),
        "mrd_fraction": _number(measured.fraction),
        "mrd_limit": _number(measured.limit),
        "mrd_ci_low": _number(measured.ci_low),
        "mrd_ci_high": _number(measured.ci_high),
        "mrd_lod": _number(measured.lod),
        **{f"mrd_status_{_plain(threshold)}": word for threshold, word in measured.status.items()},
        "mrd_source": measured.source,
        "mrd_flags": "; ".join(measured.flags),
    }
    asked = (
        measured.method,
        measured.visit,
        measured.specimen_id,
        _day(measured.collected_on),
        measured.source,
    )
    return Entry(instrument="mrd", key=_key(*asked), values=values)


def _karyotype(call: KaryotypeCall) -> Entry:
    values = {
        **_place("ky", call.specimen),
        "ky_text": call.text,
        "ky_status": call.status,
        "ky_ploidy_group": call.ploidy_group or "",
        "ky_complex": _truth(call.complex_all),
        "ky_kmt2a": call.kmt2a or "unknown",
        "ky_ph": call.ph or "unknown",
        "ky_flags": "; ".join(call.flags),
    }
    return Entry(instrument="karyotype", key=_of_specimen(call.specimen), values=values)


def _gene(call: Tp53Call | FishCall) -> Entry:
    if isinstance(call, FishCall):
        gene, name = "CRLF2", call.probe_id
        found = {"gn_call": call.call, "gn_percent": _number(call.percent)}
    else:
        gene, name = "TP53", call.policy
        variants = "; ".join(f"{each.hgvs_c} {each.hgvs_p}" for each in call.variants if each.counted)
        found = {"gn_call": call.status, "gn_vaf": _number(call.max_vaf), "gn_variants": variants}
    flags = "; ".join(call.flags)
    values = {"gn_gene": gene, **_place("gn", call.specimen), **found, "gn_flags": flags}
    return Entry(instrument="genes", key=_key(gene, name, _of_specimen(call.specimen)), values=values)


def _external(row: ExternalResult) -> Entry:
    specimen = Specimen(visit=row.visit, specimen_id=row.specimen_id, collected_on=row.collected_on)
    gene = _GENES[row.assay]
    number = f"{_number(row.value)} {row.unit or ''}".strip()
    values = {"gn_gene": gene, **_place("gn", specimen), "gn_call": row.status or number}
    return Entry(instrument="genes", key=_key(gene, row.source, _of_specimen(specimen)), values=values)


def _place(prefix: str, specimen: Specimen) -> dict[str, str]:
    return {
        f"{prefix}_visit": specimen.visit or "",
        f"{prefix}_specimen": specimen.specimen_id or "",
        f"{prefix}_collected_on": _day(specimen.collected_on),
    }


def _of_specimen(specimen: Specimen) -> str:
    return _key(specimen.visit, specimen.specimen_id, _day(specimen.collected_on))


def _key(*parts: str | None) -> str:
    return "|".join(" ".join((part or "").replace("|", "/").split()) for part in parts)


def _plain(threshold: str) -> str:
    return threshold.replace("-", "")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(value: float | None) -> str:
    return "" if value is None else number_text(value)


def _truth(value: bool | None) -> str:  # noqa: FBT001 - one of three answers
    return {True: "yes", False: "no", None: "unknown"}[value]
