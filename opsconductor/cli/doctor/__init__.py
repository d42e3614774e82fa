"""`opsconductor doctor`."""
