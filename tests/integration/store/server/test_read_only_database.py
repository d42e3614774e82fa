"""A database that took no changes for a while takes them again, in the sessions that are open too."""

from urllib.parse import urlsplit

import asyncpg

from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster

SETTING = "default_transaction_read_only"


async def test_sessions_that_began_read_only_do_not_stay_so(postgres: Cluster, database_url: str) -> None:
    """After a failover the pool is left with sessions that can never write: they are not used again."""
    name = urlsplit(database_url).path.strip("/")
    postgres.sql(f"ALTER DATABASE {name} SET {SETTING} = on")
    pool = await open_pool(database_url, 2)
    try:
        assert await pool.fetchval(f"SHOW {SETTING}") == "on"
        postgres.sql(f"ALTER DATABASE {name} RESET {SETTING}")
        assert await pool.fetchval(f"SHOW {SETTING}") == "off"
        await pool.execute("INSERT INTO system_settings VALUES ('a', 'null')")
    finally:
        await close_pool(pool)


async def test_a_session_that_can_write_is_kept(pool: asyncpg.Pool) -> None:
    """Nothing is reconnected on an ordinary day."""
    assert len({await pool.fetchval("SELECT pg_backend_pid()") for _ in range(5)}) == 1
