"""`opsconductor rules`."""
