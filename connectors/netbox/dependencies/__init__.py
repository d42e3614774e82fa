"""Dependencies between devices, found in NetBox's cables, power feeds and locations."""
