"""Replay of archived events with another configuration, and comparison with reality."""
