"""Limit of detection from detected replicates per dose, lot by lot: the level at which 1 - beta are detected.

Lots as in the classical approach; the reported limit is the largest of the lots. Dose zero is left out of the
fit and reported for what it is, false positives. Source: CLSI EP17-A2, probit approach.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mrdkit.flow.mrd.limits_record import (
    DetectionLimits,
    LotLimits,
    Remark,
    assembled,
    lots_of,
    naming_lot,
    pooled_remark,
)
from mrdkit.flow.mrd.limits_tables import LotHits, LotRows
from mrdkit.flow.mrd.validation_rules import LimitRules, ValidationRules
from mrdkit.stats import DoseHits, ProbitFit, fit_probit

__all__ = ["fit_remarks", "probit_limits"]

Hits: TypeAlias = Sequence[DoseHits]


def probit_limits(
    table: LotRows[LotHits], *, log_dose: bool, beta: float, rules: ValidationRules
) -> DetectionLimits:
    """Return the limit of detection.

    Args:
        table: detected replicates per lot and concentration.
        log_dose: fit the logarithm of the concentration.
        beta: probability that a sample at the limit of detection is missed.
        rules: sizes of the experiment.

    Raises:
        InputError: the counts of a lot have no fit, or its line gives no limit.
    """
    by_lot = {
        lot: tuple(row.hits for row in rows)
        for lot, rows in lots_of(table, pool_from=rules.limits.pool_at_least_lots).items()
    }
    per_lot, remarks = [], pooled_remark(tuple(by_lot), table)
    for lot, hits in by_lot.items():
        with naming_lot(table.file, lot):
            fit = fit_probit(hits, log_dose=log_dose)
            limits = _lot_limits(lot, hits, fit, beta)
        per_lot.append(limits)
        remarks += [
            Remark(remark.flag, f"Lot {lot}: {remark.sentence}")
            for remark in (
                *_blank_remarks(hits),
                *_size_remarks(hits, rules.limits),
                *fit_remarks(fit, 1.0 - beta, rules.limits),
            )
        ]
    return assembled(per_lot, remarks, rules=rules, method="probit", beta=beta, log_dose=log_dose)


def _lot_limits(lot: str, hits: Hits, fit: ProbitFit, beta: float) -> LotLimits:
    interval = fit.interval_at(1.0 - beta)
    return LotLimits(
        lot=lot,
        lob=None,
        lod=fit.dose_at(1.0 - beta),
        ci_low=None if interval is None else interval.low,
        ci_high=None if interval is None else interval.high,
        n_blanks=sum(row.total for row in hits if row.dose == 0.0),
        n_low=sum(row.total for row in hits if row.dose > 0.0),
        goodness_p=fit.goodness_p,
    )


def fit_remarks(fit: ProbitFit, rate: float, rules: LimitRules) -> Iterator[Remark]:
    """Say what is doubtful about a probit line and its limit."""
    limit, (low, high) = fit.dose_at(rate), fit.doses
    if fit.goodness_p is not None and fit.goodness_p < rules.poor_fit_p_less_than:
        yield Remark("POOR_FIT", f"the hit rates depart from the probit line (p = {fit.goodness_p:.2g}).")
    if not low <= limit <= high:
        yield Remark(
            "LOD_EXTRAPOLATED",
            f"the limit {limit:.4g} lies outside the doses measured, {low:.4g} to {high:.4g}.",
        )
    if fit.interval_at(rate) is None:
        yield Remark("LOD_UNBOUNDED", "the slope is so uncertain that the limit has no 95 % interval.")


def _blank_remarks(hits: Hits) -> Iterator[Remark]:
    blanks = [row for row in hits if row.dose == 0.0]
    detected, total = sum(row.hits for row in blanks), sum(row.total for row in blanks)
    if not blanks:
        yield Remark("BLANKS_MISSING", "no blanks were measured; how often they are detected is not known.")
    if blanks:
        yield Remark("ZERO_DOSE_LEFT_OUT", f"{total} results at dose 0 are no part of the fit.")
    if detected:
        yield Remark("BLANKS_DETECTED", f"{detected} of {total} blanks were detected: false positives.")


def _size_remarks(hits: Hits, rules: LimitRules) -> Iterator[Remark]:
    totals: dict[float, int] = {}
    for row in hits:
        if row.dose > 0.0:
            totals[row.dose] = totals.get(row.dose, 0) + row.total
    if len(totals) < rules.doses_at_least:
        yield Remark("FEW_DOSES", f"{len(totals)} doses above zero, fewer than {rules.doses_at_least}.")
    fewest = min(totals.values())
    if fewest < rules.replicates_at_least:
        yield Remark(
            "FEW_REPLICATES",
            f"{fewest} replicates at a dose, fewer than {rules.replicates_at_least}.",
        )
