"""`opsconductor maintenance`."""
