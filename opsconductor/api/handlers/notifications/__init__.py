"""Handlers of rules, on-call schedules, maintenance windows, and of messages that were given up."""
