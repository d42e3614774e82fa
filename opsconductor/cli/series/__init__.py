"""Commands on series of measured values."""
