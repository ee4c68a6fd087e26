"""What a result from blood says of the marrow."""

from datetime import date

import pytest
from report_examples import flow_call
from tables import rows

from mrdkit.patient.criteria import read_criteria
from mrdkit.patient.mrd import mrd_readings
from mrdkit.results import MrdStatus, Specimen

SPECIMEN_TYPES = """
    specimen         | flow call  | of the marrow | flag                  | clause
    -----------------+------------+---------------+-----------------------+---------------------------------
    BM               | negative   | negative      |                       | negativity is stated for marrow
    bone marrow      | negative   | negative      |                       | another spelling
    Bone_Marrow      | negative   | negative      |                       | another spelling
                     | negative   | negative      |                       | not stated: marrow
    PB               | negative   | indeterminate | SPECIMEN_NOT_MARROW   | blood cannot clear the marrow
    peripheral blood | negative   | indeterminate | SPECIMEN_NOT_MARROW   | blood cannot clear the marrow
    CSF              | negative   | indeterminate | SPECIMEN_NOT_MARROW   | fluid cannot clear the marrow
    PB               | positive   | positive      | SPECIMEN_NOT_MARROW   | disease in blood is disease
    swab             | negative   | negative      | SPECIMEN_TYPE_UNKNOWN | counted, and a person looks
"""


@pytest.mark.parametrize(("specimen", "called", "expected", "flag", "clause"), rows(SPECIMEN_TYPES))
def test_specimen_type(specimen: str, called: str, expected: str, flag: str, clause: str) -> None:
    detected = called == "positive"
    call = flow_call(
        specimen=Specimen(
            subject_id="P1", visit="C1", collected_on=date(2024, 2, 4), specimen_type=specimen or None
        ),
        state=called,
        status={"1e-4": MrdStatus(called)},
        detected=detected,
        n_target=345 if detected else 0,
        fraction=2.3e-3 if detected else 0.0,
    )
    (reading,) = mrd_readings([call], [], read_criteria("jabbour2023"))
    assert reading.overall == expected, clause
    flags = {finding.flag for finding in reading.findings}
    assert {name for name in flags if name.startswith("SPECIMEN")} == ({flag} if flag else set())
