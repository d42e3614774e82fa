"""Delivery of notifications from the outbox to the channels, at least once."""
