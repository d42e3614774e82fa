"""Partitions ahead of time, and deletion of what is too old."""
