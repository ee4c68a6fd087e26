"""What the karyotype before treatment says that a person must act on, beside any response.

The trial takes Philadelphia-negative leukemia: a Philadelphia chromosome speaks against eligibility. Low
hypodiploidy and near-triploidy carry TP53 alterations in nine of ten: wild type beside it asks for another
look. Source: trial report, Methods and reference 30; cytogenetics definitions, section 6.
"""

from collections.abc import Iterable, Sequence

from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.findings import REVIEW, Finding
from mrdkit.patient.records import ExternalResult
from mrdkit.results import Call, KaryotypeCall, Tp53Call

__all__ = ["cytogenetic_alerts", "ph_finding", "tp53_word"]


def cytogenetic_alerts(
    calls: Sequence[Call], external: Sequence[ExternalResult], before: BeforeTreatment
) -> tuple[Finding, ...]:
    """Return the alerts of one patient's calls and delivered results."""
    karyotypes = [call for call in calls if isinstance(call, KaryotypeCall)]
    first = [call for call in karyotypes if before.holds(call.specimen.visit, call.specimen.collected_on)]
    findings = [finding for call in first for finding in ph_finding(call)]
    if any(call.ploidy_group == "HoTr" for call in first) and tp53_word(calls, external) == "wild_type":
        reason = "Low hypodiploidy or near-triploidy with TP53 wild type is unusual; look at both again."
        findings += [Finding(flag="HOTR_TP53_WILD_TYPE", reason=reason), REVIEW]
    return tuple(dict.fromkeys(findings))


def ph_finding(call: KaryotypeCall) -> tuple[Finding, ...]:
    """Return the alert of a karyotype before treatment that shows the Philadelphia chromosome."""
    if call.ph != "yes":
        return ()
    reason = "The karyotype before treatment shows the Philadelphia chromosome."
    return (Finding(flag="PH_POSITIVE_INELIGIBLE", reason=reason),)


def tp53_word(calls: Iterable[Call], external: Iterable[ExternalResult]) -> str:
    """Return TP53 of a patient: mutated where any sample was, not_tested where none was tested."""
    words = {call.status for call in calls if isinstance(call, Tp53Call)}
    delivered = {"_".join(row.status.casefold().split()) for row in external if row.assay == "tp53"}
    for word in ("mutated", "wild_type", "indeterminate"):
        if word in words or word in delivered:
            return word
    return "indeterminate" if delivered else "not_tested"
