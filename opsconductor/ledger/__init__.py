"""Loss ledger: counts every message from the socket to the database."""
