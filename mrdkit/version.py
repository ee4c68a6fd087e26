"""The version that every result carries."""

__all__ = ["__version__"]

__version__ = "0.1.0"
