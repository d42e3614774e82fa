"""Messages that wait and are sent as one: limits for each recipient, groups, digests."""
