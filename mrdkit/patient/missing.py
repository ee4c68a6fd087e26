"""What was not measured, as sentences: a reader must be able to tell "not seen" from "not looked for"."""

from collections.abc import Sequence

from mrdkit.patient.mrd import mrd_at_visit, specimen_is_of
from mrdkit.patient.mrd_reading import NOT_TESTED, MrdReading
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.sequence import Classified
from mrdkit.results import Call, FishCall, KaryotypeCall, Specimen, Tp53Call

__all__ = ["not_measured"]

_BASELINE = "baseline"


def not_measured(
    classified: Sequence[Classified],
    readings: Sequence[MrdReading],
    calls: Sequence[Call],
    external: Sequence[ExternalResult],
) -> tuple[str, ...]:
    """Return one sentence per assay and visit without a result.

    Before treatment CRLF2 FISH, TP53 and the karyotype are expected; at every assessment under treatment flow
    MRD, sequencing MRD and the karyotype.
    """
    found = list(_at_baseline(classified, calls, external))
    for one in classified:
        if not one.baseline:
            found.extend(_under_treatment(one, readings, calls))
    return tuple(dict.fromkeys(found))


def _at_baseline(
    classified: Sequence[Classified], calls: Sequence[Call], external: Sequence[ExternalResult]
) -> list[str]:
    visit = next((one.assessment.visit for one in classified if one.baseline), _BASELINE)
    day = next((one.values.marrow_date for one in classified if one.baseline), None)
    assays = {result.assay for result in external}
    tp53 = any(isinstance(call, Tp53Call) and call.status != NOT_TESTED for call in calls)
    karyotype = any(
        isinstance(call, KaryotypeCall) and specimen_is_of(call.specimen, visit, day) for call in calls
    )
    fish = any(isinstance(call, FishCall) for call in calls)
    missing = {
        "CRLF2 FISH": not fish and "crlf2_fish" not in assays,
        "TP53": not tp53 and "tp53" not in assays,
        "karyotype": not karyotype,
    }
    return [_sentence(assay, visit) for assay, absent in missing.items() if absent]


def _under_treatment(one: Classified, readings: Sequence[MrdReading], calls: Sequence[Call]) -> list[str]:
    visit, day = one.assessment.visit, one.values.marrow_date
    mrd = mrd_at_visit(visit, day, readings)
    specimens: list[Specimen] = [call.specimen for call in calls if isinstance(call, KaryotypeCall)]
    missing = {
        "flow MRD": mrd.mrd_flow == NOT_TESTED,
        "sequencing MRD": NOT_TESTED in mrd.mrd_ngs.values(),
        "karyotype": not any(specimen_is_of(specimen, visit, day) for specimen in specimens),
    }
    return [_sentence(assay, visit) for assay, absent in missing.items() if absent]


def _sentence(assay: str, visit: str) -> str:
    return f"No {assay} result at visit {visit}."
