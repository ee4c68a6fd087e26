"""What was not measured, as sentences: a reader must be able to tell "not seen" from "not looked for"."""

from collections.abc import Sequence

from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.history import BASELINE_VISIT
from mrdkit.patient.mrd import is_of_visit
from mrdkit.patient.mrd_reading import NOT_TESTED
from mrdkit.patient.records import ExternalResult
from mrdkit.patient.sequence import Classified
from mrdkit.results import Call, FishCall, KaryotypeCall, ResponseCall, Specimen, Tp53Call

__all__ = ["not_measured"]


def not_measured(
    classified: Sequence[Classified],
    responses: Sequence[ResponseCall],
    calls: Sequence[Call],
    external: Sequence[ExternalResult],
    before: BeforeTreatment,
) -> tuple[str, ...]:
    """Return one sentence per assay and visit without a result.

    Before treatment CRLF2 FISH, TP53 and the karyotype are expected; at every assessment under treatment flow
    MRD, sequencing MRD and the karyotype. `responses` are those of the assessments, in their order.
    """
    found = list(_at_baseline(classified, calls, external, before))
    karyotyped = [call.specimen for call in calls if isinstance(call, KaryotypeCall)]
    for one, response in zip(classified, responses, strict=True):
        if not one.baseline:
            found.extend(_under_treatment(one, response, karyotyped))
    return tuple(dict.fromkeys(found))


def _at_baseline(
    classified: Sequence[Classified],
    calls: Sequence[Call],
    external: Sequence[ExternalResult],
    before: BeforeTreatment,
) -> list[str]:
    visit = next((one.assessment.visit for one in classified if one.baseline), BASELINE_VISIT)
    assays = {result.assay for result in external}
    tp53 = any(isinstance(call, Tp53Call) and call.status != NOT_TESTED for call in calls)
    karyotype = any(
        isinstance(call, KaryotypeCall) and before.holds(call.specimen.visit, call.specimen.collected_on)
        for call in calls
    )
    fish = any(isinstance(call, FishCall) for call in calls)
    missing = {
        "CRLF2 FISH": not fish and "crlf2_fish" not in assays,
        "TP53": not tp53 and "tp53" not in assays,
        "karyotype": not karyotype,
    }
    return [_sentence(assay, visit) for assay, absent in missing.items() if absent]


def _under_treatment(one: Classified, response: ResponseCall, karyotyped: Sequence[Specimen]) -> list[str]:
    visit, day = one.assessment.visit, one.values.marrow_date
    missing = {
        "flow MRD": response.mrd_flow == NOT_TESTED,
        "sequencing MRD": NOT_TESTED in response.mrd_ngs.values(),
        "karyotype": not any(is_of_visit(specimen, visit, day) for specimen in karyotyped),
    }
    return [_sentence(assay, visit) for assay, absent in missing.items() if absent]


def _sentence(assay: str, visit: str) -> str:
    return f"No {assay} result at visit {visit}."
