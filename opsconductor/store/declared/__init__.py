"""Rows that files may declare."""
