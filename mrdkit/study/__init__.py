"""A study folder: its configuration, manifest and tables, the plan of work, the run, the synthetic study."""
