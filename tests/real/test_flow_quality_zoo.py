"""Real files of many cytometers: every check answers, masks fit, steady tubes have no flag over time."""

import pytest
from real_data import ROOT, needs_real_data, real

from mrdkit.flow import QualityReport, quality_report, read_fcs_datasets, read_quality_rules

pytestmark = needs_real_data

RULES = read_quality_rules()
OVER_TIME = ("flow_rate", "gaps", "clogs", "signal_drift")
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("flow/fcs_*/*"))
REFUSED = ("corrupted.fcs", "sample_header.fcs")


def reports(relative: str) -> list[QualityReport]:
    return [quality_report(tube, RULES) for tube in read_fcs_datasets(real(relative))]


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(REFUSED)])
def test_every_check_answers_for_every_file(name: str) -> None:
    for report in reports(name):
        assert len(report.checks) == 8
        assert all(check.mask.shape == (report.n_events,) for check in report.checks)
        assert all(check.n_flagged == check.mask.sum() for check in report.checks)


@pytest.mark.parametrize(
    "name",
    [
        "flow/compensation/test_comp_example.fcs",
        "flow/gatingml2/data1.fcs",
        "flow/fcs_zoo/0877408774.B08",
        "flow/fcs_zoo/Data001.fcs",
        "flow/fcs_zoo/EY_2013-07-19_PBS_FCS_3.1_Well_A1.001.fcs",
        "flow/fcs_zoo/EY_2013-07-19_PBS_FCS_2.0_Custom_Without_Add_Well_A1.001.fcs",
        "flow/fcs_zoo/FCS_3.0_Fortessa_PBS_Specimen_001_A1_A01.fcs",
        "flow/fcs_zoo/facs_diva_test.fcs",
    ],
)
def test_a_steady_tube_has_no_flag_over_time(name: str) -> None:
    (report,) = reports(name)
    assert [check.outcome for check in report.checks if check.name in OVER_TIME] == ["passed"] * 4


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("flow/fcs_zoo/Partec.fcs", "TIME_STANDS_STILL"),  # 19,373 events at 4095, the end of its clock
        ("flow/fcs_zoo/Data002.fcs", "TIME_TOO_COARSE"),  # five steps of the clock in 20,000 events
        ("flow/fcs_zoo/Data003.fcs", "TIME_GAP"),  # 9.7 s without an event
        ("flow/fcs_zoo/060909.001", "TIME_MISSING"),
        ("flow/fcs_zoo/facs_diva_test.fcs", "MARGIN_EVENTS"),  # clipped at 262143 below $PnR 262144
    ],
)
def test_what_is_known_of_a_file_is_said(name: str, flag: str) -> None:
    (report,) = reports(name)
    assert flag in report.flags
