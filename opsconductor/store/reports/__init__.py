"""Tables of reports, and what reports are read from."""
