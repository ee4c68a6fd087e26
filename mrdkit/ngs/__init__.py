"""Sequencing MRD: a calibration names the clone's sequences, follow-up samples are searched for them."""

from mrdkit.ngs.airr_export import airr_text
from mrdkit.ngs.batch import BatchSample, check_batch
from mrdkit.ngs.calibrate import calibrate, merge_targets
from mrdkit.ngs.call import track
from mrdkit.ngs.denominator import Denominator, denominator, templates_by_like_group
from mrdkit.ngs.limits_file import read_limits
from mrdkit.ngs.options import MeasuredLimit, TrackingOptions, read_mismatches, tracking_options
from mrdkit.ngs.reading import read_sample
from mrdkit.ngs.rules import NgsRules, load_rules, read_batch_rule
from mrdkit.ngs.sample import NgsSample, SampleWarning
from mrdkit.ngs.subjects_file import read_subjects
from mrdkit.ngs.targets import Target, TargetSet
from mrdkit.ngs.targets_file import read_targets, write_targets

__all__ = [
    "BatchSample",
    "Denominator",
    "MeasuredLimit",
    "NgsRules",
    "NgsSample",
    "SampleWarning",
    "Target",
    "TargetSet",
    "TrackingOptions",
    "airr_text",
    "calibrate",
    "check_batch",
    "denominator",
    "load_rules",
    "merge_targets",
    "read_batch_rule",
    "read_limits",
    "read_mismatches",
    "read_sample",
    "read_subjects",
    "read_targets",
    "templates_by_like_group",
    "track",
    "tracking_options",
    "write_targets",
]
