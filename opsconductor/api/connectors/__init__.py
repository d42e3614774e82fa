"""Endpoints of connectors: types, states, checks, and their declared rows."""
