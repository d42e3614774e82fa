"""The HTTP server: limits, endpoints, validation, answers."""
