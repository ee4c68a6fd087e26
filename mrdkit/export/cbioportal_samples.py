"""The samples of a patient: one per specimen, or per visit where the specimen has no name.

A sample carries what was measured on it. What was not measured is an empty cell. Where it was measured more
than once, the result that speaks for MRD is the one that speaks everywhere (disease found before none found),
and every other word stands beside the rest: no result hides another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from mrdkit.export.values import number_text
from mrdkit.patient.mrd_points import speaker
from mrdkit.patient.mrd_records import MrdMeasurement
from mrdkit.patient.records import PatientRecord
from mrdkit.results import Call, FishCall, FlowMrdCall, KaryotypeCall, ResponseCall, Specimen, Tp53Call

__all__ = ["Sample", "samples_of"]

_BESIDE = " | "


@dataclass(slots=True)
class Sample:
    """One sample; `values` are its attributes by name, `tp53` its calls."""

    name: str
    visit: str
    day: date | None
    values: dict[str, str] = field(default_factory=dict)
    tp53: list[Tp53Call] = field(default_factory=list)
    mrd: dict[str, list[MrdMeasurement]] = field(default_factory=dict)


def samples_of(record: PatientRecord) -> tuple[Sample, ...]:
    """Return the samples of a patient, sorted by day and name."""
    samples: dict[str, Sample] = {}
    for call in record.calls:
        if not isinstance(call, ResponseCall):
            _add(_sample(samples, call.specimen), call)
    for measured in record.mrd:
        specimen = Specimen(
            visit=measured.visit, specimen_id=measured.specimen_id, collected_on=measured.collected_on
        )
        _sample(samples, specimen).mrd.setdefault(measured.method, []).append(measured)
    for sample in samples.values():
        for method, measured_there in sample.mrd.items():
            sample.values |= _mrd(method.upper(), speaker(measured_there).measurement)
    for response in record.responses:
        for sample in samples.values():
            if sample.visit == response.visit:
                sample.values.setdefault("RESPONSE", response.response)
    return tuple(sorted(samples.values(), key=lambda each: (each.day or date.max, each.name)))


def _sample(samples: dict[str, Sample], specimen: Specimen) -> Sample:
    name = specimen.specimen_id or specimen.visit or "sample"
    sample = samples.setdefault(name, Sample(name, specimen.visit or "", specimen.collected_on))
    sample.visit = sample.visit or specimen.visit or ""
    sample.day = sample.day or specimen.collected_on
    if specimen.specimen_type:
        sample.values.setdefault("SPECIMEN_TYPE", specimen.specimen_type)
    return sample


def _mrd(method: str, measured: MrdMeasurement) -> Iterator[tuple[str, str]]:
    """Yield the attributes of the measurement that speaks for a sample."""
    if measured.fraction is not None and measured.detected:
        yield f"MRD_{method}_FRACTION", number_text(measured.fraction)
    for threshold, word in measured.status.items():
        yield f"MRD_{method}_{threshold.replace('-', '').upper()}", word


def _add(sample: Sample, call: Call) -> None:
    for name, word in _measured(call):
        earlier = sample.values.get(name)
        if earlier is None:
            sample.values[name] = word
        elif word not in earlier.split(_BESIDE):
            sample.values[name] = f"{earlier}{_BESIDE}{word}"
    if isinstance(call, Tp53Call):
        sample.tp53.append(call)


def _measured(call: Call) -> Iterator[tuple[str, str]]:
    match call:
        case Tp53Call():
            yield "TP53_SAMPLE", call.status
        case FishCall():
            yield "CRLF2_FISH", call.call
        case KaryotypeCall():
            yield "KARYOTYPE", call.text
        case FlowMrdCall():
            yield "FLOW_STATE", call.state
        case _:
            return
