"""Correlation: which open alerts are consequences of which others."""
