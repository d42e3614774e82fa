"""Devices, their ports and dependencies."""
