"""Notification rules, messages and their delivery."""
