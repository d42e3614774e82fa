"""The contract of connectors; the connectors themselves are in the top-level folder of that name."""
