"""What Alembic runs to write the SQL of a step; `opsconductor/store/postgres/migrate.py` executes it.

Alembic never connects to a database here: it knows the order of the revisions and writes their
SQL as text. So the driver stays asyncpg alone, and a step is one transaction that we control.
"""

from alembic import context

if not context.is_offline_mode():
    raise SystemExit("use 'opsconductor db upgrade|downgrade|current|history' instead of alembic")

# the transaction is opened by the program that executes the text
context.configure(dialect_name="postgresql", transactional_ddl=False)
context.run_migrations()
