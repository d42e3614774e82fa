"""`opsconductor mappings`."""
