"""What each patient of the synthetic study is there to show."""

from pathlib import Path

import polars as pl
import pytest
from tables import rows

from mrdkit.study.demo import write_demo
from mrdkit.study.run import run_study

OUTCOMES = """
    patient | visit    | response | flow          | at 1e-4       | at 1e-6       | shows
    --------+----------+----------+---------------+---------------+---------------+------------------------------------
    DEMO-01 | course 1 | CR       | negative      | negative      | positive      | CR, disease far below flow
    DEMO-01 | course 3 | CR       | negative      | negative      | negative      | MRD-negative by both methods
    DEMO-02 | course 1 | CR       | positive      | positive      | positive      | CR with residual disease
    DEMO-03 | course 1 | CRp      | negative      | negative      | positive      | CRp; flow and sequencing disagree
    DEMO-04 | course 1 | CRi      | negative      | negative      | indeterminate | CRi; too few cells for 1e-6
    DEMO-05 | course 1 | NR       | positive      | positive      | positive      | no response
    DEMO-07 | day 100  | CR       | negative      | negative      | negative      | after transplant
    DEMO-08 | course 1 | CR       | indeterminate | indeterminate | indeterminate | too few events and too few cells
    DEMO-09 | course 3 | CR       | negative      | negative      | positive      | MRD falls below flow
    DEMO-10 | course 1 | CRp      | positive      | positive      | positive      | CRp with residual disease
    DEMO-11 | course 4 | CR       | negative      | negative      | negative      | after CD19 and CD22 therapy
    DEMO-12 | relapse  | NR       | positive      | positive      | positive      | relapse
"""

MARKERS = """
    patient | CRLF2 FISH                | TP53      | shows
    --------+---------------------------+-----------+----------------------------------------
    DEMO-01 | normal                    | wild_type | the common polymorphism is not counted
    DEMO-04 | gain_not_rearranged       |           | extra copies; TP53 not tested
    DEMO-09 | rearranged_split          | wild_type | IGH::CRLF2-like
    DEMO-10 | rearranged_deletion_5prime | mutated   | P2RY8::CRLF2-like; two mutations
    DEMO-12 | normal                    | mutated   | one mutation above 50 %
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "study", seed=1)
    report = run_study(folder / "study", folder / "out")
    assert report.summary.failed == 0
    return folder / "out" / "tables"


@pytest.mark.parametrize("cells", rows(OUTCOMES), ids=lambda cells: f"{cells[0]}, {cells[1]}")
def test_outcome(tables: Path, cells: list[str]) -> None:
    patient, visit, *expected, shows = cells
    table = pl.read_parquet(tables / "response_timepoint.parquet")
    (row,) = table.filter(pl.col("subject_id") == patient, pl.col("visit") == visit).to_dicts()
    found = [row[name] for name in ("response", "mrd_flow", "mrd_ngs_1e-4", "mrd_ngs_1e-6")]
    assert found == expected, shows


@pytest.mark.parametrize(("patient", "fish", "tp53", "shows"), rows(MARKERS))
def test_markers(tables: Path, patient: str, fish: str, tp53: str, shows: str) -> None:
    results = pl.read_parquet(tables / "results.parquet").filter(pl.col("subject_id") == patient)
    words = {
        assay: results.filter(pl.col("assay") == assay)["result"].to_list()[:1] for assay in ("fish", "tp53")
    }
    assert words == {"fish": [fish], "tp53": [tp53] if tp53 else []}, shows


def test_early_death_stays_in_the_denominator(tables: Path) -> None:
    best = pl.read_parquet(tables / "response_best.parquet").filter(pl.col("subject_id") == "DEMO-06")
    assert best["best_response"].to_list() == ["NE"]
    cohort = pl.read_parquet(tables / "cohort_summary.parquet")
    assert cohort.filter(pl.col("endpoint") == "overall_response")["denominator"].to_list() == [12]


def test_donor_cells_after_transplant_stay_the_donors(tables: Path) -> None:
    karyotypes = pl.read_parquet(tables / "karyotype.parquet").filter(pl.col("subject_id") == "DEMO-07")
    (donor,) = karyotypes.filter(pl.col("visit") == "day 100").to_dicts()
    assert (donor["metaphases_donor"], donor["metaphases_recipient"]) == (20, 0)
