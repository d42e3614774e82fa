"""Measured values, rules over them and anomalies."""
