"""Twelve invented patients, chosen so that every outcome a reader must know appears once.

Nothing here is taken from a person. The numbers are plausible, no more; they certify nothing.
"""

from dataclasses import dataclass

__all__ = ["BLINATUMOMAB", "INOTUZUMAB", "SCENARIOS", "Scenario", "Visit"]

INOTUZUMAB = "inotuzumab"
BLINATUMOMAB = "blinatumomab"

_DIAGNOSIS_TUBE = 40_000  # events
_FOLLOW_UP_TUBE = 160_000
_DIAGNOSIS_CELLS = 48_000.0
_USUAL_CELLS = 1_150_000.0
_DEEP_CELLS = 3_300_000.0  # enough for a negative at 1e-6
_NORMAL_FISH = {"2F": 198, "1F1G": 1, "3F": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit with a marrow. Days count from the start of treatment; counts are in 10^9/L.

    Attributes:
        residual: true leukemic fraction of the nucleated cells.
        flow_events: events acquired in the flow tube, None for no tube.
        cells: nucleated cells sequenced, None for no sequencing.
        sequenced_residual: what the sequencing sample holds where it differs from the marrow's fraction.
        karyotype: ISCN text, empty for none.
    """

    label: str
    course: int
    day: int
    blasts_percent: str
    anc: str
    platelets: str
    residual: float
    flow_events: int | None = _FOLLOW_UP_TUBE
    cells: float | None = _USUAL_CELLS
    sequenced_residual: float | None = None
    karyotype: str = ""
    extramedullary: str = "N"
    pb_blasts_percent: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One invented patient and what the report is meant to show.

    Attributes:
        fish: CRLF2 signal patterns of the baseline marrow -> nuclei; empty for not tested.
        tp53: name of a hotspot change (see `variants.py`) -> variant allele fraction; None for not tested.
    """

    shows: str
    sex: str
    age: int
    arm: str
    salvage: int
    cr1_months: int
    prior_sct: str
    visits: tuple[Visit, ...]
    events: tuple[tuple[int, str, str], ...]
    fish: dict[str, int]
    tp53: dict[str, float] | None


def _baseline(blasts: str, residual: float, karyotype: str, **counts: str) -> Visit:
    return Visit(
        label="baseline",
        course=0,
        day=-4,
        blasts_percent=blasts,
        anc=counts.get("anc", "0.9"),
        platelets=counts.get("platelets", "38"),
        pb_blasts_percent=counts.get("pb_blasts", "21"),
        residual=residual,
        flow_events=_DIAGNOSIS_TUBE,
        cells=_DIAGNOSIS_CELLS,
        karyotype=karyotype,
    )


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        shows="CR after course 1, MRD-negative by flow and by sequencing, complete cytogenetic response",
        sex="F",
        age=41,
        arm="mini-HCVD-inotuzumab-blinatumomab",
        salvage=1,
        cr1_months=26,
        prior_sct="N",
        visits=(
            _baseline("78", 0.76, "46,XX,t(4;11)(q21;q23)[16]/46,XX[4]"),
            Visit(
                label="course 1",
                course=1,
                day=27,
                blasts_percent="2",
                anc="1.8",
                platelets="164",
                residual=2e-6,
                cells=_DEEP_CELLS,
                karyotype="46,XX[20]",
            ),
            Visit(
                label="course 3",
                course=3,
                day=89,
                blasts_percent="1",
                anc="2.4",
                platelets="201",
                residual=0.0,
                cells=_DEEP_CELLS,
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (2, INOTUZUMAB, ""),
            (30, "course_start", "2"),
            (720, "last_contact", ""),
        ),
        fish=_NORMAL_FISH,
        tp53={},
    ),
    Scenario(
        shows="CR with residual disease by both methods",
        sex="M",
        age=36,
        arm="mini-HCVD-inotuzumab",
        salvage=1,
        cr1_months=9,
        prior_sct="N",
        visits=(
            _baseline("91", 0.88, "47,XY,+8[12]/46,XY[8]"),
            Visit(
                label="course 1",
                course=1,
                day=29,
                blasts_percent="4",
                anc="1.3",
                platelets="122",
                residual=2.4e-3,
                karyotype="46,XY[20]",
            ),
            Visit(
                label="course 2",
                course=2,
                day=61,
                blasts_percent="3",
                anc="1.6",
                platelets="140",
                residual=9e-4,
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (33, "course_start", "2"),
            (410, "last_contact", ""),
        ),
        fish=_NORMAL_FISH,
        tp53={},
    ),
    Scenario(
        shows="CRp; flow negative, sequencing positive below the reach of flow",
        sex="F",
        age=58,
        arm="mini-HCVD-inotuzumab",
        salvage=2,
        cr1_months=14,
        prior_sct="N",
        visits=(
            _baseline("64", 0.61, "46,XX[20]"),
            Visit(
                label="course 1",
                course=1,
                day=28,
                blasts_percent="2",
                anc="1.5",
                platelets="71",
                residual=0.0,
                sequenced_residual=3.1e-5,
                karyotype="46,XX[20]",
            ),
        ),
        events=((0, "course_start", "1"), (3, INOTUZUMAB, ""), (300, "last_contact", "")),
        fish=_NORMAL_FISH,
        tp53={"R273H": 0.31},
    ),
    Scenario(
        shows="CRi: neither count recovered",
        sex="M",
        age=67,
        arm="mini-HCVD-inotuzumab",
        salvage=1,
        cr1_months=31,
        prior_sct="N",
        visits=(
            _baseline("55", 0.5, "46,XY,del(9)(p13)[9]/46,XY[11]"),
            Visit(
                label="course 1",
                course=1,
                day=30,
                blasts_percent="3",
                anc="0.6",
                platelets="48",
                residual=0.0,
                karyotype="46,XY[12]",
            ),
        ),
        events=((0, "course_start", "1"), (3, INOTUZUMAB, ""), (190, "last_contact", "")),
        fish={"2F": 120, "3F": 80},
        tp53=None,
    ),
    Scenario(
        shows="no response, TP53 mutated",
        sex="F",
        age=49,
        arm="mini-HCVD-inotuzumab-blinatumomab",
        salvage=3,
        cr1_months=5,
        prior_sct="Y",
        visits=(
            _baseline("88", 0.86, "46,XX,add(17)(p11.2)[14]/46,XX[6]"),
            Visit(
                label="course 1",
                course=1,
                day=28,
                blasts_percent="61",
                anc="0.3",
                platelets="19",
                residual=0.55,
                pb_blasts_percent="12",
            ),
        ),
        events=((0, "course_start", "1"), (3, INOTUZUMAB, ""), (96, "death", "progressive disease")),
        fish=_NORMAL_FISH,
        tp53={"R248Q": 0.44},
    ),
    Scenario(
        shows="early death without a response assessment",
        sex="M",
        age=71,
        arm="mini-HCVD-inotuzumab",
        salvage=2,
        cr1_months=7,
        prior_sct="N",
        visits=(_baseline("93", 0.9, "46,XY[20]", anc="0.2", platelets="11"),),
        events=((0, "course_start", "1"), (13, "death", "infection")),
        fish={},
        tp53=None,
    ),
    Scenario(
        shows="transplant in remission; afterwards every metaphase is the donor's",
        sex="F",
        age=33,
        arm="mini-HCVD-inotuzumab-blinatumomab",
        salvage=1,
        cr1_months=18,
        prior_sct="N",
        visits=(
            _baseline("72", 0.69, "46,XX,t(1;19)(q23;p13.3)[13]/46,XX[7]"),
            Visit(
                label="course 2",
                course=2,
                day=58,
                blasts_percent="1",
                anc="2.2",
                platelets="155",
                residual=6e-5,
                karyotype="46,XX[20]",
            ),
            Visit(
                label="day 100",
                course=4,
                day=212,
                blasts_percent="1",
                anc="3.0",
                platelets="180",
                residual=0.0,
                cells=_DEEP_CELLS,
                karyotype="//46,XY[20]",
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (112, "sct", "unrelated donor"),
            (880, "last_contact", ""),
        ),
        fish=_NORMAL_FISH,
        tp53={},
    ),
    Scenario(
        shows="too few events and too few cells: nothing seen is not negative",
        sex="M",
        age=54,
        arm="mini-HCVD-inotuzumab",
        salvage=1,
        cr1_months=12,
        prior_sct="N",
        visits=(
            _baseline("81", 0.8, "46,XY,del(6)(q21)[11]/46,XY[9]"),
            Visit(
                label="course 1",
                course=1,
                day=26,
                blasts_percent="2",
                anc="1.9",
                platelets="133",
                residual=0.0,
                flow_events=28_000,
                cells=21_000.0,
            ),
        ),
        events=((0, "course_start", "1"), (3, INOTUZUMAB, ""), (240, "last_contact", "")),
        fish=_NORMAL_FISH,
        tp53={},
    ),
    Scenario(
        shows="CRLF2 split signals; MRD-positive after course 1, negative by flow after course 3",
        sex="F",
        age=29,
        arm="mini-HCVD-inotuzumab-blinatumomab",
        salvage=1,
        cr1_months=16,
        prior_sct="N",
        visits=(
            _baseline("86", 0.84, "46,XX,t(X;14)(p22.3;q32)[15]/46,XX[5]"),
            Visit(
                label="course 1",
                course=1,
                day=28,
                blasts_percent="3",
                anc="1.4",
                platelets="118",
                residual=1.1e-3,
                karyotype="46,XX,t(X;14)(p22.3;q32)[1]/46,XX[19]",
            ),
            Visit(
                label="course 3",
                course=3,
                day=92,
                blasts_percent="1",
                anc="2.0",
                platelets="171",
                residual=8e-6,
                karyotype="46,XX[20]",
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (95, "course_start", "4"),
            (520, "last_contact", ""),
        ),
        fish={"2F": 115, "1F1R1G": 85},
        tp53={},
    ),
    Scenario(
        shows="CRLF2 deletion pattern (P2RY8::CRLF2-like), two TP53 mutations, relapse",
        sex="M",
        age=46,
        arm="mini-HCVD-inotuzumab",
        salvage=2,
        cr1_months=10,
        prior_sct="N",
        visits=(
            _baseline("77", 0.74, "46,XY[20]"),
            Visit(
                label="course 1",
                course=1,
                day=31,
                blasts_percent="4",
                anc="1.2",
                platelets="82",
                residual=7e-4,
            ),
            Visit(
                label="relapse",
                course=5,
                day=205,
                blasts_percent="46",
                anc="0.7",
                platelets="30",
                residual=0.41,
                pb_blasts_percent="8",
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (205, "relapse", "marrow"),
            (330, "death", "relapse"),
        ),
        fish={"2F": 50, "1F1R": 150},
        tp53={"R175H": 0.41, "R213*": 0.22},
    ),
    Scenario(
        shows="inotuzumab and blinatumomab before the marrow: an empty CD19 or CD22 gate proves nothing",
        sex="F",
        age=62,
        arm="mini-HCVD-inotuzumab-blinatumomab",
        salvage=1,
        cr1_months=22,
        prior_sct="N",
        visits=(
            _baseline("69", 0.66, "46,XX,t(9;11)(p21;q23)[10]/46,XX[10]"),
            Visit(
                label="course 4",
                course=4,
                day=131,
                blasts_percent="1",
                anc="1.7",
                platelets="149",
                residual=0.0,
                cells=_DEEP_CELLS,
                karyotype="46,XX[20]",
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (100, BLINATUMOMAB, ""),
            (610, "last_contact", ""),
        ),
        fish=_NORMAL_FISH,
        tp53={},
    ),
    Scenario(
        shows="low hypodiploid clone with TP53 mutation above 50 %: CR, then relapse and death",
        sex="M",
        age=59,
        arm="mini-HCVD-inotuzumab",
        salvage=1,
        cr1_months=8,
        prior_sct="N",
        visits=(
            _baseline("84", 0.82, "36,XY,-2,-3,-4,-7,-9,-13,-15,-16,-17,-20[14]/46,XY[6]"),
            Visit(
                label="course 1",
                course=1,
                day=27,
                blasts_percent="5",
                anc="1.1",
                platelets="104",
                residual=3.2e-4,
                karyotype="46,XY[20]",
            ),
            Visit(
                label="relapse",
                course=4,
                day=160,
                blasts_percent="72",
                anc="0.4",
                platelets="22",
                residual=0.7,
                pb_blasts_percent="33",
            ),
        ),
        events=(
            (0, "course_start", "1"),
            (3, INOTUZUMAB, ""),
            (160, "relapse", "marrow"),
            (221, "death", "relapse"),
        ),
        fish=_NORMAL_FISH,
        tp53={"R248W": 0.79},
    ),
)
