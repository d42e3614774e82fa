"""Dump and restore of a database with `pg_dump` and `pg_restore`, which dump every server since 15."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from opsconductor.child_process import kill
from opsconductor.errors import StoreRejected
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.client_programs import end_of, ended, split_password, start_program
from opsconductor.store.postgres.connection import close_pool, open_pool, translated
from opsconductor.store.postgres.daemon_lock import sole_daemon
from opsconductor.store.queries import load

SQL = load("backup")

ASIDE = "opsconductor_before_restore"
"""Schema to which the former tables are moved until the restore has succeeded."""
CONNECTIONS = 3
RESTORE_TIMEOUT_S = 3600.0
"""Timeout in seconds of statements that touch every row after a restore: deletion of the former
schema, statistics.
"""
CHUNK_BYTES = 1024 * 1024
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;"
"""Written by `pg_restore` 18 at the beginning, for every server."""


@asynccontextmanager
async def dumping(url: str) -> AsyncIterator[asyncio.StreamReader]:
    """Yield the stream of a dump of the whole database, compressed; a daemon may be running.

    The dump is one transaction's view of the database. The block must read it to its end.

    Raises:
        StoreRejected: pg_dump fails; the message is its own.
        StoreUnavailable: pg_dump does not exist.
    """
    address, environment = split_password(url)
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}"]
    dumping = [*arguments, "--dbname", address]
    process = await start_program("pg_dump", *dumping, output=PIPE, environment=environment)
    async with ended(process, "pg_dump") as output:
        yield output


async def restore(url: str, file: Path, *, replace: bool) -> Mapping[str, int]:
    """Restore a database from a dump, and upgrade its schema to the one that this version needs.

    All or nothing: the former tables are deleted once everything is restored, and put back on failure.

    Args:
        replace: Replace a database that holds alerts, which are lost.

    Returns:
        Number of rows of the main tables now, by table.

    Raises:
        StoreRejected: The file is no dump, a daemon runs, or the database holds alerts.
        StoreUnavailable: The database cannot be reached.
    """
    async with pool_of(url) as pool, sole_daemon(pool, begins_epoch=False):
        if not replace:
            await _check_empty(pool)
        await _execute(pool, SQL["put_aside"])
        is_filled = False
        try:
            await _fill(url, file)
            is_filled = True
        finally:
            await _execute(pool, SQL["drop_aside" if is_filled else "put_back"])
        await migrate.upgrade(url)
        await _execute(pool, "ANALYZE")
        return await count_rows(pool)


async def count_rows(pool: asyncpg.Pool) -> Mapping[str, int]:
    """Count the rows of the main tables, by table."""
    with translated():
        async with pool.acquire() as connection:
            rows = await connection.fetch(SQL["count_rows"], timeout=RESTORE_TIMEOUT_S)
    return {row["relation"]: row["amount"] for row in rows}


@asynccontextmanager
async def pool_of(url: str) -> AsyncIterator[FencedPool]:
    """Open a small pool for the time of a block."""
    pool = await open_pool(url, CONNECTIONS)
    try:
        yield pool
    finally:
        await close_pool(pool)


async def _check_empty(pool: asyncpg.Pool) -> None:
    with translated():
        if await migrate.current(pool) is None:
            return
        amount = await pool.fetchval("SELECT count(*) FROM alerts")
    if amount:
        raise StoreRejected(
            f"the database holds {amount:,} alerts, which a restore would replace: make a backup, "
            "then give --replace"
        )


async def _fill(url: str, file: Path) -> None:
    """Execute the SQL of a dump in one transaction."""
    address, environment = split_password(url)
    reading = ["--file=-", "--no-owner", "--no-privileges", "--no-comments", str(file)]
    writing = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--dbname", address]
    source = await start_program("pg_restore", *reading, output=PIPE)
    sink = await start_program("psql", *writing, text=PIPE, environment=environment)
    assert source.stdout is not None
    assert sink.stdin is not None
    # read their output concurrently, so that neither blocks the other
    ends = [asyncio.ensure_future(end_of(source, "pg_restore")), asyncio.ensure_future(end_of(sink, "psql"))]
    try:
        first = await source.stdout.read(CHUNK_BYTES)
        sink.stdin.write(first.replace(UNKNOWN_BEFORE_17, b"", 1))
        while chunk := await source.stdout.read(CHUNK_BYTES):
            await sink.stdin.drain()
            sink.stdin.write(chunk)
        await ends[0]
        sink.stdin.close()
        await ends[1]
    except (BrokenPipeError, ConnectionResetError) as error:
        await ends[1]
        raise StoreRejected("psql ended before it had read the whole dump") from error
    finally:
        for process in (source, sink):
            await kill(process)
        await asyncio.wait(ends)


async def _execute(pool: asyncpg.Pool, statements: str) -> None:
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = '{RESTORE_TIMEOUT_S:.0f}s'")
            await connection.execute(statements, timeout=RESTORE_TIMEOUT_S)
