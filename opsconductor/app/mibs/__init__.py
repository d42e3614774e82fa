"""Import of MIB modules, and making of the catalogue."""
