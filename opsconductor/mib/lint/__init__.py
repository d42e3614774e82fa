"""Faults of mappings that are valid and cannot do what they are meant for."""
