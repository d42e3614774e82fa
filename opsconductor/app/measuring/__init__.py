"""Measured values in the daemon: their store, and what follows from them."""
