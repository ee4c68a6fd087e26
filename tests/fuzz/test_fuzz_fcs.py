"""A few hundred damaged FCS files, the same in every run; the script beside this file reads many more."""

from pathlib import Path

from fcs_fuzzing import fuzz
from fcs_mutation import made_seeds

from mrdkit.flow import read_fcs_datasets


def test_every_seed_is_a_valid_file(tmp_path: Path) -> None:
    for seed in made_seeds():
        path = tmp_path / "tube.fcs"
        path.write_bytes(seed)
        assert all(dataset.n_events == 20 for dataset in read_fcs_datasets(path))


def test_damaged_files_give_a_named_error_or_a_result(tmp_path: Path) -> None:
    outcomes = fuzz(made_seeds(), tmp_path / "tube.fcs", seed=1, runs=400)
    assert outcomes.total() == 400
    assert outcomes["read"] > 50  # damage that always ends at HEADER would test nothing behind it
    assert len(outcomes) > 15
