"""Faults of PostgreSQL."""

import os
import signal

import asyncpg

from tests.soak.faults.fault import Fault
from tests.soak.postgres import DATABASE, connect, processes_of
from tests.soak.stage import Stage

CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class KillPostgres(Fault):
    """PostgreSQL's main process is gone from one moment to the next; the others follow it."""

    name = "kill -9 of PostgreSQL"
    hold_s = (0.0, 3.0)

    async def inject(self, stage: Stage) -> None:
        """Kill it."""
        await stage.postgres.stop(signal.SIGKILL)

    async def heal(self, stage: Stage) -> None:
        """Start it; it repairs itself from its log."""
        await stage.postgres.start()


class RestartPostgres(Fault):
    """An administrator restarts PostgreSQL."""

    name = "restart of PostgreSQL"
    hold_s = (0.0, 3.0)

    async def inject(self, stage: Stage) -> None:
        """Stop it in order: sessions are closed, everything is written to disk."""
        await stage.postgres.stop(signal.SIGINT)

    async def heal(self, stage: Stage) -> None:
        """Start it."""
        await stage.postgres.start()


class FrozenPostgres(Fault):
    """PostgreSQL takes connections and never answers, as with a hanging disk."""

    name = "SIGSTOP of PostgreSQL"
    hold_s = (1.0, 9.0)

    def __init__(self) -> None:
        self._stopped: list[int] = []

    async def inject(self, stage: Stage) -> None:
        """Stop all its processes with SIGSTOP."""
        self._stopped = processes_of(stage.postgres)
        self._send(signal.SIGSTOP)

    async def heal(self, stage: Stage) -> None:
        """Continue them."""
        self._send(signal.SIGCONT)
        await stage.postgres.start()

    def _send(self, number: signal.Signals) -> None:
        for pid in self._stopped:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


class LockedTable(Fault):
    """A session holds a lock on the alerts, as a backup or a migration may."""

    name = "alerts locked"
    hold_s = (1.0, 9.0)

    def __init__(self) -> None:
        self._session: asyncpg.Connection | None = None

    async def inject(self, stage: Stage) -> None:
        """Lock the table."""
        self._session = await connect(stage.postgres)
        await self._session.execute("BEGIN; LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")

    async def heal(self, _stage: Stage) -> None:
        """Release the lock."""
        assert self._session is not None
        await self._session.close()


class CutConnections(Fault):
    """All sessions end at once."""

    name = "pg_terminate_backend on all"
    hold_s = (0.0, 1.0)

    async def inject(self, stage: Stage) -> None:
        """Cut them."""
        await execute(stage, CUT)

    async def heal(self, stage: Stage) -> None:
        """Cut them once more, while new ones are being made."""
        await execute(stage, CUT)


class ReadOnlyDatabase(Fault):
    """The database takes no changes, as after a failover to a standby; healing it cuts no session."""

    name = "database read-only"
    hold_s = (1.0, 6.0)

    async def inject(self, stage: Stage) -> None:
        """Make every new session read-only, and close the old ones."""
        await execute(stage, f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
        await execute(stage, CUT)

    async def heal(self, stage: Stage) -> None:
        """Allow new sessions to write; those of the daemon stay read-only until it makes new ones."""
        await execute(stage, f"ALTER DATABASE {DATABASE} RESET default_transaction_read_only")


class DatabaseDiskFull(Fault):
    """PostgreSQL has no room left, which may well end it."""

    name = "disk of PostgreSQL full"
    hold_s = (1.0, 6.0)

    async def inject(self, stage: Stage) -> None:
        """Fill the disk."""
        stage.database_disk.fill()

    async def heal(self, stage: Stage) -> None:
        """Make room, and start PostgreSQL if it has given up."""
        stage.database_disk.free()
        await stage.postgres.start()


async def execute(stage: Stage, statement: str) -> None:
    """Do something in a session of its own."""
    connection = await connect(stage.postgres)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
