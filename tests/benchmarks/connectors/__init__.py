"""Benchmarks of single connectors."""
