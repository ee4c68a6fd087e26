"""The shipped TP53 tables beside the published ones that they were made from."""

import csv
from statistics import median

from real_data import real

from mrdkit.tp53 import annotate_allele
from mrdkit.tp53.benign import load_benign_list
from mrdkit.tp53.function import load_missense_table
from mrdkit.tp53.protein import RESIDUE_NAMES

PROMOTERS = ("WAF1nWT", "MDM2nWT", "BAXnWT", "h1433snWT", "AIP1nWT", "GADD45nWT", "NOXAnWT", "P53R2nWT")


def table(name: str, delimiter: str) -> list[dict[str, str]]:
    with real(f"tp53/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_every_measured_change_has_the_class_of_its_median() -> None:
    """Kato 2003: 2,314 missense changes; NCI: at most 20, 75 and 140 % of wild type."""
    rows = table("classes/NCI_TP53_FunctionIshiokaDownload_r21.csv", ",")
    classes = load_missense_table().classes
    assert len(rows) == len(classes) == 2314
    for row in rows:
        old, codon, new = row["AAchange"][0], row["AAchange"][1:-1], row["AAchange"][-1]
        percent = median(float(row[promoter]) for promoter in PROMOTERS)
        expected = next(
            name
            for limit, name in (
                (20, "non-functional"),
                (75, "partially functional"),
                (140, "functional"),
                (float("inf"), "supertrans"),
            )
            if percent <= limit
        )
        assert classes[f"p.({RESIDUE_NAMES[old]}{codon}{RESIDUE_NAMES[new]})"] == expected


def test_the_classes_are_those_that_the_nci_gives() -> None:
    """The source gives a class to 129 of its 300 rows; a change of several bases has its protein's class."""
    given = [
        row for row in table("truth/nci_300.tsv", "\t") if row["transactivation_class"] not in {"", "NA"}
    ]
    assert len(given) == 129
    for row in given:
        found = annotate_allele("GRCh38", int(row["pos38"]), row["ref"], row["alt"])
        assert found.functional_class == row["transactivation_class"], row["c"]


def test_hotspot_codons_are_hotspots_to_others_too() -> None:
    """Every shipped hotspot codon is one of cancerhotspots.org's 107."""
    with real("tp53/hotspots/cancerhotspots_v2_TP53_GRCh38.tsv").open(encoding="utf-8") as file:
        codons = {int("".join(filter(str.isdigit, row[6]))) for row in csv.reader(file, delimiter="\t")}
    assert len(codons) == 107
    assert load_missense_table().hotspot_codons < codons


def test_the_expert_panels_list_is_complete_and_named_as_we_name() -> None:
    rows = table("classes/expert_panel_benign.tsv", "\t")
    assert len(rows) == len(load_benign_list().by_key) == 72
    for row in rows:
        found = annotate_allele("GRCh38", int(row["pos38"]), row["ref"], row["alt"])
        assert (found.hgvs_c, found.class_) == (row["c"], row["class"].lower().replace(" ", "_"))
