"""A flow MRD call in the words of its report: the conclusion in one sentence, and what it rests on.

The conclusion names state, quantity with denominator and interval, and sensitivity, and explains "not
quantifiable" where it says so. Source of the terms: ALL MRD consensus, Hematology 2021:718.
"""

from mrdkit.report.wording import as_percent, count, decimal, fraction
from mrdkit.results import FlowMrdCall, PhenotypeDetection

__all__ = [
    "flow_conclusion",
    "flow_correction",
    "flow_phenotype",
    "second_opinion",
    "shifts",
    "visible_agreement",
]


def flow_conclusion(call: FlowMrdCall) -> str:
    """Return the conclusion of a call, one sentence."""
    if call.state == "not_evaluable":
        return "Not evaluable: the tube cannot be judged and no quantity is given."
    reached = f"sensitivity reached {fraction(call.sensitivity)}"
    nothing = (
        f"no cluster among {count(call.n_denominator)} {call.denominator} cells "
        f"({count(call.n_target)} {'event' if call.n_target == 1 else 'events'} called, {_interval(call)})"
    )
    match call.state:
        case "positive":
            found = f"Positive: {_quantity(call)}; {reached}"
        case "detected_below":
            found = f"{_below(call)}: {_quantity(call)}; {reached}"
        case "insufficient":
            found = (
                f"Insufficient, not a negative: {nothing}, and one at 1e-4 could have been missed; {reached}"
            )
        case "negative":
            found = f"Negative at a sensitivity of {fraction(call.sensitivity)}: {nothing}"
    return f"{found}{_by(call.detection)}."


def _quantity(call: FlowMrdCall) -> str:
    counted = f"{count(call.n_target)} MRD events of {count(call.n_denominator)} {call.denominator} cells"
    about = "" if call.quantifiable else "about "
    parts = _corrected_for(call)
    corrected = f" after correction for {parts}" if parts else ""
    return f"{counted}, {about}{fraction(call.fraction)}{corrected} ({_interval(call)})"


def _corrected_for(call: FlowMrdCall) -> str:
    """Return what a fraction was corrected for; a screening knows neither background nor recall."""
    if call.detection is not None:
        return "background and recall" if call.detection.method == "diagnosis" else ""
    return "" if call.n_blanks is None else "background"


def flow_correction(call: FlowMrdCall) -> str:
    """Return how a fraction follows from its counts."""
    parts = _corrected_for(call)
    return f"k / N, corrected for the expected {parts}" if parts else "k / N"


def _interval(call: FlowMrdCall) -> str:
    return f"95 % interval {fraction(call.ci_low)} to {fraction(call.ci_high)}"


def _below(call: FlowMrdCall) -> str:
    """Return what was detected without being positive."""
    between = "neither positive nor negative at 1e-4"
    if call.quantifiable:
        return f"Detected below 1e-4, {between}"
    return (
        "Detected, not quantifiable (a cluster, but with too few events for a reliable number; limit of "
        f"quantitation {fraction(call.loq)}), {between}"
    )


def _by(detection: PhenotypeDetection | None) -> str:
    screened = detection is not None and detection.method == "screening"
    return "; by screening only, without a diagnosis tube" if screened else ""


def flow_phenotype(call: FlowMrdCall) -> str:
    """Return by what the target cells are told from normal ones."""
    found = call.detection
    if found is None:
        return f"the target gate of panel {call.panel}"
    like = "like the diagnosis" if found.method == "diagnosis" else "unlike normal marrow"
    told = f"{like} on {', '.join(shift.feature for shift in found.alignment)}"
    pairs = ", ".join(f"{gate.x} / {gate.y}" for gate in found.visible_gates)
    return f"{told}; visible on {pairs}" if pairs else told


def second_opinion(call: FlowMrdCall) -> str:
    """Return what the second model says of the tube; whether it agrees is the call's own flag."""
    found = call.detection
    if found is None or found.second_opinion_n is None or found.second_opinion_lob is None:
        return "There is no second opinion on this tube."
    said = (
        f"Boosted trees call {count(found.second_opinion_n)} events; their limit of blank in this tube is "
        f"{decimal(found.second_opinion_lob)} events"
    )
    if "SECOND_OPINION_DISAGREES" in call.flags:
        return f"{said}. The two models DISAGREE, and a person must look at the tube."
    return f"{said}. Both models agree."


def shifts(detection: PhenotypeDetection) -> tuple[tuple[str, float | None, float | None], ...]:
    """Return per feature the tube's shift against the reference and the cluster's since diagnosis."""
    tube = {shift.feature: shift.decades for shift in detection.alignment}
    cluster = {shift.feature: shift.decades for shift in detection.shift}
    return tuple((name, tube.get(name), cluster.get(name)) for name in {**tube, **cluster})


def visible_agreement(detection: PhenotypeDetection) -> str:
    """Return how well the visible gates agree with the model, and what they are not."""
    n = len(detection.visible_gates)
    if not n:
        return "Too few events were called to draw gates around them."
    recall, precision = (as_percent(each) for each in (detection.visible_recall, detection.visible_precision))
    return (
        f"The {n} gates together hold {recall} % of the called events (recall); {precision} % of the events "
        "inside are called (precision). The gates show what the model called; they decide nothing."
    )
