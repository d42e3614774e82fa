"""Runs PostgreSQL's own client programs: pg_dump, pg_restore, psql, pg_basebackup.

Those of the embedded server (18) are used, also for other servers. Passwords are passed in the
environment, never as arguments.
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import unquote, urlsplit, urlunsplit

from opsconductor.child_process import kill
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.postgres.cluster import programs


async def start_program(
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
        return await create_subprocess_exec(
            path,
            *arguments,
            stdin=text,
            stdout=output,
            stderr=PIPE,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be run: {error.strerror or error}") from error


async def end_of(process: Process, program: str) -> None:
    """Wait until a program has ended.

    Raises:
        StoreRejected: It fails; the message is its first line.
    """
    assert process.stderr is not None
    errors = await process.stderr.read()
    if await process.wait():
        lines = errors.decode(errors="replace").strip().splitlines()
        raise StoreRejected(f"{program} failed: {lines[0] if lines else process.returncode}")


@asynccontextmanager
async def ended(process: Process, program: str) -> AsyncIterator[asyncio.StreamReader]:
    """Yield the output of a program, which the block reads to its end, and wait until it has ended.

    Raises:
        StoreRejected: The program fails.
    """
    assert process.stdout is not None
    ending = asyncio.ensure_future(end_of(process, program))
    try:
        yield process.stdout
        await ending
    finally:
        await kill(process)
        await asyncio.wait({ending})


def split_password(url: str) -> tuple[str, Mapping[str, str]]:
    """Split the password from a database URL; return the rest, and the environment that holds it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    address = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
    return address, {"PGPASSWORD": unquote(parts.password)}
