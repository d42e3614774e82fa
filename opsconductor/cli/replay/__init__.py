"""`opsconductor replay`."""
