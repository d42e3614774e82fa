"""Dump and restore of a database as one file, for backups and for a change of PostgreSQL version.

PostgreSQL's own `pg_dump` and `pg_restore` of the embedded server (18) are used: they dump
every server since 15. Passwords are passed in the environment, never as arguments. A file ends with
its SHA-256, since `pg_restore` accepts a truncated file as complete.
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.cluster import programs
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
MARK = b"opsconductor-dump-1 "
"""Marker at the end of a file, before its SHA-256; `pg_restore` does not read that far."""
TRAILER_BYTES = len(MARK) + 32
CHUNK_BYTES = 1024 * 1024
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;"
"""Written by `pg_restore` 18 at the beginning, for every server."""


async def dump(url: str, file: Path) -> Mapping[str, int]:
    """Write the whole database to a file, compressed; a daemon may be running.

    The file is created completely or not at all, readable by its owner only.

    Returns:
        Number of rows of the main tables, by table.

    Raises:
        StoreUnavailable: The database cannot be reached, or the file cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.part")
    address, environment = _address(url)
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}"]
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            dumping = [*arguments, "--dbname", address]
            process = await _start("pg_dump", *dumping, output=descriptor, environment=environment)
            await _finish(process, "pg_dump")
            await asyncio.to_thread(_seal, descriptor)
        finally:
            os.close(descriptor)
        unfinished.replace(file)
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    async with _pool(url) as pool:
        return await count_rows(pool)


async def restore(url: str, file: Path, *, replace: bool) -> Mapping[str, int]:
    """Restore a database from a file, and upgrade its schema to the one that this version needs.

    All or nothing: the former tables are deleted once everything is restored, and put back on failure.

    Args:
        replace: Replace a database that holds alerts, which are lost.

    Returns:
        Number of rows of the main tables now, by table.

    Raises:
        StoreRejected: The file is no dump, a daemon runs, or the database holds alerts.
        StoreUnavailable: The database cannot be reached.
    """
    await asyncio.to_thread(_check_whole, file)
    async with _pool(url) as pool, sole_daemon(pool, begins_epoch=False):
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
async def _pool(url: str) -> AsyncIterator[FencedPool]:
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
            f"the database holds {amount:,} alerts, which a restore would replace: dump it first, "
            "then give --replace"
        )


async def _fill(url: str, file: Path) -> None:
    """Execute the SQL of a dump in one transaction."""
    address, environment = _address(url)
    reading = ["--file=-", "--no-owner", "--no-privileges", "--no-comments", str(file)]
    writing = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--dbname", address]
    source = await _start("pg_restore", *reading, output=PIPE)
    sink = await _start("psql", *writing, text=PIPE, environment=environment)
    assert source.stdout is not None
    assert sink.stdin is not None
    # read their output concurrently, so that neither blocks the other
    ends = [asyncio.ensure_future(_end(source, "pg_restore")), asyncio.ensure_future(_end(sink, "psql"))]
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
            if process.returncode is None:
                process.kill()
        await asyncio.wait(ends)


async def _execute(pool: asyncpg.Pool, statements: str) -> None:
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = '{RESTORE_TIMEOUT_S:.0f}s'")
            await connection.execute(statements, timeout=RESTORE_TIMEOUT_S)


async def _start(
    program: str,
    *arguments: str,
    text: int = DEVNULL,
    output: int = DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start a program of PostgreSQL.

    Raises:
        StoreUnavailable: It does not exist.
    """
    path = programs() / program
    try:
        return await asyncio.create_subprocess_exec(
            path,
            *arguments,
            stdin=text,
            stdout=output,
            stderr=PIPE,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be run: {error.strerror or error}") from error


async def _finish(process: Process, program: str) -> None:
    """Wait until a program has ended; terminate it if the wait is cancelled."""
    try:
        await _end(process, program)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _end(process: Process, program: str) -> None:
    """Wait until a program has ended.

    Raises:
        StoreRejected: It fails; the message is its first line.
    """
    assert process.stderr is not None
    errors = await process.stderr.read()
    if await process.wait():
        lines = errors.decode(errors="replace").strip().splitlines()
        raise StoreRejected(f"{program} failed: {lines[0] if lines else process.returncode}")


def _seal(descriptor: int) -> None:
    """Append the SHA-256 of a file to it, and fsync it."""
    with os.fdopen(os.dup(descriptor), "r+b") as file:
        file.seek(0)
        digest = sha256()
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        file.write(MARK + digest.digest())
        file.flush()
        os.fsync(file.fileno())


def _check_whole(path: Path) -> None:
    """Check that a file is a complete dump of ours.

    Raises:
        StoreRejected: It is not.
        StoreUnavailable: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            rest = max(0, path.stat().st_size - TRAILER_BYTES)
            digest = sha256()
            while rest and (chunk := file.read(min(CHUNK_BYTES, rest))):
                digest.update(chunk)
                rest -= len(chunk)
            trailer = file.read()
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read: {error.strerror or error}") from error
    if trailer != MARK + digest.digest():
        raise StoreRejected(
            f"{path} is not a complete file of 'opsconductor db dump': it was cut short, changed, or made by "
            "another program. Take another copy of it"
        )


def _address(url: str) -> tuple[str, Mapping[str, str]]:
    """Split the password from a database URL; return the rest, and the environment that holds it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    address = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
    return address, {"PGPASSWORD": unquote(parts.password)}
