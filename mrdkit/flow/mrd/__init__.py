"""Flow MRD of one tube: panel, lineage, detection, background, decision, and what the report shows of them."""
