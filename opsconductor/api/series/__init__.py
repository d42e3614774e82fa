"""Endpoints of series of measured values."""
