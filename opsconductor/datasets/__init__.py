"""Uploaded data sets and their analyses: a baseline against what is monitored. SQL is in `store/datasets`."""
