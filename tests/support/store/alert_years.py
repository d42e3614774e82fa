"""Years of alerts, written by PostgreSQL itself: a million in a minute or two."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

FILL = Path(__file__).with_suffix(".sql")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=15.7)
MANY = 200_000
"""To build the indexes of more alerts anew takes less than to add to them."""
OWN_INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index
WHERE indrelid = 'alerts_closed'::regclass AND NOT indisunique
  AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
"""


async def fill(
    pool: asyncpg.Pool, amount: int, opened: int, begin: datetime = BEGIN, many: int = MANY
) -> None:
    """Store so many alerts, the last ones of them open, and have PostgreSQL know them.

    One transaction writes them and their indexes: interrupted, it leaves no alert, and every index.
    """
    sql = FILL.read_text().replace(":amount", str(amount)).replace(":opened", str(opened))
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0; SET maintenance_work_mem = '512MB'")
        async with connection.transaction():
            indexes = await connection.fetch(OWN_INDEXES) if amount > many else []
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
            await connection.execute(sql.replace(":begin", begin.isoformat()), timeout=3_000)
            for index in indexes:
                await connection.execute(index["definition"], timeout=3_000)
        await connection.execute("VACUUM (ANALYZE) alerts_closed", timeout=3_000)
        await connection.execute("RESET maintenance_work_mem; RESET statement_timeout")
