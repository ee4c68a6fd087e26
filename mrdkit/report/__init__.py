"""Reports for people: one page per patient, one for the cohort, one per validation, and the pictures."""

from mrdkit.report.density import density_figure
from mrdkit.report.figures import Figure
from mrdkit.report.multiqc import multiqc_files
from mrdkit.report.page import render_cohort, render_patient, report_file_name, survival_figures
from mrdkit.report.strip import strip_figure
from mrdkit.report.survival_plot import SurvivalFigure
from mrdkit.report.validation import render_validation

__all__ = [
    "Figure",
    "SurvivalFigure",
    "density_figure",
    "multiqc_files",
    "render_cohort",
    "render_patient",
    "render_validation",
    "report_file_name",
    "strip_figure",
    "survival_figures",
]
