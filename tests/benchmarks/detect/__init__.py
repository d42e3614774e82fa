"""Benchmarks of the detector: cost, a synthetic fleet, the Numenta benchmark, feedback."""
