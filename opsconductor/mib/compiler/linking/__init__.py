"""Linker: OIDs and types of all names over all modules, and the resulting facts."""
