"""MIB facts, names and derived mappings."""
