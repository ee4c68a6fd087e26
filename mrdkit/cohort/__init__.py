"""Many patients to endpoint tables, survival and comparisons, each number with its denominator."""

from mrdkit.cohort.endpoint import Endpoint
from mrdkit.cohort.summary import endpoint_ids, summarize, summarize_by

__all__ = ["Endpoint", "endpoint_ids", "summarize", "summarize_by"]
