"""Anomalies, versions of the detector, and trials of rules over measured values."""
