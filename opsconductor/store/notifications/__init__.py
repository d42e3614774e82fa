"""Notifications in PostgreSQL: the outbox, outcomes and what was delivered."""
