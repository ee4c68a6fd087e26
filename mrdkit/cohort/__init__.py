"""Many patients to endpoint tables: each share with its numerator, its denominator and an exact interval."""

from mrdkit.cohort.summary import ENDPOINTS, Endpoint, summarize

__all__ = ["ENDPOINTS", "Endpoint", "summarize"]
