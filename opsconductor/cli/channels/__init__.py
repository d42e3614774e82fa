"""`opsconductor channels`."""
