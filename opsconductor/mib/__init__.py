"""From MIB files and mapping packs to mappings."""
