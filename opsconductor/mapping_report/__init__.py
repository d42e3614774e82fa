"""Health of mappings: what the archive and the alerts show of those that merge, split or never clear."""
