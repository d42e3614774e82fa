"""From the outbox to the channels, at least once."""
