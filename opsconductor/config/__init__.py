"""The daemon's settings, and the configuration that administrators declare in files."""
