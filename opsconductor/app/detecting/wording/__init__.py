"""What anomalies are, in sentences."""
