"""Migration of a database's schema to a revision, forward or back.

Alembic knows the revisions and generates the SQL of a step as text (see `migrations/env.py`); it is
imported only when there is a step to take. A step is one transaction: all or nothing.
"""

import asyncio
import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from opsconductor import systemd
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.shipped import shipped
from opsconductor.store.postgres.connection import CONNECT_TIMEOUT_S, translated
from opsconductor.store.postgres.migration_steps import MigrationProgress, Step, check_space, steps_of

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

# Arbitrary number used by no other lock; held for the transaction of a step.
MIGRATION_LOCK = 0x6F70_7363_6F6E
LOCK_TIMEOUT_S = 30
"""Seconds that a step waits for other sessions to release the tables."""
SETTINGS = """
SET LOCAL lock_timeout = '{lock_s}s';
SET LOCAL statement_timeout = 0;
-- when the client is killed, its step ends: the next start would wait for the locks
SET LOCAL client_connection_check_interval = '2s';
"""
REPORT_EVERY_S = 30.0
EXTENDED_S = 300.0
"""Seconds that systemd waits for the next such message, and after a long step for the rest of the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One step of the schema."""

    number: str
    title: str


def revisions(folder: Path | None = None) -> Sequence[Revision]:
    """Return all revisions that this version ships, oldest first, from their file names."""
    files = sorted((folder or shipped("migrations")).glob("versions/[0-9]*_*.py"))
    return [
        Revision(number=number, title=title.replace("_", " "))
        for number, _, title in (file.stem.partition("_") for file in files)
    ]


def head() -> str:
    """Return the newest revision that this version ships."""
    return revisions()[-1].number


async def current(connection: asyncpg.Connection | asyncpg.Pool) -> str | None:
    """Return the revision of a database, or None if it holds no schema."""
    with translated():
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        number: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return number


async def current_of(url: str) -> str | None:
    """Return the revision of the database at a URL, or None if it holds no schema.

    Raises:
        StoreUnavailable: The database cannot be reached.
    """
    with translated():
        connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
        try:
            return await current(connection)
        finally:
            await connection.close()


async def upgrade(
    url: str, target: str = "head", note: Callable[[object], None] = lambda _: None
) -> tuple[str | None, str]:
    """Upgrade to a revision; several processes may do so at once.

    Args:
        note: Called when there is something to do; as text the argument is how far it is at that moment.

    Returns:
        The revision before and after; equal if there was nothing to do.

    Raises:
        StoreRejected: The database is newer than this version, a step fails, or the disk has no room for it.
        StoreUnavailable: The database cannot be reached.
    """
    wanted = head() if target == "head" else _known(target)
    return await _go(url, wanted, note, forward=True)


async def downgrade(url: str, target: str) -> tuple[str | None, str]:
    """Downgrade to a revision, `base` for an empty database; the data of dropped tables are lost.

    Returns:
        The revision before and after.

    Raises:
        StoreRejected: The database is newer than this version, a step fails, or the disk has no room for it.
        StoreUnavailable: The database cannot be reached.
    """
    wanted = target if target == "base" else _known(target)
    return await _go(url, wanted, lambda _: None, forward=False)


async def _go(
    url: str, target: str, note: Callable[[object], None], *, forward: bool
) -> tuple[str | None, str]:
    with translated():
        connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
        try:
            async with connection.transaction():
                await connection.execute(SETTINGS.format(lock_s=LOCK_TIMEOUT_S))
                await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
                start = await current(connection)
                if _is_needed(start, target, forward=forward):
                    await _migrate(connection, _planned(start, target, forward=forward), note)
        except asyncpg.LockNotAvailableError as error:
            raise StoreUnavailable(
                f"the schema cannot be changed: another session has held a lock on its tables for "
                f"{LOCK_TIMEOUT_S} s. Stop the daemon, the dump or the other upgrade that holds it, and try "
                "again; nothing was changed"
            ) from error
        finally:
            await connection.close()
    return start, target


def _is_needed(start: str | None, target: str, *, forward: bool) -> bool:
    if start is not None:
        check_known(start)
    order = ["base", *(revision.number for revision in revisions())]
    position, wanted = order.index(start or "base"), order.index(target)
    if position == wanted:
        return False
    if (position < wanted) != forward:
        raise StoreRejected(
            f"the database is at revision {start or 'base'}: "
            f"{'upgrade' if forward else 'downgrade'} cannot lead to {target}"
        )
    return True


async def _migrate(
    connection: asyncpg.Connection, progress: MigrationProgress, note: Callable[[object], None]
) -> None:
    """Log the change before, meanwhile and after: large tables take minutes."""
    ends = {"found": progress.start, "expected": progress.target}
    await check_space(connection, progress)
    log.info("changing the schema of the database", extra=ends)
    note(progress)
    reporting = asyncio.create_task(_report_forever(progress, ends))
    try:
        for number, step in enumerate(progress.steps, 1):
            progress.at = number
            await _execute(connection, step)
    finally:
        reporting.cancel()
    log.info("the schema of the database is changed", extra={**ends, "seconds": progress.seconds})


async def _report_forever(progress: MigrationProgress, ends: Mapping[str, str]) -> None:
    """Log that the change continues, and let systemd wait for it as well, until cancelled."""
    while True:
        systemd.extend(EXTENDED_S)
        await asyncio.sleep(REPORT_EVERY_S)
        extra = {**ends, "revision": progress.step, "seconds": progress.seconds}
        log.info("still changing the schema of the database", extra=extra)


async def _execute(connection: asyncpg.Connection, step: Step) -> None:
    """Execute a whole step at once: only the simple protocol takes several statements."""
    try:
        await connection.execute(step.sql, timeout=None)
    except (asyncpg.SyntaxOrAccessError, asyncpg.UndefinedFunctionError) as error:
        raise StoreRejected(f"cannot change the schema, revision {step.name}: {error}") from error


def _planned(start: str | None, target: str, *, forward: bool) -> MigrationProgress:
    titles = {each.number: each.title for each in revisions()}
    steps = steps_of(_script(start, target, forward=forward), titles)
    return MigrationProgress(start=start or "base", target=target, steps=steps)


def _script(start: str | None, target: str, *, forward: bool) -> str:
    """Return the SQL that Alembic generates from one revision to another."""
    from alembic import command  # noqa: PLC0415 - 0.3 s that only a step costs

    written = io.StringIO()
    step = command.upgrade if forward else command.downgrade
    step(_config(written), f"{start}:{target}" if start else target, sql=True)
    if target == "base":
        written.write("DROP TABLE alembic_version;")
    return written.getvalue()


def _config(output: io.StringIO) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - as in _script

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config(output_buffer=output, stdout=output)
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def check_known(number: str) -> None:
    """Reject a database whose revision this version does not know.

    Raises:
        StoreRejected: Its revision is none of ours: a newer version has made it.
    """
    if number not in {revision.number for revision in revisions()}:
        raise StoreRejected(
            f"the database is at revision {number}, this version of OpsConductor knows up to {head()}: "
            "install the version that made it, or a newer one"
        )


def _known(target: str) -> str:
    if target not in {revision.number for revision in revisions()}:
        known = ", ".join(revision.number for revision in revisions())
        raise StoreRejected(f"revision {target} does not exist; there are {known}")
    return target
