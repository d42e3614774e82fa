"""The SQLite file behind the spool; everything here blocks, and belongs into the spool's own thread.

One process has the file to itself (`locking_mode=EXCLUSIVE`): two daemons on one data directory cannot
write over each other, and SQLite needs no shared memory beside the file.
"""

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from opsconductor import metrics
from opsconductor.errors import StoreUnavailable
from opsconductor.model.changes import Changes
from opsconductor.store import spool_schema as schema
from opsconductor.store.changes_codec import decode
from opsconductor.store.spool_repair import is_damage, move_aside, open_unchecked, refill, settle

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LAST = 2**63 - 1
SHRINK_FROM_BYTES = 16 * 1024 * 1024
"""An empty file larger than this gives its space back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is in the spool.

    Attributes:
        entries: How many times `append` was called for what waits.
        bytes: What the entries take, compressed; the file is a little larger.
        oldest_at: When the oldest entry was appended; None: there is none.
        rejected: Entries that PostgreSQL refused for good, kept for people to look at.
    """

    entries: int = 0
    bytes: int = 0
    oldest_at: datetime | None = None
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Changes that wait in the spool.

    Attributes:
        position: Rises with every entry; what is drained is named by it.
        weight: How many rows the changes are in PostgreSQL.
    """

    position: int
    appended_at: datetime
    weight: int
    body: bytes

    def changes(self) -> Changes:
        """Read the changes.

        Raises:
            StoreRejected: They are damaged or of another version.
        """
        return decode(self.body)


class SpoolFile:
    """Entries in the order in which they came, in a file that survives whatever happens to the daemon.

    Every method raises StoreUnavailable when the disk is full or fails. A file that turns out to be
    damaged is moved aside; what can still be read of it goes on.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path = path
        self.waiting = Waiting()
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._files: list[int] = []
        self._drained_to = 0
        self._is_full = False

    def open(self) -> None:
        """Open or make the file, its folder too, and count what waits in it.

        Raises:
            StoreRejected: A newer version of the daemon has written it.
        """
        try:
            self.path.parent.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: {error}") from error
        self._try(lambda _: None)

    def append(self, body: bytes, weight: int) -> None:
        """Write one entry behind the others; it is on the disk when this returns."""
        at = self._clock()

        def write(connection: sqlite3.Connection) -> None:
            if schema.inodes(self.path) != self._files:
                raise sqlite3.DatabaseError("someone has removed or replaced it")
            connection.execute(schema.APPEND, (_to_number(at), weight, body))

        self._try(write)
        self.waiting = replace(
            self.waiting,
            entries=self.waiting.entries + 1,
            bytes=self.waiting.bytes + len(body),
            oldest_at=self.waiting.oldest_at or at,
        )

    def oldest(self, weight: int) -> list[Entry]:
        """Return entries in order, the first always, more as long as they weigh at most `weight`."""

        def read(connection: sqlite3.Connection) -> list[Entry]:
            taken: list[Entry] = []
            left = weight
            for position, at, size, body in connection.execute(schema.OLDEST, (self._drained_to,)):
                left -= size
                if taken and left < 0:
                    break
                entry = Entry(position=position, appended_at=_to_time(at), weight=size, body=body)
                taken.append(entry)
            return taken

        found = self._try(read)
        if not found:
            self._try(self._count)
        return found

    def remove(self, up_to: int) -> None:
        """Forget all entries up to a position, which are now safe elsewhere.

        On a full disk nothing can be deleted either. Then they are only not given out again, and once
        none is left the whole file goes.
        """
        entries, size = self._try(
            lambda connection: connection.execute(schema.MEASURE, (self._drained_to, up_to)).fetchone()
        )
        is_deleted = self._delete(up_to)
        self._drained_to = up_to
        if entries < self.waiting.entries or is_deleted:
            self._forget(entries, size)
        else:
            self._discard()
        if is_deleted and not self.waiting.entries:
            self._try(_shrink)

    def _delete(self, up_to: int) -> bool:
        try:
            self._try(lambda connection: connection.execute(schema.REMOVE, (up_to,)))
        except StoreUnavailable as error:
            if not self._is_full:
                log.warning("cannot delete drained changes from the spool", extra={"error": str(error)})
            self._is_full = True
            return False
        self._is_full = False
        return True

    def reject(self, entry: Entry, reason: str, keep_bytes: int) -> None:
        """Put the oldest entry out of the way, to where people can look at it.

        Args:
            keep_bytes: When those put there so far take more, the oldest of them give way.
        """

        def move(connection: sqlite3.Connection) -> int:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                times = (_to_number(entry.appended_at), _to_number(self._clock()))
                connection.execute(schema.REJECT, (*times, reason, entry.body))
                connection.execute(schema.REMOVE, (entry.position,))
                while connection.execute(schema.REJECTED_BYTES).fetchone()[0] > keep_bytes:
                    connection.execute(schema.DROP_OLDEST_REJECTED)
                return int(connection.execute(schema.COUNT_REJECTED).fetchone()[0])

        rejected = self._try(move)
        self._drained_to = entry.position
        self._forget(1, len(entry.body))
        self.waiting = replace(self.waiting, rejected=rejected)

    def close(self) -> None:
        """Close the file; opening it again reads everything from the disk."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do something with the file; if it turns out damaged, repair it and do it once more."""
        try:
            return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            if not is_damage(error):
                raise StoreUnavailable(f"{self.path}: {error}") from error
            reason = str(error)
        try:
            self._start_over(reason)
            return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"{self.path}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            settle(self.path)
            connection = schema.connect(self.path)
            self._files = schema.inodes(self.path)
            self._drained_to = 0
            self._count(connection)
            self._connection = connection
        return self._connection

    def _count(self, connection: sqlite3.Connection) -> None:
        entries, size = connection.execute(schema.MEASURE, (self._drained_to, LAST)).fetchone()
        rejected = connection.execute(schema.COUNT_REJECTED).fetchone()[0]
        self.waiting = Waiting(
            entries=entries, bytes=size, oldest_at=self._first(connection), rejected=rejected
        )

    def _first(self, connection: sqlite3.Connection) -> datetime | None:
        row = connection.execute(schema.FIRST, (self._drained_to,)).fetchone()
        return None if row is None else _to_time(row[0])

    def _forget(self, entries: int, size: int) -> None:
        self.waiting = replace(
            self.waiting,
            entries=self.waiting.entries - entries,
            bytes=self.waiting.bytes - size,
            oldest_at=self._try(self._first),
        )

    def _start_over(self, reason: str) -> None:
        """Go on with a new file that holds whatever can be read of the present one."""
        metrics.spool_damaged.inc()
        source = self._connection or open_unchecked(self.path)
        try:
            saved = refill(self.path, source, self._drained_to)
            self._connection = None  # only now: it may be the last that leads to a removed file
        finally:
            if source is not self._connection:
                source.close()
        aside = move_aside(self.path, "damaged", self._clock())
        log.error(
            "the spool file is damaged, going on with what can be read of it",
            extra={"path": str(aside), "error": reason, "amount": saved},
        )

    def _discard(self) -> None:
        """Get rid of the file without writing to it: everything in it is drained."""
        kept = self.waiting.rejected
        self.close()
        aside = move_aside(self.path, "drained", self._clock())
        if not kept:
            for file in schema.files(aside):
                file.unlink(missing_ok=True)
        self.waiting = Waiting()


def _shrink(connection: sqlite3.Connection) -> None:
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if pages * size > SHRINK_FROM_BYTES:
        with suppress(sqlite3.OperationalError):  # no room to do it in: the next time
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _to_number(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _to_time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
