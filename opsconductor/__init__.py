"""OpsConductor: alert daemon for network operations centres."""
