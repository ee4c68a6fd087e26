"""The fields that laboratories script against: each stands in every result, null where it does not apply."""

import json
from pathlib import Path
from typing import Any

import pytest
from flow_data import HEALTHY, marrow
from tables import rows
from typer.testing import CliRunner

from mrdkit.cli.root import app
from mrdkit.flow import apply_gating, load_gating, read_fcs, read_fcs_datasets
from mrdkit.flow.fcs_writing import to_fcs
from mrdkit.study.demo import write_demo

#: command -> where in its document -> fields
FIELDS = """
    command                 | place                | fields
    ------------------------+----------------------+-------------------------------------------------------
    flow inspect TUBE       | results              | path sha256 datasets
    flow inspect TUBE       | results.datasets     | index version cytometer n_events n_events_declared data_type byte_order offsets_used channels spillover warnings
    flow inspect TUBE       | results.datasets.channels | index name label bits range amplification gain
    flow inspect TUBE       | results.datasets.spillover | channels matrix
    flow gate TUBE GATES    |                      | path n_events gates
    flow gate TUBE GATES    | gates                | id path count percent_of_parent percent_of_total
    flow call TUBE          | results              | path state status detected quantifiable n_target n_denominator denominator n_hematogones fraction ci_low ci_high lob lod loq sensitivity lineage_arms gates flags reasons
    flow call TUBE          | results.lineage_arms | markers n
    flow call TUBE          | results.status       | 1e-4
    flow call BACKGROUND    | results              | path state status detected quantifiable n_target n_denominator denominator n_hematogones fraction ci_low ci_high lob lod loq sensitivity lineage_arms gates flags reasons
    flow background BLANK   |                      | panel n_blanks provisional created_from alpha dispersion lob method blanks flags reasons
    flow background BLANK   | created_from         | path sha256
    flow background BLANK   | blanks               | sha256 cytometer n_denominator n_hematogones n_target
    flow expression TUBE    | results              | path n_blasts markers flags reasons
    flow expression TUBE    | results.markers      | marker percent_positive ci_low ci_high median cutoff cutoff_method
    flow limits             |                      | lob lod method per_lot flags reasons
    flow limits             | per_lot              | lot lob lod
    flow dilute             |                      | manifest panel panel_version dx_sha256 n_leukemic_cells seed aligned normals tubes flags reasons
    flow dilute             | normals              | path sha256 n_denominator shifts n_clipped
    flow dilute             | tubes                | file level replicate n_leukemic n_denominator true_fraction n_clipped sha256 dx_sha256 normal_sha256 seed aligned
    ngs inspect ID          | results              | path sha256 dialect sample_id assay_kind compartment n_rows total_templates template_source total_reads templates_by_locus templates_by_like_group cells cells_source plasma_ml qc_flags pipeline_version header
    ngs calibrate ID        |                      | subject_id sample_id cells candidates
    ngs calibrate ID        | candidates           | target_id locus like_group sequence v d j frame templates fraction_of_group fraction_of_cells n_next_decade dominant failed_criteria vendor_dominant sensitivity_bin collapsed_into
    ngs track MRD           | results              | path sample_id compartment cells cells_source plasma_ml tracking mrd_per_million mrd_per_ml driving_target aggregation detected quantifiable upper_limit status log_reduction new_dominant evolved discordant_targets
    ngs track MRD           | results.tracking     | target_id locus templates templates_tolerant per_million per_ml ci_low ci_high lod loq log_reduction
    ngs track MRD           | results.status       | 1e-4 1e-5 1e-6
    fish call               | results              | specimen_id probe_id call classes n_scored n_dropped percent ci_low ci_high iscn_2024 iscn_2020
    fish call               | results.classes      | class n percent ci_low ci_high cutoff abnormal
    fish call               | results.patterns     | class fusions isolated_3prime isolated_5prime n percent
    fish parse              | results              | text edition status clones normal error
    fish parse              | results.clones       | patterns n total
    fish parse              | results.clones.patterns | gene fusions isolated_3prime isolated_5prime
    fish text               | results              | text call n_abnormal n_scored percent flags
    fish cutoff             |                      | method alpha n max_false cutoff_percent min_positive
    karyotype parse         | results              | text cleaned changes status error clones ploidy ploidy_group modal_number n_abnormalities_iscn n_abnormalities_tokens complex_raw complex_all kmt2a ph metaphases excluded_level unparsed
    karyotype parse         | results.clones       | role population count_low count_high sex items cells clonal
    karyotype parse         | results.metaphases   | total recipient donor normal
    tp53 annotate VCF       | results              | path build build_evidence sample n_records n_outside variants
    tp53 annotate VCF       | results.variants     | chrom pos ref alt key hgvs_g hgvs_c hgvs_p transcript consequence class counted count_reason alt_reads depth vaf vaf_source filter flags
    tp53 call VCF           | results              | path build subject_id status n_counted max_vaf allelic_state allelic_evidence policy variants
    tp53 hgvs               |                      | chrom pos ref alt key hgvs_g hgvs_c hgvs_p transcript consequence class
    response classify       | results              | subject_id visit response responder cytogenetic_response mrd_flow mrd_ngs mrd_combined flags reasons criteria
    response classify       | results.mrd_ngs      | 1e-4 1e-5 1e-6
    cohort summarize        | endpoints            | endpoint group n denominator percent value unit ci_low ci_high p_value method
"""


