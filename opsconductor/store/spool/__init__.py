"""Changes on disk while PostgreSQL is away: an append-only log."""
