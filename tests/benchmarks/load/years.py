"""A database after half a year of work: a million alerts, and what belongs to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.store.postgres.database import open_database
from opsconductor.store.retention.partitions import HISTORY, make_ahead, month_start
from tests.support.store.alert_years import EVERY, fill

AMOUNT, OPEN = 1_000_000, 10_000
REST = Path(__file__).with_suffix(".sql")


@asynccontextmanager
async def open_data(folder: Path) -> AsyncIterator[asyncpg.Pool]:
    """Open the embedded database of a data directory, with the present schema."""
    settings = Settings(data_dir=folder, database=DatabaseSettings(pool_size=4))
    async with open_database(settings, upgrade=True) as pool:
        yield pool


async def make_years(folder: Path) -> None:
    """Write the alerts of half a year that ends now, unless the folder has them."""
    async with open_data(folder) as pool:
        if await pool.fetchval("SELECT EXISTS (SELECT FROM audit_log)"):  # written last
            return
        now = datetime.now(UTC)
        for months in range(-2, 0):
            await make_ahead(pool, HISTORY, month_start(now, months))
        if not await pool.fetchval("SELECT EXISTS (SELECT FROM alerts_closed)"):
            await fill(pool, AMOUNT, OPEN, now - AMOUNT * EVERY - timedelta(minutes=1))
        async with pool.acquire() as connection:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute(REST.read_text(), timeout=3_000)
            await connection.execute("ANALYZE", timeout=3_000)
            await connection.execute("RESET statement_timeout")
