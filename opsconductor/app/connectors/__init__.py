"""The running connectors, and what the daemon does with them."""
