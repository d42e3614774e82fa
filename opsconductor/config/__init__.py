"""The daemon's settings and what administrators declare in files."""
