"""One patient's calls and tables to a time line, response, MRD response, cytogenetic response and relapse.

`timeline.build_record` makes the record of one patient, `folder` reads the tables of a study.
"""
