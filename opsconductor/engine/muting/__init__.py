"""Maintenance windows and shelves: alerts of which nobody is notified for a time."""
