"""The connection to PostgreSQL: pool, embedded server, schema, lock."""
