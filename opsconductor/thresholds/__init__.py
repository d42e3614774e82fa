"""Rules over measured values: limits with hysteresis and expressions; pure: points in, violations out."""
