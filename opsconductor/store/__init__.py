"""PostgreSQL, and the only importer of asyncpg."""
