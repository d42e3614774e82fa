"""Examines the daemon and everything it stands on, and says what to do about what is wrong."""
