"""Datasets, their files, analyses and jobs."""
