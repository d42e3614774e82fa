"""Queries for API keys, sessions and stored secrets."""
