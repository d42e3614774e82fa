"""Loading, trying and changing the configuration while the daemon runs."""
