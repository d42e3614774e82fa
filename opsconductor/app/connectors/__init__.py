"""The connectors that run, and what the daemon does with them."""
