"""Writes changes in one transaction."""
