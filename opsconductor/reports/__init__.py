"""Reports over a period: availability, alerts, times to react, anomalies. SQL is in `store/reports`."""
