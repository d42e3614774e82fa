"""Alerts on the daemon itself, canary and heartbeat."""
