"""Endpoints of datasets, their files and analyses."""
