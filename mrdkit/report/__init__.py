"""Reports for people: one page per patient, one for the cohort, and the pictures on them."""

from mrdkit.report.density import density_figure
from mrdkit.report.figures import Figure
from mrdkit.report.page import render_cohort, render_patient, report_file_name

__all__ = ["Figure", "density_figure", "render_cohort", "render_patient", "report_file_name"]
