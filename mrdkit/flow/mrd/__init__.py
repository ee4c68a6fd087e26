"""Flow MRD of one tube: panel, lineage, detection, background, decision, pictures; limits and validation."""
