"""Interfaces through which the API uses the other parts of the daemon."""
