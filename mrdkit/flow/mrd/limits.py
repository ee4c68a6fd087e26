"""Limits of blank and detection from results of blanks and of low samples, lot by lot.

Few lots are evaluated apart, many are pooled (`reference/flow/validation.toml`); the reported limit is the
largest of the lots. A lot's limit of detection stands on its own limit of blank. Source: CLSI EP17-A2,
classical approach.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from mrdkit.errors import InputError
from mrdkit.flow.mrd.limits_record import (
    DetectionLimits,
    LotLimits,
    Remark,
    assembled,
    lots_of,
    naming_lot,
    pooled_remark,
)
from mrdkit.flow.mrd.limits_tables import LotResult, LotRows
from mrdkit.flow.mrd.validation_rules import LimitRules, ValidationRules
from mrdkit.stats import (
    classical_detection_limit,
    clopper_pearson,
    parametric_blank_limit,
    pooled_sd,
    rank_blank_limit,
)

__all__ = ["BlankMethod", "classical_limits"]

BlankMethod: TypeAlias = Literal["rank", "parametric"]
Results: TypeAlias = Sequence[LotResult]


def classical_limits(
    blanks: LotRows[LotResult],
    low: LotRows[LotResult],
    *,
    method: BlankMethod,
    rules: ValidationRules,
    alpha: float,
    beta: float,
) -> DetectionLimits:
    """Return the limits of blank and detection.

    Args:
        blanks: results of samples without the measurand.
        low: results of samples of low level, every sample several times.
        method: by rank, or of normally distributed blanks.
        rules: sizes of the experiment.
        alpha: probability that a blank exceeds the limit of blank.
        beta: probability that a sample at the limit of detection is missed.

    Raises:
        InputError: the tables are of different lots, or a lot has too few results or results without spread.
    """
    _check_lots(blanks, low)
    pool_from = rules.limits.pool_at_least_lots
    by_lot, low_by_lot = lots_of(blanks, pool_from=pool_from), lots_of(low, pool_from=pool_from)
    lobs = _blank_limits(blanks.file, by_lot, method, alpha)
    per_lot = []
    for lot, lob in lobs.items():
        with naming_lot(low.file, lot):
            per_lot.append(_lot_limits(lot, lob, by_lot[lot], low_by_lot[lot], beta))
    single = max(
        classical_detection_limit(max(lobs.values()), _samples(rows), beta=beta)
        for rows in low_by_lot.values()
    )
    remarks = [
        *pooled_remark(tuple(by_lot), blanks),
        *_few_blanks(per_lot, rules.limits),
        *(_not_normal(by_lot, lobs, alpha) if method == "parametric" else ()),
        *_two_cutoffs(per_lot, max(lobs.values()), single),
    ]
    return assembled(
        per_lot,
        remarks,
        rules=rules,
        method=method,
        alpha=alpha,
        beta=beta,
        lod_at_reported_lob=single,
        provisional=any(lot.n_blanks < rules.limits.blanks_at_least_per_lot for lot in per_lot),
    )


def _check_lots(blanks: LotRows[LotResult], low: LotRows[LotResult]) -> None:
    expected, found = blanks.by_lot(), low.by_lot()
    if expected.keys() != found.keys():
        raise InputError(
            "blanks and low samples were not measured with the same lots",
            code="LOTS_DIFFER",
            file=low.file,
            place="column lot",
            expected=", ".join(expected),
            found=", ".join(found),
        )


def _blank_limits(
    file: str, by_lot: Mapping[str, Results], method: BlankMethod, alpha: float
) -> dict[str, float]:
    lobs = {}
    for lot, results in by_lot.items():
        with naming_lot(file, lot):
            lobs[lot] = _blank_limit(results, method, alpha)
    return lobs


def _blank_limit(results: Results, method: BlankMethod, alpha: float) -> float:
    values = [result.value for result in results]
    if method == "rank":
        return rank_blank_limit(values, alpha=alpha)
    return parametric_blank_limit(values, len(_samples(results)), alpha=alpha)


def _lot_limits(lot: str, lob: float, blanks: Results, low: Results, beta: float) -> LotLimits:
    samples = _samples(low)
    return LotLimits(
        lot=lot,
        lob=lob,
        lod=classical_detection_limit(lob, samples, beta=beta),
        n_blanks=len(blanks),
        n_low=len(low),
        sd_low=pooled_sd(samples),
    )


def _samples(results: Results) -> list[list[float]]:
    """Return the values of each sample; a sample has the same name with every lot."""
    samples: dict[str, list[float]] = {}
    for result in results:
        samples.setdefault(result.sample, []).append(result.value)
    return list(samples.values())


def _few_blanks(lots: Sequence[LotLimits], rules: LimitRules) -> Iterator[Remark]:
    for lot in lots:
        if lot.n_blanks < rules.blanks_claimable_at_least:
            yield Remark(
                "LOB_NOT_CLAIMABLE",
                f"Lot {lot.lot}: {lot.n_blanks} blanks, fewer than {rules.blanks_claimable_at_least}: "
                "no limit may be claimed from them.",
            )
        if lot.n_blanks < rules.blanks_at_least_per_lot:
            yield Remark(
                "FEW_BLANKS",
                f"Lot {lot.lot}: {lot.n_blanks} blanks, fewer than {rules.blanks_at_least_per_lot}: "
                "its limits are provisional.",
            )


def _not_normal(by_lot: Mapping[str, Results], lobs: Mapping[str, float], alpha: float) -> Iterator[Remark]:
    """Tell a parametric limit that more blanks exceed than normally distributed ones would."""
    for lot, results in by_lot.items():
        above = sum(result.value > lobs[lot] for result in results)
        if clopper_pearson(above, len(results)).low > alpha:
            yield Remark(
                "BLANKS_NOT_NORMAL",
                f"Lot {lot}: {above} of {len(results)} blanks exceed the parametric limit of blank, above "
                f"{100 * alpha:g} % beyond chance; take the limit by rank.",
            )


def _two_cutoffs(lots: Sequence[LotLimits], reported: float, single: float) -> Iterator[Remark]:
    if single > max(lot.lod for lot in lots):
        yield Remark(
            "LOBS_DIFFER",
            "Each limit of detection stands on its own lot's limit of blank; where "
            f"{reported:.6g} is the cut-off with every lot, the limit of detection is {single:.6g}.",
        )
