"""`opsconductor inventory`."""
