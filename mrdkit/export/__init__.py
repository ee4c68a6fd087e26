"""What other systems read: tables as Parquet and CSV, SDTM data sets, REDCap, cBioPortal."""

from mrdkit.export.cbioportal import write_cbioportal
from mrdkit.export.redcap import write_redcap
from mrdkit.export.sdtm import write_sdtm
from mrdkit.export.tables import StudyTables, study_frames, write_tables

__all__ = ["StudyTables", "study_frames", "write_cbioportal", "write_redcap", "write_sdtm", "write_tables"]
