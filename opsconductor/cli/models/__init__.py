"""`opsconductor models`."""