GATES = """
id = "one gate"
version = "1"
source = "this test"

[gating.axis]
CD19 = { marker = "CD19", compensation = "FCS", scale = "none" }

[[gating.gate]]
kind = "range"
name = "CD19+"
bounds = [{ axis = "CD19", min = 1000.0 }]
"""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return the arguments of each command of the table, on one patient of the synthetic study."""
    study = tmp_path_factory.mktemp("contract")
    write_demo(study, patients=2, seed=1)
    files, targets = study / "files", study / "targets.parquet"
    tube = str(files / "DEMO-02-course-1.fcs")
    calibrate = ["ngs", "calibrate", str(files / "DEMO-02-baseline.tsv"), "--subject", "DEMO-02"]
    assert CliRunner().invoke(app, [*calibrate, "-o", str(targets)]).exit_code == 0
    gates = study / "gates.toml"
    gates.write_text(GATES, encoding="utf-8")
    series = study / "series.csv"
    series.write_text("lot,concentration,positives,total\n1,1,2,20\n1,2,8,20\n1,4,15,20\n", encoding="utf-8")
    probes, cutoffs = str(study / "probes.toml"), str(study / "cutoffs.toml")
    return {
        "flow inspect TUBE": ["flow", "inspect", tube],
        "flow gate TUBE GATES": ["flow", "gate", tube, "--gating", str(gates)],
        "flow call TUBE": ["flow", "call", tube, "--panel", "b_all_fixed"],
        **_background(study, tube),
        "flow expression TUBE": [
            "flow",
            "expression",
            tube,
            "--panel",
            "b_all_fixed",
            "--markers",
            "CD19,CD20,CD22",
        ],
        "flow limits": ["flow", "limits", "--probit", str(series)],
        "flow dilute": _dilution(study),
        "ngs inspect ID": ["ngs", "inspect", str(files / "DEMO-02-baseline.tsv")],
        "ngs calibrate ID": [*calibrate, "-o", str(targets)],
        "ngs track MRD": ["ngs", "track", str(files / "DEMO-02-course-1.tsv"), "--targets", str(targets)],
        "fish call": [
            "fish",
            "call",
            str(study / "fish_counts.csv"),
            "--probes",
            probes,
            "--cutoffs",
            cutoffs,
        ],
        "fish parse": ["fish", "parse", "nuc ish (CRLF2)×3[150]//(CRLF2)×2[50]"],
        "fish text": ["fish", "text", "No evidence of CRLF2 rearrangement in 200 nuclei"],
        "fish cutoff": ["fish", "cutoff", "--n", "200", "--max-false", "1"],
        "karyotype parse": ["karyotype", "parse", "46,XX,t(4;11)(q21;q23)[18]/46,XX[2]//46,XY[3]"],
        "tp53 annotate VCF": ["tp53", "annotate", str(files / "DEMO-02-baseline.vcf")],
        "tp53 call VCF": ["tp53", "call", str(files / "DEMO-02-baseline.vcf")],
        "tp53 hgvs": ["tp53", "hgvs", "--build", "GRCh38", "chr17", "7675088", "C", "T"],
        "cohort summarize": ["cohort", "summarize", str(study)],
        "response classify": ["response", "classify", str(study / "assessments.csv")],
    }


def _background(folder: Path, tube: str) -> dict[str, list[str]]:
    cells = {name: count // 10 for name, count in HEALTHY.items()}
    blanks = [folder / f"blank-{seed}.fcs" for seed in range(20)]
    for seed, path in enumerate(blanks):
        path.write_bytes(to_fcs(marrow(cells, seed=seed), values="stored"))
    made, panel = folder / "background.json", ["--panel", "b_all_fixed"]
    background = ["flow", "background", *map(str, blanks), *panel, "-o", str(made)]
    assert CliRunner().invoke(app, background).exit_code == 0
    return {
        "flow background BLANK": background,
        "flow call BACKGROUND": ["flow", "call", tube, *panel, "--background", str(made)],
    }


def _dilution(folder: Path) -> list[str]:
    cells = {name: count // 4 for name, count in HEALTHY.items()}
    tubes = {"dx.fcs": {**cells, "blast": 5_000}, "normal.fcs": cells}
    for seed, (name, counts) in enumerate(tubes.items()):
        tube = marrow(counts, seed=seed, spread=5.0, height_noise=0.025)
        (folder / name).write_bytes(to_fcs(tube, values="stored"))
    made = ["--levels", "1e-3,0", "--panel", "b_all_mrd", "-o", str(folder / "dilution")]
    return ["flow", "dilute", *(str(folder / name) for name in tubes), *made]


def places(document: Any, path: str) -> list[dict[str, Any]]:  # a JSON document
    """Return every object at a place, lists walked through."""
    found = [document]
    for name in filter(None, path.split(".")):
        found = [item[name] for item in found]
        found = [one for item in found for one in (item if isinstance(item, list) else [item])]
    return [item for item in found if item is not None]


@pytest.mark.parametrize(("command", "place", "fields"), rows(FIELDS))
def test_fields(commands: dict[str, list[str]], command: str, place: str, fields: str) -> None:
    result = CliRunner().invoke(app, [*commands[command], "--json"])
    assert result.exit_code in {0, 4}, result.output
    found = places(json.loads(result.stdout), place)
    assert found
    for item in found:
        assert set(fields.split()) <= set(item)


def test_python_names(commands: dict[str, list[str]]) -> None:
    tube, gates = commands["flow gate TUBE GATES"][2], commands["flow gate TUBE GATES"][4]
    (dataset,) = read_fcs_datasets(tube)
    result = apply_gating(read_fcs(tube), load_gating(gates))
    assert isinstance(dataset.text, dict)
    assert dataset.stored().shape == dataset.linear().shape == (dataset.n_events, len(dataset.channels))
    assert dataset.linear().dtype == "float64"
    assert dataset.spillover is not None
    assert result.counts == {"CD19+": int(result.membership("CD19+").sum())}
    assert result.membership("CD19+").shape == (dataset.n_events,)


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("mrdkit ")
