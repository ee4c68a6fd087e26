"""What a reading means: ploidy, numbers of abnormalities, complexity, KMT2A-r and Ph.

Everything that depends on an unread or contradictory part is left open. A line that is no clone sets no
class; where it carries KMT2A-r or Ph, which are never chance findings, nothing is called normal beside it.
Source: project decision.
"""

from typing import NamedTuple

from mrdkit.karyotype.clonality import JudgedLine, mainline
from mrdkit.karyotype.lesions import Answer, has_translocation, lesion_of
from mrdkit.karyotype.metaphases import is_normal
from mrdkit.karyotype.parse import Remark
from mrdkit.karyotype.ploidy import Ploidy, ploidy_of
from mrdkit.karyotype.reading import Reading, sex_is_open
from mrdkit.karyotype.rules import KaryotypeRule
from mrdkit.karyotype.weights import AbnormalityCount, count_iscn, count_tokens

__all__ = ["Conclusions", "conclude"]

_OPEN = Ploidy(None, None, ())


class Conclusions(NamedTuple):
    """What a karyotype says, None where it is open."""

    ploidy: Ploidy
    modal_number: int | str | None
    iscn: AbnormalityCount
    tokens: int | None
    complex_raw: bool | None
    complex_all: bool | None
    kmt2a: Answer
    ph: Answer

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of the class, and of a number of abnormalities that is not settled."""
        return self.ploidy.flags if self.iscn.low is not None else (*self.ploidy.flags, "ABNORMALITIES_OPEN")


def conclude(reading: Reading, rule: KaryotypeRule) -> Conclusions:
    """Return the conclusions from one reading."""
    kmt2a, ph = _lesions(reading, rule)
    main = mainline(reading.judged)
    ploidy, iscn = _class_and_count(reading, main, rule, certain=kmt2a == ph == "no")
    answers = (kmt2a, ph)
    raw = _complex(iscn, rule.ploidy.complex_at_least_abnormalities)
    return Conclusions(
        ploidy=ploidy,
        modal_number=_modal(reading, main),
        iscn=iscn,
        tokens=count_tokens(reading.judged),
        complex_raw=raw,
        complex_all=raw and _complex_all(ploidy, answers, reading, rule),
        kmt2a=kmt2a,
        ph=ph,
    )


def _class_and_count(
    reading: Reading, main: JudgedLine | None, rule: KaryotypeRule, *, certain: bool
) -> tuple[Ploidy, AbnormalityCount]:
    if reading.errors:
        return _OPEN, AbnormalityCount(None, None)
    levels = [check.level for check in reading.checks]
    count = count_iscn(reading.judged, levels)
    if any(
        remark.population == "recipient" and not _is_nonclonal(remark) for remark in reading.parsed.remarks
    ):
        return Ploidy(None, None, ("REVIEW",)), AbnormalityCount(None, None)
    if main is not None:
        at = reading.judged.index(main)
        is_open = sex_is_open(main.line)
        return _OPEN if is_open else ploidy_of(at, reading.judged, levels[at], rule.ploidy), count
    if any(each.clonal for each in reading.recipient):
        return Ploidy(None, None, ("MAINLINE_UNCERTAIN",)), count
    return _without_clone(reading, certain=certain)


def _lesions(reading: Reading, rule: KaryotypeRule) -> tuple[Answer, Answer]:
    remarks = reading.parsed.remarks
    unread = [remark.text.partition("[")[0] for remark in remarks if remark.population == "recipient"]
    items, parts = reading.recipient_items, [text for _, text in reading.parsed.techniques]
    lesions = rule.lesions
    kmt2a = lesion_of(lesions.kmt2a, items, unread=unread, techniques=parts)
    return kmt2a, lesion_of(lesions.ph, items, unread=unread, techniques=parts)


def _without_clone(reading: Reading, *, certain: bool) -> tuple[Ploidy, AbnormalityCount]:
    """Return the normal class where the patient's, or else the donor's, lines are normal."""
    normal = _normal_lines(reading)
    donor_normal = all(each.line.role in ("normal", "constitutional") for each in reading.donor)
    if not (certain and reading.whole and donor_normal and normal):
        return Ploidy(None, None, ("REVIEW",)), AbnormalityCount(None, None)
    constitutional = any(each.line.role == "constitutional" for each in normal)
    name = "normal_constitutional" if constitutional else "normal_diploid"
    return Ploidy(name, None, ()), AbnormalityCount(0, 0)


def _is_nonclonal(remark: Remark) -> bool:
    """Return whether a section describes nonclonal cells, whatever else it says of them."""
    return remark.text.lower().startswith(("nonclonal", "non-clonal"))


def _normal_lines(reading: Reading) -> list[JudgedLine]:
    lines = reading.recipient or reading.donor
    seen = [each for each in lines if is_normal(each) and each.line.clone.cells != 0]
    return [each for each in seen if not each.only_lost]


def _modal(reading: Reading, main: JudgedLine | None) -> int | str | None:
    if main is not None:
        return main.line.clone.modal
    if any(each.clonal for each in reading.recipient):
        return None
    normal = _normal_lines(reading)
    shown = normal or list(reading.recipient)
    return shown[0].line.clone.modal if len({each.line.clone.modal for each in shown}) == 1 else None


def _complex(count: AbnormalityCount, least: int) -> bool | None:
    if count.low is None or count.high is None:
        return None
    return True if count.low >= least else False if count.high < least else None


def _complex_all(
    ploidy: Ploidy, answers: tuple[Answer, ...], reading: Reading, rule: KaryotypeRule
) -> bool | None:
    """Return whether a complex karyotype has neither an established translocation nor a ploidy group."""
    established = has_translocation(rule.lesions.established, reading.recipient_items)
    if ploidy.group or established or "yes" in answers:
        return False
    open_class = ploidy.name in (None, "range", "near_haploid") or "REVIEW" in ploidy.flags
    return None if open_class or set(answers) != {"no"} else True
