"""Reports for people: one page per patient, one for the cohort, one per validation, and the pictures."""

from mrdkit.report.density import density_figure
from mrdkit.report.figures import Figure
from mrdkit.report.page import render_cohort, render_patient, report_file_name
from mrdkit.report.strip import strip_figure
from mrdkit.report.validation import render_validation

__all__ = [
    "Figure",
    "density_figure",
    "render_cohort",
    "render_patient",
    "render_validation",
    "report_file_name",
    "strip_figure",
]
