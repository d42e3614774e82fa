"""Provisioning files: what they declare, and the changes that result."""
