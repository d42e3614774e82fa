"""Flood control: limits on the load from one sender, and from all together."""
