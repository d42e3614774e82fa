"""Self-monitoring: alerts on the daemon itself, and the doctor."""
