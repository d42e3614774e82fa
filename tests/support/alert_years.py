"""Years of alerts, written by PostgreSQL itself: a million in a minute or two."""

from pathlib import Path

import asyncpg

FILL = Path(__file__).with_suffix(".sql")


async def fill(pool: asyncpg.Pool, amount: int, opened: int) -> None:
    """Store so many alerts, the last ones of them open, and have PostgreSQL know them."""
    sql = FILL.read_text().replace(":amount", str(amount)).replace(":opened", str(opened))
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(sql, timeout=3_000)
        await connection.execute("VACUUM (ANALYZE) alerts_closed", timeout=3_000)
        await connection.execute("RESET statement_timeout")
