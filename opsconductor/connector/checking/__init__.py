"""Checks of a connector against the contract and its golden cases."""
