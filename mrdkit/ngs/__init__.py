"""Sequencing MRD: a calibration sample names the clone's sequences, follow-up samples are searched for them.

This version reads the vendor's pipeline files and matches exactly. Other dialects are refused by name, clonal
evolution is flagged as not assessed.
"""

from mrdkit.ngs.calibrate import calibrate, merge_targets
from mrdkit.ngs.call import track
from mrdkit.ngs.denominator import Denominator, denominator, templates_by_like_group
from mrdkit.ngs.pipeline import read_sample
from mrdkit.ngs.rules import NgsRules, load_rules
from mrdkit.ngs.sample import NgsSample, SampleWarning
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.ngs.targets_file import read_targets, write_targets

__all__ = [
    "Denominator",
    "NgsRules",
    "NgsSample",
    "SampleWarning",
    "Target",
    "TargetSet",
    "calibrate",
    "denominator",
    "load_rules",
    "merge_targets",
    "read_sample",
    "read_targets",
    "templates_by_like_group",
    "track",
    "write_targets",
]
