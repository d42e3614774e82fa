"""Steps of a change of the schema: their SQL, how far it is, and whether the disk has room for it."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg

from opsconductor.connector.settings.duration import format_duration
from opsconductor.errors import StoreRejected
from opsconductor.store.queries import load

SQL = load("migration")

BEGINNING = re.compile(r"^-- Running (?:upgrade|downgrade) (\S*) -> (\S*)$", re.MULTILINE)
"""What Alembic writes before each step."""
REWRITES = re.compile(r"^-- rewrites: (.*)$", re.MULTILINE)
"""What a revision says of the tables that it writes again, see `migrations/README.md`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One revision, forward or back.

    Attributes:
        rewrites: Large tables that it writes again.
    """

    name: str
    sql: str
    rewrites: Sequence[str]


@dataclass(slots=True, kw_only=True)
class MigrationProgress:
    """How far a change of the schema is; as text it is for people.

    Attributes:
        at: Number of the present step, from 1 on.
    """

    start: str
    target: str
    steps: Sequence[Step]
    at: int = 1
    began_s: float = field(default_factory=time.monotonic)

    @property
    def step(self) -> str:
        """Return the name of the present step."""
        return self.steps[self.at - 1].name

    @property
    def seconds(self) -> float:
        """Return for how long it takes already."""
        return round(time.monotonic() - self.began_s, 1)

    def __str__(self) -> str:
        """Return from where to where, the present step, and since when."""
        lasts = format_duration(timedelta(seconds=int(self.seconds)))
        return (
            f"changing the schema of the database from revision {self.start} to {self.target}, "
            f"step {self.at} of {len(self.steps)} ({self.step}), for {lasts}; large tables take minutes"
        )


def steps_of(script: str, titles: dict[str, str]) -> Sequence[Step]:
    """Split the SQL that Alembic has generated; what stands before the first step belongs to it.

    Args:
        titles: Of the revisions, by number.
    """
    before, *parts = BEGINNING.split(script)
    steps = []
    for older, newer, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        number = max(older, newer)
        rewrites = tuple(name for found in REWRITES.findall(sql) for name in found.split(", "))
        steps.append(Step(name=f"{number} {titles[number]}", sql=before + sql, rewrites=rewrites))
        before = ""
    return steps


async def check_space(connection: asyncpg.Connection, progress: MigrationProgress) -> None:
    """Check that the disk has room for the tables that are written again, where its free space can be known.

    The old tables stay until all steps are committed, and what is written is in the WAL as well, of which
    PostgreSQL keeps up to `max_wal_size`.

    Raises:
        StoreRejected: It has not; nothing was changed.
    """
    rewritten = [name for step in progress.steps for name in step.rewrites]
    found = await connection.fetchrow(SQL["space"], rewritten)
    if not found["bytes"] or (free := await asyncio.to_thread(free_bytes_at, found["folder"])) is None:
        return
    needed = found["bytes"] + min(found["bytes"], found["wal_bytes"])
    if free < needed:
        raise StoreRejected(
            f"the change of the schema from revision {progress.start} to {progress.target} writes large "
            f"tables ({', '.join(sorted(set(rewritten)))}) again and needs {needed:,} bytes for it, but on "
            f"the disk of {found['folder']} only {free:,} bytes are free. Make room there, then start again; "
            "nothing was changed"
        )


def free_bytes_at(folder: str | None) -> int | None:
    """Return the free space of the disk of a folder; None: it is not on this host, or not to be seen."""
    if folder is None:
        return None
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize
