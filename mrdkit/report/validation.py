"""One page for the validation of a flow MRD panel, small enough to print and sign."""

from typing import TYPE_CHECKING

from mrdkit.report.page import environment
from mrdkit.version import __version__

if TYPE_CHECKING:
    from mrdkit.flow.mrd.validation import Validation

__all__ = ["render_validation"]


def render_validation(validation: "Validation", *, notice: str | None = None) -> str:
    """Return the page of a validation.

    Args:
        validation: what the dilution series told.
        notice: a sentence that stands on top of the page, such as that the data are synthetic.
    """
    page = environment().get_template("validation.html")
    return page.render(validation=validation, notice=notice, version=__version__)
