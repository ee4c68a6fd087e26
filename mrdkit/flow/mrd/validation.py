"""Validation of a flow MRD panel from a dilution series: detection, quantitation, linearity, specificity.

- LoD95: the level detected in 95 % of the tubes, by probit on detected of evaluable tubes per level.
- LoQ: the lowest level, not below LoD95, from which on all levels keep the limits of CV, bias and detection.
- Specificity: blanks without a cluster, and blanks that are not called positive, with exact intervals.

Limits stand in `reference/flow/validation.toml`. Source: CLSI EP17-A2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mrdkit.errors import InputError
from mrdkit.flow.mrd.limits_record import Remark
from mrdkit.flow.mrd.panel import Panel
from mrdkit.flow.mrd.probit_limits import fit_remarks
from mrdkit.flow.mrd.validation_levels import Level, Linearity, level_of, linearity_of
from mrdkit.flow.mrd.validation_rules import LimitRules, QuantitationRules, ValidationRules
from mrdkit.flow.mrd.validation_table import DilutionTube
from mrdkit.results import THRESHOLDS_FLOW, RuleUsed
from mrdkit.stats import DoseHits, Interval, clopper_pearson, fit_probit

__all__ = ["Specificity", "Validation", "validate_panel"]

DETECTION = "detection"
RATE = 0.95  # of LoD95, by its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Specificity:
    """Blanks that gave no false answer, in percent with the exact 95 % interval; None without blanks."""

    n_blanks: int
    n_false: int
    percent: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What a panel can tell; all limits are fractions.

    Attributes:
        panel, panel_version: the panel that called the tubes.
        lod95, lod95_ci_low, lod95_ci_high: None where the counts have no probit fit.
        loq: None where no level is quantified.
        linearity: None with fewer than three levels.
        n_blanks, n_blanks_not_evaluable: evaluable blanks, and the others.
        specificity: by what counts as false: any cluster ("detection"), or a positive call at a threshold.
        cv_at_most_percent, bias_at_most_percent, detected_at_least_percent: what a quantified level keeps.
    """

    panel: str
    panel_version: str
    levels: tuple[Level, ...]
    lod95: float | None
    lod95_ci_low: float | None
    lod95_ci_high: float | None
    loq: float | None
    linearity: Linearity | None
    n_blanks: int
    n_blanks_not_evaluable: int
    specificity: Mapping[str, Specificity]
    cv_at_most_percent: float
    bias_at_most_percent: float
    detected_at_least_percent: float
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    rule: RuleUsed


def validate_panel(tubes: Sequence[DilutionTube], panel: Panel, rules: ValidationRules) -> Validation:
    """Return what a dilution series tells of a panel."""
    blanks = [tube for tube in tubes if tube.level == 0.0]
    levels = tuple(
        level_of(level, [tube for tube in tubes if tube.level == level], rules.quantitation)
        for level in sorted({tube.level for tube in tubes} - {0.0})
    )
    lod95, interval, doubts = _lod95(levels, rules)
    loq, line = _loq(levels, lod95), linearity_of(levels)
    evaluable = [tube for tube in blanks if tube.fraction is not None]
    remarks = [
        *_tube_remarks(tubes),
        *_blank_remarks(evaluable, rules.limits),
        *doubts,
        *_level_remarks(levels, loq, line, rules.quantitation),
    ]
    return Validation(
        panel=panel.rule.id,
        panel_version=panel.rule.version,
        levels=levels,
        lod95=lod95,
        lod95_ci_low=None if interval is None else interval.low,
        lod95_ci_high=None if interval is None else interval.high,
        loq=loq,
        linearity=line,
        n_blanks=len(evaluable),
        n_blanks_not_evaluable=len(blanks) - len(evaluable),
        specificity=_specificities(evaluable),
        cv_at_most_percent=rules.quantitation.cv_at_most_percent,
        bias_at_most_percent=rules.quantitation.bias_at_most_percent,
        detected_at_least_percent=rules.quantitation.detected_at_least_percent,
        flags=tuple(dict.fromkeys(remark.flag for remark in remarks)),
        reasons=tuple(remark.sentence for remark in remarks),
        rule=RuleUsed(id=rules.id, version=rules.version, source=rules.quantitation.source),
    )


