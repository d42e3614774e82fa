"""The spool: changes on the local disk, in order, while PostgreSQL is away.

What has been appended may be acknowledged, so nothing is ever dropped to make room: when the spool is
full it refuses, senders get no acknowledgement and the intake backs up. `docs/spool.md` describes it for
operators.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from opsconductor import metrics
from opsconductor.errors import SpoolFull, StoreUnavailable
from opsconductor.model.changes import Changes
from opsconductor.store.spool.codec import encode
from opsconductor.store.spool.entry import SpoolEntry, SpoolWaiting
from opsconductor.store.spool.file import FOLDER, SpoolFile
from opsconductor.store.spool.loss import SpoolLoss

Result = TypeVar("Result")
Given = ParamSpec("Given")

GIB = 1024**3
MIB = 1024**2


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLimits:
    """Limits of the spool.

    Attributes:
        bytes: Size of compressed changes that may wait; 1 GiB holds millions of new alerts.
        age: Age of the oldest entry from which the spool refuses as if it were full; None: no limit, age
            is only reported by the metric `spool_oldest_seconds` and the log.
        rejected_bytes: Size up to which entries rejected by PostgreSQL are kept, newest first.
    """

    bytes: int = GIB
    age: timedelta | None = None
    rejected_bytes: int = 64 * MIB


class Spool:
    """A bounded queue of changes in files; every call runs in one thread of its own, in order."""

    def __init__(self, file: SpoolFile, limits: SpoolLimits, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._limits = limits
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @property
    def waiting(self) -> SpoolWaiting:
        """Fill level of the spool, without I/O."""
        return self._file.waiting

    @property
    def age(self) -> timedelta:
        """Age of the oldest entry; zero if there is none."""
        oldest_at = self._file.waiting.oldest_at
        return timedelta(0) if oldest_at is None else max(timedelta(0), self._clock() - oldest_at)

    @property
    def losses(self) -> Sequence[SpoolLoss]:
        """Acknowledged entries that are missing, until the note about them is deleted."""
        return self._file.losses

    async def start(self) -> None:
        """Open the file; see `open_spool`."""
        await self._in_thread(self._file.open)

    async def append(self, changes: Changes) -> None:
        """Append changes; they are fsynced when this returns.

        Raises:
            SpoolFull: The limit is reached.
            StoreUnavailable: The disk is full or fails.
        """
        await self._in_thread(self._append, changes)
        metrics.spool_appended.inc()

    async def oldest(self, weight: int) -> list[SpoolEntry]:
        """Return the oldest entries without removing them: the first always, more up to a weight.

        Args:
            weight: Maximum number of rows in PostgreSQL of all together.

        Raises:
            StoreUnavailable: The disk fails.
        """
        return await self._in_thread(self._file.oldest, weight)

    async def remove(self, up_to: int) -> None:
        """Remove the entries up to a position, once they are in PostgreSQL.

        Raises:
            StoreUnavailable: The disk fails; they stay.
        """
        await self._in_thread(self._file.remove, up_to)

    async def reject(self, entry: SpoolEntry, reason: str) -> None:
        """Move the oldest entry, which PostgreSQL rejects permanently, to the rejected ones.

        Raises:
            StoreUnavailable: The disk is full or fails; it stays.
        """
        await self._in_thread(self._file.reject, entry, reason, self._limits.rejected_bytes)
        metrics.spool_rejected.inc()

    async def close(self) -> None:
        """Close the file after pending operations."""
        await self._in_thread(self._file.close)
        self._thread.shutdown(wait=False)

    def show(self) -> None:
        """Update the metrics; the age grows by itself, so call it periodically."""
        metrics.spool_entries.set(self.waiting.entries)
        metrics.spool_bytes.set(self.waiting.bytes)
        metrics.spool_oldest_seconds.set(self.age.total_seconds())

    async def _in_thread(
        self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))
        self.show()
        return result

    def _append(self, changes: Changes) -> None:
        body = encode(changes)
        self._admit(len(body))
        try:
            self._file.append(body, weight_of(changes), changes.folded)
        except StoreUnavailable:
            metrics.spool_refused.labels("disk").inc()
            raise

    def _admit(self, size: int) -> None:
        """Raise SpoolFull at the limit; changes larger than the limit are accepted if nothing else waits."""
        waiting, limits = self._file.waiting, self._limits
        if waiting.entries and waiting.bytes + size > limits.bytes:
            metrics.spool_refused.labels("bytes").inc()
            raise SpoolFull(f"{waiting.bytes} of {limits.bytes} bytes are in use, {size} more do not fit")
        if limits.age is not None and self.age > limits.age:
            metrics.spool_refused.labels("age").inc()
            raise SpoolFull(f"the oldest changes wait for {self.age}, longer than {limits.age}")


def weight_of(changes: Changes) -> int:
    """Return the number of rows that changes are in PostgreSQL."""
    return (
        len(changes.created)
        + len(changes.updated)
        + len(changes.repeated)
        + len(changes.history)
        + len(changes.notifications)
        + len(changes.archive)
        + len(changes.aside)
        + len(changes.keys)
        + len(changes.reported)
    )


@asynccontextmanager
async def open_spool(
    data_dir: Path, limits: SpoolLimits = SpoolLimits(), clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Spool]:
    """Open the spool below the data directory, close it at the end.

    Missing entries are reported by `Spool.losses`; readable ones are used.

    Raises:
        StoreUnavailable: Another process uses it, or it cannot be written.
        StoreRejected: A newer version of the daemon has written it.
    """
    file = SpoolFile(data_dir / FOLDER, clock)
    spool = Spool(file, limits, clock)
    try:
        await spool.start()
        yield spool
    finally:
        await spool.close()
