"""`opsconductor connectors`."""
