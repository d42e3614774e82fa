"""Devices and their dependencies as immutable snapshots."""
