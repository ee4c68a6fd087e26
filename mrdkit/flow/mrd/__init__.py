"""Flow MRD of one tube: panel, lineage, detection, background, decision, and what a report shows of it."""
