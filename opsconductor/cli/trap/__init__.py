"""`opsconductor trap`."""
