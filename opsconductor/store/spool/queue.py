"""The spool: changes on this machine's disk, in order, while PostgreSQL is away.

What has been appended may be acknowledged, so nothing is ever dropped to make room: when the spool is
full it refuses, senders get no acknowledgement and the intake backs up. `docs/spool.md` tells operators
what they see.
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
    """Say the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLimits:
    """How much the spool takes.

    Attributes:
        bytes: Compressed changes that may wait; 1 GiB holds millions of new alerts.
        age: When the oldest entry is older than this, the spool refuses as if it were full; None: age
            alone never makes it refuse, the metric `spool_oldest_seconds` and the log tell of it.
        rejected_bytes: What PostgreSQL refused for good is kept up to this size, the newest of it.
    """

    bytes: int = GIB
    age: timedelta | None = None
    rejected_bytes: int = 64 * MIB


class Spool:
    """A bounded queue of changes in a file; every call runs in one thread of its own, in order."""

    def __init__(self, file: SpoolFile, limits: SpoolLimits, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._limits = limits
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @property
    def waiting(self) -> SpoolWaiting:
        """What is in the spool now; costs nothing."""
        return self._file.waiting

    @property
    def age(self) -> timedelta:
        """How long the oldest entry has been waiting; zero when there is none."""
        oldest_at = self._file.waiting.oldest_at
        return timedelta(0) if oldest_at is None else max(timedelta(0), self._clock() - oldest_at)

    @property
    def losses(self) -> Sequence[SpoolLoss]:
        """What was acknowledged and is missing, until somebody deletes the note about it."""
        return self._file.losses

    async def start(self) -> None:
        """Open the file; see `open_spool`."""
        await self._in_thread(self._file.open)

    async def append(self, changes: Changes) -> None:
        """Put changes behind the others; they are safe on the disk when this returns.

        Raises:
            SpoolFull: The limit is reached.
            StoreUnavailable: The disk is full or fails.
        """
        await self._in_thread(self._append, changes)
        metrics.spool_appended.inc()

    async def oldest(self, weight: int) -> list[SpoolEntry]:
        """Look at the oldest entries, which stay: the first always, more while they are light enough.

        Args:
            weight: Rows in PostgreSQL that they may be together.

        Raises:
            StoreUnavailable: The disk fails.
        """
        return await self._in_thread(self._file.oldest, weight)

    async def remove(self, up_to: int) -> None:
        """Forget the entries up to a position, once they are in PostgreSQL.

        Raises:
            StoreUnavailable: The disk fails; they stay.
        """
        await self._in_thread(self._file.remove, up_to)

    async def reject(self, entry: SpoolEntry, reason: str) -> None:
        """Put the oldest entry, which PostgreSQL refuses for good, where people can look at it.

        Raises:
            StoreUnavailable: The disk is full or fails; it stays.
        """
        await self._in_thread(self._file.reject, entry, reason, self._limits.rejected_bytes)
        metrics.spool_rejected.inc()

    async def close(self) -> None:
        """Close the file, after whatever is still being done with it."""
        await self._in_thread(self._file.close)
        self._thread.shutdown(wait=False)

    def show(self) -> None:
        """Show what waits as metrics; the age grows by itself, so call it from time to time."""
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
        """Refuse when full; changes larger than the limit are taken when nothing else waits."""
        waiting, limits = self._file.waiting, self._limits
        if waiting.entries and waiting.bytes + size > limits.bytes:
            metrics.spool_refused.labels("bytes").inc()
            raise SpoolFull(f"{waiting.bytes} of {limits.bytes} bytes are in use, {size} more do not fit")
        if limits.age is not None and self.age > limits.age:
            metrics.spool_refused.labels("age").inc()
            raise SpoolFull(f"the oldest changes wait for {self.age}, longer than {limits.age}")


def weight_of(changes: Changes) -> int:
    """Count the rows that changes are in PostgreSQL."""
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

    What is missing in it is told by `Spool.losses`; what can be read goes on.

    Raises:
        StoreUnavailable: Another process has it, or it cannot be written.
        StoreRejected: A newer version of the daemon has written it.
    """
    file = SpoolFile(data_dir / FOLDER, clock)
    spool = Spool(file, limits, clock)
    try:
        await spool.start()
        yield spool
    finally:
        await spool.close()
