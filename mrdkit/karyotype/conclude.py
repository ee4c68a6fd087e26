"""What a reading means: ploidy, numbers of abnormalities, complexity, KMT2A-r, Ph, named findings and risk.

Everything that depends on an unread or contradictory part is left open. A line that is no clone sets no
class; where it carries KMT2A-r or Ph, which are never chance findings, nothing is called normal beside it.
Source: project decision.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mrdkit.karyotype.clonality import JudgedLine, mainline
from mrdkit.karyotype.lesions import Answer, lesion_of
from mrdkit.karyotype.metaphases import is_normal
from mrdkit.karyotype.named_findings import answers_of, high_risk
from mrdkit.karyotype.ploidy import Ploidy, ploidy_of
from mrdkit.karyotype.reading import Reading
from mrdkit.karyotype.rules import Group, KaryotypeRule
from mrdkit.karyotype.weights import AbnormalityCount, count_iscn, count_tokens

__all__ = ["Conclusions", "conclude"]

_OPEN = Ploidy(None, None, ())
_TRUTH: dict[Answer, bool] = {"yes": True, "no": False}


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
    findings: dict[str, Answer]
    high_risk: dict[str, bool | None]

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of the class, and of a number of abnormalities that is open."""
        return self.ploidy.flags if self.iscn.low is not None else (*self.ploidy.flags, "ABNORMALITIES_OPEN")


def conclude(reading: Reading, rule: KaryotypeRule) -> Conclusions:
    """Return the conclusions from one reading."""
    kmt2a, ph, findings = _lesions(reading, rule)
    main = None if reading.both_sexes else mainline(reading.judged)
    ploidy, iscn = _class_and_count(reading, main, rule, certain=kmt2a == ph == "no")
    raw = _complex(iscn, rule.ploidy.complex_at_least_abnormalities)
    established = [findings[finding.name] for finding in rule.lesions.finding if finding.established]
    complex_all = raw and _complex_all(ploidy, (kmt2a, ph), established)
    answers = {
        "HoTr": _is_hotr(ploidy),
        "complex_all": complex_all,
        **{name: _TRUTH.get(found) for name, found in {"kmt2a": kmt2a, "ph": ph, **findings}.items()},
    }
    return Conclusions(
        ploidy=ploidy,
        modal_number=_modal(reading, main),
        iscn=iscn,
        tokens=None if reading.both_sexes else count_tokens(reading.judged),
        complex_raw=raw,
        complex_all=complex_all,
        kmt2a=kmt2a,
        ph=ph,
        findings=findings,
        high_risk={profile.key: high_risk(profile, answers) for profile in rule.risks},
    )


def _class_and_count(
    reading: Reading, main: JudgedLine | None, rule: KaryotypeRule, *, certain: bool
) -> tuple[Ploidy, AbnormalityCount]:
    if reading.errors:
        return _OPEN, AbnormalityCount(None, None)
    if reading.both_sexes:
        return Ploidy(None, None, ("REVIEW",)), AbnormalityCount(None, None)
    levels = [check.level for check in reading.checks]
    count = AbnormalityCount(None, None) if _sex_decides(reading) else count_iscn(reading.judged, levels)
    if any(remark.population == "recipient" and remark.kind == "unread" for remark in reading.parsed.remarks):
        return Ploidy(None, None, ("REVIEW",)), AbnormalityCount(None, None)
    if main is not None:
        at = reading.judged.index(main)
        bare = reading.sex_open[at] and not main.line.items
        ploidy = ploidy_of(at, reading.judged, levels[at], rule.ploidy)
        return Ploidy(None, None, ("REVIEW",)) if bare else ploidy, count
    if any(each.clonal for each in reading.recipient):
        return Ploidy(None, _common_group(reading, levels, rule), ("MAINLINE_UNCERTAIN",)), count
    return _without_clone(reading, certain=certain)


def _common_group(reading: Reading, levels: Sequence[int | None], rule: KaryotypeRule) -> Group | None:
    """Return the group of all of the patient's clones: it holds whichever of them is the mainline."""
    clonal = [at for at, each in enumerate(reading.judged) if each.clonal and each in reading.recipient]
    groups = {ploidy_of(at, reading.judged, levels[at], rule.ploidy).group for at in clonal}
    return groups.pop() if len(groups) == 1 else None


def _lesions(reading: Reading, rule: KaryotypeRule) -> tuple[Answer, Answer, dict[str, Answer]]:
    remarks = [remark for remark in reading.parsed.remarks if remark.population == "recipient"]
    unread = [remark.text.partition("[")[0] for remark in remarks if not remark.understood]
    words = (word for each in reading.recipient for word in each.line.clone.remarks)
    unread += [word for word in words if any(character.isalpha() for character in word)]
    items = (*reading.recipient_items, *(item for remark in remarks for item in remark.items))
    clonal = [item for each in reading.recipient for item in each.clonal_items]
    lesions = rule.lesions
    return (
        lesion_of(lesions.kmt2a, items, unread=unread, fish=reading.fish),
        lesion_of(lesions.ph, items, unread=unread, fish=reading.fish),
        answers_of(lesions.finding, items, clonal, unread=unread),
    )


def _sex_decides(reading: Reading) -> bool:
    """Return whether a clone of the patient's has a sex complement that may be a change or not."""
    pairs = zip(reading.judged, reading.sex_open, strict=True)
    return any(is_open and each in reading.recipient for each, is_open in pairs)


def _is_hotr(ploidy: Ploidy) -> bool | None:
    """Return whether the group is HoTr, None where the class or the pattern is open."""
    if ploidy.group is not None:
        return ploidy.group == "HoTr"
    return None if ploidy.name in (None, "range") or "REVIEW" in ploidy.flags else False


def _without_clone(reading: Reading, *, certain: bool) -> tuple[Ploidy, AbnormalityCount]:
    """Return the normal class where the patient's, or else the donor's, lines are normal."""
    normal = _normal_lines(reading)
    donor_normal = all(each.line.role in ("normal", "constitutional") for each in reading.donor)
    seen = any(each.line.clone.cells != 0 for each in reading.recipient or reading.donor)
    none = AbnormalityCount(0, 0) if reading.whole and seen else AbnormalityCount(None, None)
    if not (certain and reading.whole and donor_normal and normal):
        return Ploidy(None, None, ("REVIEW",)), none
    constitutional = any(each.line.role == "constitutional" for each in normal)
    name = "normal_constitutional" if constitutional else "normal_diploid"
    return Ploidy(name, None, ()), none


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


def _complex_all(ploidy: Ploidy, answers: tuple[Answer, ...], established: Sequence[Answer]) -> bool | None:
    """Return whether a complex karyotype has neither an established translocation nor a ploidy group."""
    if ploidy.group or "yes" in (*answers, *established):
        return False
    open_class = ploidy.name in (None, "range", "near_haploid") or "REVIEW" in ploidy.flags
    return None if open_class or {*answers, *established} != {"no"} else True
