"""Detection of anomalies in measured values; pure: numpy arrays in, findings out, no clock and no SQL."""
