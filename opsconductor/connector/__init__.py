"""What a connector must be; the connectors themselves live in the top-level folder of that name."""
