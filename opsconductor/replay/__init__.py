"""Replays archived events through another configuration, and compares."""
