"""Alerts of the daemon on itself, canary and heartbeat."""
