"""Connection to PostgreSQL: pool, embedded server, schema, lock."""
