"""Slow searches of one client delay neither the pipeline nor other clients' log-ins."""

import asyncio
import time
from typing import Any

import asyncpg

from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.request_pool import RequestDatabase, RequestTimeouts

SLOW_S = 1.5


async def search(connection: Any) -> None:
    """Keep a connection busy, as a search over everything does."""
    await connection.execute("SELECT pg_sleep($1)", SLOW_S)


async def look_up(connection: Any) -> int:
    """Ask something quick, as every request does for its key."""
    return int(await connection.fetchval("SELECT 1"))


async def test_a_query_to_an_ending_server_is_repeated(pool: asyncpg.Pool) -> None:
    """A connection whose server is about to end takes no query; a new one answers."""
    farewells = [asyncpg.InternalClientError("cannot switch to state 11; another operation is in progress")]

    async def ask(connection: Any) -> int:
        if farewells:
            raise farewells.pop()
        return await look_up(connection)

    assert await RequestDatabase(pool).ask(ask) == 1


async def test_slow_searches_leave_connections_to_keys_and_to_the_pipeline(pool: asyncpg.Pool) -> None:
    """Of ten slow searches two run and the others are answered to try again; all else goes on at once."""
    database = RequestDatabase(pool, connections=4, timeouts=RequestTimeouts(connection_s=0.3))
    searches = [asyncio.create_task(database.ask_long(search)) for _ in range(10)]
    await asyncio.sleep(0)
    started = time.monotonic()
    assert await asyncio.gather(*(database.ask(look_up) for _ in range(20))) == [1] * 20
    async with pool.acquire() as connection:
        await look_up(connection)
    assert time.monotonic() - started < SLOW_S / 2
    ended = await asyncio.gather(*searches, return_exceptions=True)
    assert sum(isinstance(end, StoreUnavailable) for end in ended) == 8
    assert sum(end is None for end in ended) == 2
