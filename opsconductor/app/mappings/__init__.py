"""Listing, explaining, checking and reporting on mappings."""
