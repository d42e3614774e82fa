"""Writing of changes in one transaction."""
