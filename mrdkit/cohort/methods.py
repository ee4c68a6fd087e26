"""A methods paragraph for a manuscript, with the rules and the versions that made the numbers."""

from collections.abc import Iterable
from importlib.metadata import version

from mrdkit.cohort.rules import analysis_rules
from mrdkit.patient.records import PatientRecord
from mrdkit.version import __version__

__all__ = ["methods_paragraph"]

_LIBRARIES = ("lifelines", "numpy", "scipy")


def methods_paragraph(records: Iterable[PatientRecord]) -> str:
    """Return how the numbers of a cohort were made; it names only what this version does."""
    cohort = tuple(records)
    rules = analysis_rules()
    criteria = sorted({call.criteria for record in cohort for call in record.responses})
    percent = f"{100.0 * rules.estimate.confidence:g} %"
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    responders = sum(record.responder == "Y" for record in cohort)
    sentences = (
        f"{len(cohort)} patients were analysed, {responders} of them responders.",
        f"Response was classified by the criteria {', '.join(criteria) or 'of no profile'}; patients without",
        "an assessment count as non-responders after death or leaving the study.",
        f"Proportions stand with exact (Clopper-Pearson) {percent} intervals and were compared by Pearson's",
        "chi-square test without continuity correction; values by the Mann-Whitney or Kruskal-Wallis test.",
        "Overall survival was counted from the start of treatment to death of any cause, relapse-free",
        "survival from the first response to morphologic relapse or death; residual disease alone was no",
        "event, and transplantation did not censor.",
        f"Both were estimated by Kaplan-Meier with log-log {percent} intervals (Greenwood) and compared by",
        f"the log-rank test; one month is {rules.time.days_per_month:g} days.",
        "Median follow-up is the reverse Kaplan-Meier estimate.",
        "Cox models handle ties by Efron's method; covariates with P at most",
        f"{rules.regression.enters_at_p_at_most:g} alone entered the multivariate model, transplantation as",
        "a time-dependent covariate.",
        f"Analyses were made with mrdkit {__version__} (rules {rules.id} {rules.version}) on {libraries}.",
    )
    return " ".join(sentences)
