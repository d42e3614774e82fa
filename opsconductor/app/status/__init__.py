"""State of the daemon and its host."""
