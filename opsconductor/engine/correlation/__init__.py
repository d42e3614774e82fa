"""Correlation: which open alerts are consequences of others."""
