"""`opsconductor users`."""
