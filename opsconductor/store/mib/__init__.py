"""Queries for facts of imported MIBs."""
