"""A study that names its patients in every place that a laboratory can write to."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from deidentifying import patient_file
from identified_files import IDENTIFIERS
from study_folder import file_row, write_study
from tp53_files import R175H, as_bcf, as_bgzf, contig, vcf

from mrdkit.files import sha256_of

__all__ = ["NAMES", "SUBJECTS", "assert_silent_study", "identified_study"]

#: Words of the identifiers that no word of a study holds.
NAMES = (
    "Jane",
    "Rosenkranz",
    "Theophil",
    "MRN7731905",
    "Lüdenscheidt",
    "Nightingale",
    "hospital",
    "9876",
    "556677",
)
SUBJECTS = (IDENTIFIERS[0], IDENTIFIERS[1])

_TOML = """# written by Rosenkranz, Theophil
id = "Ward Nightingale 7"
panel = "b_all_fixed"
probes = "Doe_Jane probes.toml"
cutoffs = "cutoffs.toml"
notice = "Ask jane.doe@hospital.example"
"""
_PROBES = """# S-4711-0815
[probe.CRLF2_BA]
gene = "CRLF2"
kind = "break_apart"
red = "3prime"
green = "5prime"
source = "validated by Doe^Jane"
lot = "555-01-9876"
"""
_CUTOFFS = """[[cutoff]]
probe = "CRLF2_BA"
class = "split"
method = "given"
percent = 2.5
n = 200
source = "Rosenkranz, Theophil"
laboratory = "Ward Nightingale 7"
date = 1971-05-03
"""
_PIPELINE = """#qc_flags=PASS
#sampleName=Rosenkranz, Theophil
#estTotalNucleatedCells=48000
#pipelineVersion=ACC-2024-556677
nucleotide\tinputTemplateEstimate\tlocus\tvMaxResolved\tjMaxResolved\tjIndex\tpatient\tsequenceStatus
GGCGAGTCGTACACCTGAACATTTTCCATGGATACAGG\t5\tIGH\tIGHV04-39\tIGHJ04-01*02\t20\tDoe^Jane\tIn
TTCGAGTCGTACACCTGAACATTTTCCATGGATACATT\t1\tIGH\tIGHV04-39\tIGHJ04-01*02\t20\tMRN7731905\tOut
"""
_REST = "F T IGHV4-39*01  IGHJ4*02 TGTGCG"
_AIRR_COLUMNS = (
    "sequence_id sequence rev_comp productive v_call d_call j_call junction duplicate_count sample_id "
    "subject_id"
)
_AIRR = "\n".join(
    "\t".join(cells)
    for cells in (
        _AIRR_COLUMNS.split(" "),
        f"Doe_Jane_1 GGCGAGTCGTACACCTGAACATTTTCCATGG {_REST} 7 S-4711-0815 Doe^Jane".split(" "),
        f"Doe_Jane_2 TTCGAGTCGTACACCTGAACATTTTCCATGG {_REST} 2 S-4711-0815 Doe^Jane".split(" "),
    )
)
_META = (
    contig(),
    "##patient=Doe^Jane",
    '##SAMPLE=<ID=MRN7731905,Description="Ward Nightingale 7">',
    "##bcftools_viewCommand=view /home/Rosenkranz/jane.doe@hospital.example.bam",
    '##INFO=<ID=WARD,Number=1,Type=String,Description="Ward Nightingale 7">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Doe^Jane">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
    "##tumor_sample=MRN7731905",
)


def identified_study(folder: Path) -> Path:
    """Write the study; two subjects, tubes, sequences and variants in every packing, all tables."""
    first, second = SUBJECTS
    rows = list(_files(folder, first, second))
    write_study(
        folder,
        _TOML,
        subjects=[
            {
                "subject_id": first,
                "sex": "F",
                "age": "93",
                "treatment_start": "2024-01-08",
                "arm": "A",
                "salvage": "1",
                "prior_sct": "N",
                "patient name": "Doe^Jane",
                "mrn": "MRN7731905",
            },
            {
                "subject_id": second,
                "sex": "M",
                "age": "61",
                "treatment_start": "2024-02-08",
                "arm": "arm of Ward Nightingale 7",
                "salvage": "2",
            },
        ],
        manifest=rows,
        assessments=[
            {
                "subject_id": first,
                "visit": "course 1",
                "course": "1",
                "marrow_date": "2024-02-05",
                "blasts_percent": "2",
                "marrow_evaluable": "Y",
                "cbc_date": "2024-02-05",
                "anc": "1.4",
                "platelets": "150 K/uL",
                "extramedullary": "N",
                "reviewer": "Rosenkranz, Theophil",
            },
            {
                "subject_id": second,
                "visit": "visit of Müller-Lüdenscheidt",
                "course": "1",
                "marrow_date": "2024-03-05",
                "blasts_percent": "see MRN7731905",
                "marrow_evaluable": "Y",
                "cbc_date": "03-MAY-1971",
                "anc": "<0.5",
                "platelets": "20-30",
                "extramedullary": "N",
            },
        ],
        blood_counts=[{"subject_id": first, "date": "2024-02-06", "anc": "555-01-9876", "platelets": "99"}],
        events=[
            {"subject_id": first, "date": "2024-01-08", "event": "course_start", "detail": "1"},
            {"subject_id": first, "date": "2024-01-09", "event": "inotuzumab", "detail": "seen by Doe^Jane"},
        ],
        fish_counts=[
            {
                "specimen_id": "ACC-2024-556677",
                "subject_id": first,
                "visit": "baseline",
                "collected_on": "2024-01-04",
                "probe_id": "CRLF2_BA",
                "reader": "Rosenkranz",
                "pattern": "2F",
                "count": "200",
            },
        ],
        karyotypes=[
            {
                "subject_id": first,
                "visit": "baseline",
                "specimen_id": "ACC-2024-556677",
                "collected_on": "2024-01-04",
                "karyotype": "46,XX,t(9;22)(q34;q11.2)[18]/46,XX[2]",
            },
            {
                "subject_id": second,
                "visit": "baseline",
                "specimen_id": "S-4711-0815",
                "collected_on": "2024-01-04",
                "karyotype": "46,XY[20] read by Rosenkranz",
            },
        ],
        external_results=[
            {
                "subject_id": first,
                "visit": "course 1",
                "specimen_id": "ACC-2024-556677",
                "collected_on": "2024-02-05",
                "assay": "flow_mrd",
                "status": "negative",
                "lod": "1e-5",
                "source": "D:\\Patients\\Doe_Jane\\relapse.fcs",
            },
        ],
    )
    (folder / "Doe_Jane probes.toml").write_text(_PROBES, encoding="utf-8")
    (folder / "cutoffs.toml").write_text(_CUTOFFS, encoding="utf-8")
    (folder / "letter to Doe^Jane.txt").write_text("\n".join(IDENTIFIERS), encoding="utf-8")
    return folder


def _files(folder: Path, first: str, second: str) -> Iterator[dict[str, str]]:
    files = folder / "files of Rosenkranz"
    files.mkdir(parents=True)
    names = {
        "tube": files / "Doe_Jane_MRN7731905.fcs",
        "pipeline": files / "Rosenkranz, Theophil.tsv",
        "airr": files / "Doe^Jane.airr.tsv.gz",
        "plain": files / "Müller-Lüdenscheidt.vcf",
        "bgzf": files / "Ward Nightingale 7.vcf.gz",
        "bcf": files / "MRN7731905.bcf",
        "bed": files / "jane.doe@hospital.example.bed",
    }
    names["tube"].write_bytes(patient_file("3.1", "F"))
    names["pipeline"].write_text(_PIPELINE, encoding="utf-8")
    names["airr"].write_bytes(gzip.compress(_AIRR.encode()))
    record = (*R175H[:7], "DP=90;WARD=Nightingale", "GT:AD", "0/1:60,30")
    far = ("1", "1000", "Doe^Jane", "A", "G", ".", "PASS", "WARD=Nightingale", "GT:AD", "0/1:60,30")
    text = vcf([far, record], samples=("MRN7731905",), meta=(*_META, "##contig=<ID=1,length=248956422>"))
    names["plain"].write_text(text, encoding="utf-8")
    as_bgzf(names["plain"], names["bgzf"])
    as_bcf(names["plain"], names["bcf"])
    names["bed"].write_text(
        "# Doe^Jane\nchr17\t7668400\t7687500\t100\tWard Nightingale 7\n", encoding="utf-8"
    )
    relative = {name: path.relative_to(folder).as_posix() for name, path in names.items()}
    yield _row(first, names["tube"], relative["tube"], sample="0", specimen="ACC-2024-556677")
    yield _row(first, names["pipeline"], relative["pipeline"], assay="ngs_mrd", role="diagnosis")
    yield _row(second, names["airr"], relative["airr"], assay="ngs_mrd")
    for name, subject in (("plain", first), ("bgzf", second), ("bcf", second)):
        row = _row(subject, names[name], relative[name], assay="tp53", specimen=f"S-4711-0815 {name}")
        yield {**row, "sample": "MRN7731905", "coverage": relative["bed"]}


def _row(
    subject: str, path: Path, relative: str, *, specimen: str = "", sample: str = "", **cells: str
) -> dict[str, str]:
    row = file_row(relative, subject_id=subject, sha256=sha256_of(path), sample=sample, **cells)
    return {**row, "specimen_id": specimen or path.stem}


def assert_silent_study(content: bytes, place: str) -> None:
    """Find no identifier and no name of one, in any encoding, in capitals or not."""
    lowered = content.lower()
    for text in (*IDENTIFIERS, *NAMES):
        for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
            for form in (text, text.lower(), text.upper()):
                assert form.encode(encoding).lower() not in lowered, (place, text, encoding)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
