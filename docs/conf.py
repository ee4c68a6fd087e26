"""Sphinx configuration. The definition tables are taken from the tests that check them."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from spec_tables import write_pages  # noqa: E402  # found through the line above

from mrdkit.version import __version__  # noqa: E402

project = "mrdkit"
author = "The mrdkit developers"
copyright = "2026, The mrdkit developers"  # noqa: A001  # Sphinx reads this name
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "mrdkit"
html_static_path = ["_static"]

write_pages(specs=HERE.parent / "tests" / "spec", into=HERE / "definitions" / "generated")
