"""A study as SDTM data sets (SDTMIG v3.4): XPT version 5 and Dataset-JSON 1.1, with the same values."""

from mrdkit.export.sdtm.writing import CREATED, write_sdtm

__all__ = ["CREATED", "write_sdtm"]
