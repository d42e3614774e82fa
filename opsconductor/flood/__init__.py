"""Flood control: what one sender, and all together, may make of the daemon."""
