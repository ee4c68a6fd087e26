"""What other systems read: the output tables of a study as Parquet and CSV."""

from mrdkit.export.tables import StudyTables, study_frames, write_tables

__all__ = ["StudyTables", "study_frames", "write_tables"]
