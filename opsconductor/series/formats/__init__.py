"""Formats in which other systems send measured values; pure."""
