"""A panel says everything and contradicts itself nowhere."""

from pathlib import Path

import pytest

from mrdkit import reference
from mrdkit.errors import RuleError
from mrdkit.flow import read_panel

SHIPPED = reference.text("panels", "b_all_fixed.toml")


def test_the_shipped_panel_calls_itself_a_demonstration() -> None:
    panel = read_panel("b_all_fixed")
    assert "Demonstration" in panel.rule.source
    assert "not on patients" in panel.rule.source


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('denominator = "nucleated"\n', "", "RULE_INVALID"),
        ("lod_at_least_events = 10\n", "", "RULE_INVALID"),
        ('compensation = "file"\n', "", "RULE_INVALID"),
        ('compensation = "file"', 'compensation = "panel"', "COMPENSATION_CONTRADICTS"),
        ('target_gate = "blasts"', 'target_gate = "blast"', "GATE_UNKNOWN"),
        ('target_gate = "blasts"', 'target_gate = "singlets"', "GATE_OUTSIDE_DENOMINATOR"),
        ("threshold_at_least_fraction = 1e-4", "threshold_at_least_fraction = 1e-5", "PANEL_THRESHOLD"),
        ("lod_at_least_events = 10", "lod_at_least_events = 41", "RULE_INVALID"),
        ('name = "CD58"\nrequired = true', 'name = "CD58"\nrequired = false', "MARKER_OPTIONAL_IN_GATE"),
        ('name = "CD58"\nrequired = true', 'name = "CD59"\nrequired = true', "MARKER_UNDECLARED"),
        ('name = "singlets"\ntitle', 'name = "cd45_ssc"\ntitle', "DISPLAY_REPEATED"),
        ('x = "CD58"', 'x = "CD59"', "AXIS_UNKNOWN"),
        ('of = "singlets"', 'of = "singles"', "GATE_UNKNOWN"),
    ],
)
def test_a_panel_with_a_gap_or_a_contradiction_is_refused(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    assert old in SHIPPED
    path = tmp_path / "panel.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        read_panel(path)
    assert caught.value.code == code
    assert caught.value.file == str(path)


def test_an_unknown_panel_names_the_shipped_ones() -> None:
    with pytest.raises(RuleError, match="b_all_fixed"):
        read_panel("no_such_panel")
