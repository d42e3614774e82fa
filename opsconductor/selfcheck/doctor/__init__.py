"""Examines the daemon and everything it depends on."""
