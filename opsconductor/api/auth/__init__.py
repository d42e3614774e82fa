"""API keys, sessions and limits on wrong keys."""
