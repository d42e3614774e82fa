"""`opsconductor alerts`."""
