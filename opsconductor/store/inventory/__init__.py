"""Queries for devices, dependencies and their inventories."""
