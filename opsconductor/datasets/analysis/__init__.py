"""Comparison of rows with a baseline, in the full dimension: numpy and files, no clock, no network."""
