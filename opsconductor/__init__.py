"""OpsConductor: the alert daemon for network operations centres."""
