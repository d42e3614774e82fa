"""Mappings of traps, and their look-up."""
