"""mrdkit: one checked, explained and versioned answer per patient of a B-ALL trial.

The rooms are imported by name (`from mrdkit.flow import read_fcs`); this module stays light.
"""

from mrdkit.version import __version__

__all__ = ["__version__"]
