"""Values that connectors have in their configuration."""
