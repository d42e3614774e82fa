"""`opsconductor db`."""
