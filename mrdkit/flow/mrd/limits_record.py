"""Limits of blank and detection as records, and what both ways of finding them share: lots and remarks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mrdkit.errors import InputError
from mrdkit.flow.mrd.limits_tables import LotRows, T
from mrdkit.flow.mrd.validation_rules import ValidationRules
from mrdkit.results import RuleUsed

__all__ = ["DetectionLimits", "LotLimits", "Remark", "assembled", "lots_of", "naming_lot", "pooled_remark"]

POOLED = "pooled"

Method: TypeAlias = Literal["rank", "parametric", "probit"]


class Remark(NamedTuple):
    """A doubt about limits: its stable code and a sentence."""

    flag: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLimits:
    """The limits with one lot of reagents, or with all of them pooled.

    Attributes:
        ci_low, ci_high: 95 % interval of the limit of detection; None where the method gives none.
        n_blanks, n_low: results of blanks, and of samples of low level.
        sd_low: standard deviation within low samples; None by probit.
        goodness_p: p of lack of fit of the probit line; None with two doses, and else.
    """

    lot: str
    lob: float | None
    lod: float
    ci_low: float | None = None
    ci_high: float | None = None
    n_blanks: int
    n_low: int
    sd_low: float | None = None
    goodness_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionLimits:
    """What an experiment allows to claim; limits in the unit of the table.

    Attributes:
        lob: limit of blank, the largest of the lots; None by probit, which needs none.
        lod: limit of detection, the largest of the lots.
        lod_at_reported_lob: the same with `lob` as the cut-off of every lot; None by probit.
        method: how the limit of blank, or by probit that of detection, was found.
        log_dose: whether the probit line follows the logarithm of the dose; None else.
        alpha: probability that a blank exceeds the limit of blank; None by probit.
        beta: probability that a sample at the limit of detection is missed.
        provisional: fewer blanks than the standard asks for; None by probit.
    """

    lob: float | None
    lod: float
    lod_at_reported_lob: float | None
    method: Method
    log_dose: bool | None
    alpha: float | None
    beta: float
    provisional: bool | None
    per_lot: tuple[LotLimits, ...]
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    rule: RuleUsed


def assembled(
    per_lot: Sequence[LotLimits],
    remarks: Sequence[Remark],
    *,
    rules: ValidationRules,
    method: Method,
    beta: float,
    alpha: float | None = None,
    log_dose: bool | None = None,
    lod_at_reported_lob: float | None = None,
    provisional: bool | None = None,
) -> DetectionLimits:
    """Return the limits to report: the largest of the lots."""
    return DetectionLimits(
        lob=max((lot.lob for lot in per_lot if lot.lob is not None), default=None),
        lod=max(lot.lod for lot in per_lot),
        lod_at_reported_lob=lod_at_reported_lob,
        method=method,
        log_dose=log_dose,
        alpha=alpha,
        beta=beta,
        provisional=provisional,
        per_lot=tuple(per_lot),
        flags=tuple(dict.fromkeys(remark.flag for remark in remarks)),
        reasons=tuple(remark.sentence for remark in remarks),
        rule=RuleUsed(id=rules.id, version=rules.version, source=rules.limits.source),
    )


def lots_of(table: LotRows[T], *, pool_from: int) -> dict[str, tuple[T, ...]]:
    """Return the rows that are evaluated together: by lot, or all of them where there are many lots."""
    lots = table.by_lot()
    return lots if len(lots) < pool_from else {POOLED: table.rows}


@contextmanager
def naming_lot(file: str, lot: str) -> Iterator[None]:
    """Let errors of a computation name the table and the lot."""
    try:
        yield
    except InputError as error:
        raise error.at(f"lot {lot}").in_file(file) from None


def pooled_remark(lots: Sequence[str], table: LotRows[T]) -> list[Remark]:
    """Return the remark that lots were pooled, where they were."""
    n = len(table.by_lot())
    if len(lots) == n:
        return []
    return [Remark("LOTS_POOLED", f"{n} lots were pooled, as the standard asks for so many.")]
