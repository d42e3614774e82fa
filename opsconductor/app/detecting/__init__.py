"""Rules and detector over measured values: from points to anomalies, and from these to alerts."""
