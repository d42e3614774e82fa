"""Making, scheduling and sending of reports; states of devices."""
