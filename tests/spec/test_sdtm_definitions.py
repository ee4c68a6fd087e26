"""What the SDTM export writes for a result."""

from dataclasses import replace
from typing import Any

import pytest
from export_examples import ASSESSMENT, external, record_with, response
from report_examples import KARYOTYPE, RESPONSE
from tables import rows

from mrdkit.export.sdtm.writing import sdtm_findings
from mrdkit.patient.records import PatientRecord


def written(record: PatientRecord, name: str) -> list[dict[str, Any]]:
    """Return the rows of one data set."""
    found = {each.name: each for each in sdtm_findings("T1", [record]).datasets}
    if name not in found:
        return []
    names = [variable.name for variable in found[name].variables]
    return [dict(zip(names, row, strict=True)) for row in found[name].rows]


RESPONSE_TERMS = """
    response                | RSORRES                 | RSSTRESC                       | clause
    ------------------------+-------------------------+--------------------------------+-----------------------------------------
    CR                      | CR                      | CR                             | C4870
    CRp                     | CRp                     | CRp                            | no term: sponsor extension, never CRi or PR
    CRi                     | CRi                     | CRi                            | C103385
    CRh                     | CRh                     | CRh                            | no term: sponsor extension
    MLFS                    | MLFS                    | MORPHOLOGIC LEUKEMIA-FREE STATE | C123597
    PR                      | PR                      | PR                             | C18058
    NR                      | NR                      | NR                             | C123600
    NE                      | NE                      | NE                             | C62222
    INDETERMINATE_REMISSION | INDETERMINATE_REMISSION | INDETERMINATE REMISSION        | sponsor extension
    CR_OR_CRp               | CR_OR_CRp               | CR_OR_CRp                      | what the counts leave open stays open
    ERROR                   | ERROR                   | ERROR                          | a contradiction is no NE
"""


@pytest.mark.parametrize(("category", "original", "term", "clause"), rows(RESPONSE_TERMS))
def test_response_terms(category: str, original: str, term: str, clause: str) -> None:
    found = {row["RSTESTCD"]: row for row in written(response(category), "RS") if row["RSORRES"]}
    for test in ("OVRLRESP", "BESTRESP"):
        assert (found[test]["RSORRES"], found[test]["RSSTRESC"]) == (original, term), clause
        assert (found[test]["RSDRVFL"], found[test]["RSSCAT"]) == ("Y", "JABBOUR2023")


MRD_TERMS = """
    flow           | RSSTRESC          | RSSTAT   | RSREASND
    ---------------+-------------------+----------+-----------
    negative       | MRD NEGATIVITY    |          |
    positive       | MRD POSITIVITY    |          |
    indeterminate  | MRD INDETERMINATE |          |
    not_evaluable  | NE                |          |
    not_tested     |                   | NOT DONE | NOT TESTED
"""


@pytest.mark.parametrize(("word", "term", "status", "reason"), rows(MRD_TERMS))
def test_mrd_terms(word: str, term: str, status: str, reason: str) -> None:
    record = record_with("P-01", responses=(replace(RESPONSE, mrd_flow=word),))
    (row,) = [each for each in written(record, "RS") if each["RSSCAT"] == "JABBOUR2023 FLOW 1E-4"]
    found = (row["RSSTRESC"], row["RSSTAT"], row["RSREASND"])
    assert found == (term or None, status or None, reason or None)


BLOOD_COUNTS = """
    platelets | unit    | LBORRES   | LBORRESU | LBSTRESC | LBSTRESN | clause
    ----------+---------+-----------+----------+----------+----------+-----------------------------------------
    87        | 10^9/L  | 87        | 10^9/L   | 87       | 87       |
    87        | K/uL    | 87        | 10^9/L   | 87       | 87       | the same number by another name
    87000     | /uL     | 87000     | 10^6/L   | 87.000   | 87       | converted, digits kept
    87        |         | 87        |          | 87       | 87       | no unit written: none is claimed for the original
    87000     |         | 87000     |          | 87000    |          | cannot be 10^9/L: not standardised
    <20       | 10^9/L  | <20       | 10^9/L   | <20      |          | several values are possible
    >100      | 10^9/L  | >100      | 10^9/L   | >100     |          |
    80-90     | 10^9/L  | 80-90     | 10^9/L   | 80-90    |          |
    many      |         | many      |          | many     |          | a word stays a word
"""


@pytest.mark.parametrize(
    ("cell", "unit", "original", "original_unit", "text", "number", "clause"), rows(BLOOD_COUNTS)
)
def test_blood_counts(  # noqa: PLR0917 - a row of the table
    cell: str, unit: str, original: str, original_unit: str, text: str, number: str, clause: str
) -> None:
    assessment = replace(ASSESSMENT, platelets=cell, platelets_unit=unit)
    record = record_with("P-01", assessments=(assessment,), blood_counts=())
    (row,) = [each for each in written(record, "LB") if each["LBTESTCD"] == "PLAT"]
    assert (row["LBORRES"], row["LBORRESU"]) == (original, original_unit or None), clause
    assert (row["LBSTRESC"], row["LBSTRESN"]) == (text, float(number) if number else None), clause
    assert row["LBSTRESU"] == ("10^9/L" if text != original or number or "<" in text else row["LBSTRESU"])


GENE_RESULTS = """
    assay      | delivered   | GFSTRESC     | GFSTAT   | clause
    -----------+-------------+--------------+----------+-----------------------------------------
    tp53       | mutated     | DETECTED     |          |
    tp53       | wild type   | NOT DETECTED |          |
    tp53       | not_tested  |              | NOT DONE | never wild type
    tp53       | see letter  | see letter   |          | not understood: as written
    crlf2_fish | normal      | NOT DETECTED |          |
    crlf2_fish | atypical_loss_3prime | INDETERMINATE | |
    crlf2_fish | insufficient | NOT EVALUABLE |        | never normal
"""


@pytest.mark.parametrize(("assay", "word", "term", "status", "clause"), rows(GENE_RESULTS))
def test_gene_results(assay: str, word: str, term: str, status: str, clause: str) -> None:
    record = record_with("P-01", calls=(), mrd=(), external=(external(assay, word),))
    (row,) = written(record, "GF")
    assert (row["GFSTRESC"], row["GFSTAT"]) == (term or None, status or None), clause


def test_a_long_karyotype_goes_on_in_supplemental_qualifiers() -> None:
    text = "46,XX," + ",".join(f"del({n})(q21)" for n in range(1, 23)) + "[20]"
    call = replace(KARYOTYPE, text=text, cleaned=text)
    record = record_with("P-01", calls=(call,), mrd=(), assessments=(), blood_counts=())
    (row,) = written(record, "MI")
    rest = {each["QNAM"]: each["QVAL"] for each in written(record, "SUPPMI")}
    assert len(row["MIORRES"]) == 200
    assert row["MIORRES"] + rest["MIORRES1"] == text
    assert row["MISTRESC"] + rest["MISTRES1"] == text


def test_residual_disease_that_was_not_found_is_below_its_limit() -> None:
    record = record_with("P-01", calls=())
    found = {row["VISIT"]: row for row in written(record, "CP") if row["CPTESTCD"] == "MRDCE"}
    assert (found["course 1"]["CPSTRESC"], found["course 1"]["CPSTRESN"]) == ("0.0023", 0.0023)
    assert (found["course 3"]["CPSTRESC"], found["course 3"]["CPSTRESN"]) == ("<0.000068", None)
    assert found["baseline"]["CPLOBXFL"] == "Y"
    assert [found[visit]["VISITNUM"] for visit in ("baseline", "course 1", "course 3")] == [1, 2, 3]
