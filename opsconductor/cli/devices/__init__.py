"""`opsconductor devices` and `opsconductor dependencies`."""
