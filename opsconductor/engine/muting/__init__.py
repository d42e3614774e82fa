"""Maintenance windows and shelves: alerts that are muted for a time."""