def _lod95(
    levels: Sequence[Level], rules: ValidationRules
) -> tuple[float | None, Interval | None, tuple[Remark, ...]]:
    hits = [DoseHits(dose=level.level, hits=level.n_detected, total=level.n) for level in levels if level.n]
    try:
        fit = fit_probit(hits, log_dose=rules.quantitation.log_dose)
        remarks = tuple(
            Remark(remark.flag, f"LoD95: {remark.sentence}")
            for remark in fit_remarks(fit, RATE, rules.limits)
        )
        return fit.dose_at(RATE), fit.interval_at(RATE), remarks
    except InputError as error:
        return None, None, (Remark(error.code, f"LoD95 is not known: {error}."),)


def _loq(levels: Sequence[Level], lod95: float | None) -> float | None:
    quantified = takewhile(lambda level: level.quantified, reversed(levels))
    return min((level.level for level in quantified if level.level >= (lod95 or 0.0)), default=None)


def _specificities(blanks: Sequence[DilutionTube]) -> dict[str, Specificity]:
    positive = sum(tube.state == "positive" for tube in blanks)
    return {
        DETECTION: _specificity(sum(tube.detected for tube in blanks), len(blanks)),
        **dict.fromkeys(THRESHOLDS_FLOW, _specificity(positive, len(blanks))),
    }


def _specificity(n_false: int, n: int) -> Specificity:
    share = clopper_pearson(n - n_false, n) if n else None
    return Specificity(
        n_blanks=n,
        n_false=n_false,
        percent=100.0 * (n - n_false) / n if n else None,
        ci_low=100.0 * share.low if share else None,
        ci_high=100.0 * share.high if share else None,
    )


def _blank_remarks(blanks: Sequence[DilutionTube], rules: LimitRules) -> Iterator[Remark]:
    detected = sum(tube.detected for tube in blanks)
    if not blanks:
        yield Remark("BLANKS_MISSING", "No evaluable tube at level 0: the specificity is not known.")
    elif len(blanks) < rules.blanks_at_least_per_lot:
        yield Remark(
            "FEW_BLANKS",
            f"{len(blanks)} evaluable blanks, fewer than {rules.blanks_at_least_per_lot}: "
            "the specificity is provisional.",
        )
    if detected:
        yield Remark("BLANKS_DETECTED", f"A cluster was seen in {detected} of {len(blanks)} blanks.")


def _level_remarks(
    levels: Sequence[Level], loq: float | None, line: Linearity | None, rules: QuantitationRules
) -> Iterator[Remark]:
    for level in levels:
        if level.n < rules.replicates_at_least:
            yield Remark(
                "FEW_REPLICATES",
                f"Level {level.level:g}: {level.n} evaluable tubes, fewer than {rules.replicates_at_least}: "
                "it cannot count as quantified.",
            )
    if loq is None:
        yield Remark(
            "LOQ_NOT_REACHED", "No level keeps the limits of CV, bias and detection up to the highest."
        )
    if line is None:
        yield Remark("LINEARITY_NOT_KNOWN", "Fewer than three levels have a mean above zero.")
    elif not line.ci_low <= 1.0 <= line.ci_high:
        yield Remark("NOT_PROPORTIONAL", f"The interval of the slope, {line.slope:.3g}, excludes 1.")
    if line is not None and len(line.deviations) < len(levels):
        yield Remark("LEVELS_OFF_THE_LINE", "Levels without a mean above zero are no part of the line.")


def _tube_remarks(tubes: Sequence[DilutionTube]) -> Iterator[Remark]:
    refused = sum(tube.fraction is None for tube in tubes)
    if refused:
        yield Remark(
            "TUBES_NOT_EVALUABLE",
            f"{refused} of {len(tubes)} tubes were not evaluable and count in no share.",
        )
