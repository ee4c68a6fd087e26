"""All rows of the signal count table: call, classes, shares, intervals, flags and both ISCN editions."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from real_data import needs_real_data, real

from mrdkit.fish import (
    Control,
    RefusedSpecimen,
    betainv_percent,
    call_fish,
    fisher_two_sided,
    min_positive,
    read_counts,
    read_cutoffs,
    read_fish_rule,
    read_probes,
    set_cutoff,
)
from mrdkit.fish.limits import pooled_cutoff
from mrdkit.karyotype import call_karyotype, read_karyotype_rule
from mrdkit.results import FishCall, Specimen

RULE = read_fish_rule()
KARYOTYPES = read_karyotype_rule()
HEADER = "specimen_id,subject_id,visit,collected_on,probe_id,reader,pattern,count,declared_total\n"


def table(name: str) -> list[dict[str, str]]:
    with real(f"cytogenetics/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def registry(row: Mapping[str, str]) -> str:
    return (
        f'[probe.CRLF2_BA]\ngene = "CRLF2"\nkind = "break_apart"\nsource = "a test"\n'
        f'red = "{row["red"]}"\ngreen = "{row["green"]}"\n'
    )


def cutoff_file(name: str) -> str:
    return "".join(
        f'[[cutoff]]\nprobe = "CRLF2_BA"\nclass = "{row["fish_class"]}"\nmethod = "betainv"\n'
        f"alpha = 0.05\nmax_false = {row['y_false_positive']}\nn = {row['n']}\n"
        for row in table("fish_cutoff_sets.csv")
        if row["cutoff_set"] == name
    )


def sheet(row: Mapping[str, str]) -> str:
    lines = []
    for part in (row["readers"] or "A|" + row["counts"]).split(" / "):
        reader, _, counts = part.partition("|")
        for count in counts.split(";"):
            pattern, nuclei = count.split(":")
            lines.append(
                f"S1,P1,baseline,2024-01-31,CRLF2_BA,{reader},{pattern},{nuclei},{row['declared_total']}\n"
            )
    return HEADER + "".join(lines)


def called(row: Mapping[str, str], folder: Path) -> FishCall | RefusedSpecimen:
    (folder / "probes.toml").write_text(registry(row))
    (folder / "cutoffs.toml").write_text(cutoff_file(row["cutoff_set"]))
    (folder / "counts.csv").write_text(sheet(row))
    probes, cutoffs = read_probes(folder / "probes.toml"), read_cutoffs(folder / "cutoffs.toml")
    (counts,) = read_counts(folder / "counts.csv").specimens
    if isinstance(counts, RefusedSpecimen):
        return counts
    karyotype = (
        call_karyotype(row["karyotype"], specimen=Specimen(), rule=KARYOTYPES) if row["karyotype"] else None
    )
    return call_fish(counts, probes.probe("CRLF2_BA"), cutoffs, rule=RULE, karyotype=karyotype)


def printed(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def expected_call(written: str) -> str:
    """The contract's word for a call: what kind of indeterminate it is stands in the flags and reasons."""
    return "insufficient" if written == "indeterminate(insufficient_nuclei)" else written.partition("(")[0]


@needs_real_data
def test_every_row_of_the_count_table(tmp_path: Path) -> None:
    rows = table("fish_count_cases.csv")
    assert len(rows) == 40
    for row in rows:
        found = called(row, tmp_path)
        if isinstance(found, RefusedSpecimen):
            assert row["expected_call"] == f"error({found.error.code.lower()})", row["id"]
            assert found.specimen_id == "S1"
            continue
        classes = "|".join(result.class_ for result in found.classes if result.abnormal)
        assert found.call == expected_call(row["expected_call"]), row["id"]
        assert classes == row["classes_over_cutoff"], row["id"]
        assert (str(found.n_scored), str(found.n_dropped)) == (row["n_scored"], row["n_uninterpretable"])
        shares = [printed(value) for value in (found.percent, found.ci_low, found.ci_high)]
        assert shares == [row["pct_primary"], row["cp95_low_pct"], row["cp95_high_pct"]], row["id"]
        flags = {flag.lower() for flag in found.flags}
        assert flags == {flag for flag in row["flags"].split(";") if flag}, row["id"]
        assert (found.iscn_2024 or "", found.iscn_2020 or "") == (row["iscn2024"], row["iscn2020"]), row["id"]
        assert found.reasons, row["id"]


@needs_real_data
def test_every_row_of_the_cutoff_table() -> None:
    rows = table("fish_cutoffs.csv")
    assert len(rows) == 40
    for row in rows:
        n = int(row["n"])
        percent = betainv_percent(int(row["y_false_positive"]), n, 0.05)
        assert percent == pytest.approx(float(row["cutoff_pct"]), abs=1e-6)
        assert min_positive(percent, n) == int(row["min_positive_cells_at_n"])


@needs_real_data
def test_every_row_of_the_pooled_cutoff_table() -> None:
    """The table's alpha is the confidence; the pooled rate is that of so many control nuclei."""
    rows = table("fish_cutoffs_binomial.csv")
    assert len(rows) == 12
    for row in rows:
        cutoff = pooled_cutoff(
            method="poisson" if row["method"] == "poisson" else "binomial",
            false_positives=round(1000 * float(row["pooled_false_positive_rate"])),
            control_nuclei=1000,
            n=int(row["n"]),
            alpha=1.0 - float(row["alpha"]),
        )
        assert cutoff.highest_negative == int(row["highest_negative_count"])
        assert cutoff.min_positive(int(row["n"])) == int(row["smallest_positive_count"])


@needs_real_data
def test_the_worked_series_of_controls() -> None:
    (row,) = table("fish_controls_mean_sd.csv")
    n = int(row["n_per_control"])
    series = [Control(false=int(false), nuclei=n) for false in row["controls"].split()]
    found = set_cutoff(series, RULE, method="betainv", alpha=0.05)
    mean, sd = found.mean_percent, found.sd_percent or 0.0
    expected = (
        "mean_pct",
        "sd_ddof1_pct",
        "mean_plus_2sd_pct",
        "mean_plus_3sd_pct",
        "betainv95_on_y_max_pct",
    )
    made = (mean, sd, mean + 2 * sd, mean + 3 * sd, found.cutoff_percent)
    assert made == pytest.approx([float(row[name]) for name in expected], abs=1e-6)
    assert found.max_false == int(row["y_max"])
    assert (found.worst_percent > mean + 3 * sd) == (row["worst_control_above_mean3sd"] == "Y")


@needs_real_data
def test_every_row_of_the_reader_table() -> None:
    for row in table("reader_discordance.csv"):
        n = int(row["n_each"])
        p = fisher_two_sided((int(row["reader1_abnormal"]), int(row["reader2_abnormal"])), (n, n))
        assert p == pytest.approx(float(row["fisher_two_sided_p"]), rel=1e-9)
        assert (p < RULE.third_reader_p_below) == (row["third_reader"] == "Y")
