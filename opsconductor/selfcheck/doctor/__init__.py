"""Examination of the daemon and everything it depends on."""
