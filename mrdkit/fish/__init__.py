"""CRLF2 break-apart FISH: signal counts, probes and cut-offs -> one call per specimen and probe."""

from mrdkit.fish.call import call_fish, call_sheet
from mrdkit.fish.controls import Control, CutoffRecord, control_series, set_cutoff
from mrdkit.fish.counts import CountSheet, PatternCount, RefusedSpecimen, SpecimenCounts, read_counts
from mrdkit.fish.cutoff_writing import cutoffs_toml
from mrdkit.fish.cutoffs import CutoffTable, read_cutoffs
from mrdkit.fish.iscn import iscn_signals, iscn_text
from mrdkit.fish.iscn_parse import parse_iscn
from mrdkit.fish.iscn_result import IscnResult
from mrdkit.fish.limits import Cutoff, betainv_percent, min_positive
from mrdkit.fish.patterns import Pattern, parse_pattern
from mrdkit.fish.probes import Probe, ProbeRegistry, read_probes
from mrdkit.fish.readers import fisher_two_sided
from mrdkit.fish.rules import FishRule, read_fish_rule
from mrdkit.fish.text_read import read_text
from mrdkit.fish.text_result import TextResult
from mrdkit.fish.text_rules import read_text_rule

__all__ = [
    "Control",
    "CountSheet",
    "Cutoff",
    "CutoffRecord",
    "CutoffTable",
    "FishRule",
    "IscnResult",
    "Pattern",
    "PatternCount",
    "Probe",
    "ProbeRegistry",
    "RefusedSpecimen",
    "SpecimenCounts",
    "TextResult",
    "betainv_percent",
    "call_fish",
    "call_sheet",
    "control_series",
    "cutoffs_toml",
    "fisher_two_sided",
    "iscn_signals",
    "iscn_text",
    "min_positive",
    "parse_iscn",
    "parse_pattern",
    "read_counts",
    "read_cutoffs",
    "read_fish_rule",
    "read_probes",
    "read_text",
    "read_text_rule",
    "set_cutoff",
]
