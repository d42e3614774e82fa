"""`opsconductor reports`."""
