"""A second copy of the points in a Prometheus-compatible store, and reading them back."""
