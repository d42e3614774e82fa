"""Anomalies, feedback and versions of the detector in PostgreSQL."""
