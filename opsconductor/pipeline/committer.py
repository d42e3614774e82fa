"""Commit of changes to PostgreSQL, and to the spool while PostgreSQL is away."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from opsconductor import metrics
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.guard import guarded_data
from opsconductor.ledger.equations import Durability
from opsconductor.limits import Backoff
from opsconductor.model.changes import Changes, joined_changes
from opsconductor.store.commit.commit import BoundedWrite, GiveUp, Write, nothing_is_left
from opsconductor.store.spool.entry import SpoolEntry
from opsconductor.store.spool.queue import Spool

log = logging.getLogger(__name__)

GROUP_WEIGHT = 10_000
"""Number of rows drained in one transaction. Never make it smaller: after a crash what was drained last
is drained again, and it must then be the same or more, else older states would follow newer ones."""

DRAIN = Backoff(first=timedelta(seconds=30), longest=timedelta(minutes=10))
RETRY = Backoff(first=timedelta(milliseconds=200), longest=timedelta(seconds=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitTimeouts:
    """Timeouts and pauses.

    Attributes:
        commit_s: Seconds until PostgreSQL counts as away and changes go to the spool.
        drain: Timeout of one group from the spool; longer after each failure.
        retry: Pauses between a failure and the next attempt.
        warn_age: Changes that have waited in the spool for this long are logged.
    """

    commit_s: float = 5.0
    drain: Backoff = DRAIN
    retry: Backoff = RETRY
    warn_age: timedelta = timedelta(minutes=15)


class DurableCommitter:
    """Makes changes durable in order: in PostgreSQL, or in the spool until it is back.

    Once something is in the spool everything newer goes there too, until `drain_forever` has moved it all to
    PostgreSQL. When the spool is full as well, `commit` waits: the intake fills, sources stop reading, and
    nothing is acknowledged.

    One caller commits at a time: the pipeline loop.
    """

    def __init__(
        self,
        write: Write,
        spool: Spool,
        timeouts: CommitTimeouts = CommitTimeouts(),
        *,
        give_up: GiveUp = nothing_is_left,
    ) -> None:
        self._write = BoundedWrite(write, give_up)
        self._spool = spool
        self._timeouts = timeouts
        self._turn = asyncio.Lock()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._away_since: float | None = None
        self._refusal = ""
        self._is_late = False
        self._to_spool_only = False
        if spool.waiting.entries:
            self._away_since = perf_counter()
            self._filled.set()

    @property
    def is_away(self) -> bool:
        """True while PostgreSQL does not have the newest state."""
        return self._away_since is not None or self._spool.waiting.entries > 0

    @property
    def refusal(self) -> str:
        """Why the spool does not accept what PostgreSQL does not accept either; empty: one of them does.

        Meanwhile nothing is acknowledged.
        """
        return self._refusal if self.is_away else ""

    async def commit(self, changes: Changes) -> Durability:
        """Return once the changes are durable and may be acknowledged: where they are now.

        Raises:
            StoreRejected: PostgreSQL rejects the data itself.
        """
        if changes.is_empty:
            return "committed"
        while True:
            async with self._turn:
                if (place := await self._place(changes)) is not None:
                    self._note_free()
                    return place
            await asyncio.sleep(self._timeouts.retry.random_pause_s(1))

    async def recover(self, within: timedelta) -> int:
        """Move what an earlier run left in the spool to PostgreSQL; return the number of entries.

        Call it before the engine is loaded: until then PostgreSQL has an old state of the alerts. While
        PostgreSQL is away this waits, and messages wait with it: in the socket's buffer and in the senders.
        If it stays away the daemon should end, so that systemd restarts it and the failure is visible; the
        spool stays unchanged.

        Raises:
            StoreUnavailable: PostgreSQL was away all the time; the spool still holds everything.
        """
        entries = self._spool.waiting.entries
        if not entries:
            return 0
        log.warning("changes of an earlier run are in the spool, draining it", extra={"amount": entries})
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._drain()
        except TimeoutError:
            left = self._spool.waiting.entries
            raise StoreUnavailable(
                f"PostgreSQL was away for {within}; {left} entries stay in the spool"
            ) from None

    async def drain_forever(self) -> None:
        """Move the spool to PostgreSQL as soon as that is back, until cancelled."""
        while True:
            await self._filled.wait()
            await self._drain()

    async def drained(self) -> None:
        """Wait until PostgreSQL has everything; needed before alerts are loaded from it."""
        while self._spool.waiting.entries:
            self._drained.clear()
            await self._drained.wait()

    def spool_only(self) -> None:
        """Stop using PostgreSQL from now on: the daemon must end soon, and the spool is fast."""
        self._to_spool_only = True

    # One change --------------------------------------------------------------------------------

    async def _place(self, changes: Changes) -> Durability | None:
        """Make changes durable where their order allows it; None: neither place accepts them now."""
        is_in_order = not self._spool.waiting.entries and not self._to_spool_only
        if is_in_order and await self._written(changes):
            return "committed"
        return "spooled" if await self._spooled(changes) else None

    async def _written(self, changes: Changes) -> bool:
        started = perf_counter()
        try:
            await self._write(changes, self._timeouts.commit_s)
        except StoreUnavailable as error:
            self._note_away(error)
            return False
        metrics.batch_seconds.labels("commit").observe(perf_counter() - started)
        self._note_back(0)
        return True

    async def _spooled(self, changes: Changes) -> bool:
        started = perf_counter()
        try:
            await self._spool.append(changes)
        except StoreUnavailable as error:
            self._note_stuck(error)
            return False
        metrics.batch_seconds.labels("spool").observe(perf_counter() - started)
        self._filled.set()
        return True

    # Draining ----------------------------------------------------------------------------------

    async def _drain(self) -> int:
        """Empty the spool, retrying for as long as it takes; return the number of entries it held."""
        failures = 0
        drained = 0
        while self._spool.waiting.entries:
            try:
                drained += await self._drain_group(failures, is_moving=drained > 0 and failures == 0)
                failures = 0
            except StoreUnavailable:
                failures += 1
                metrics.commit_retries.inc()
                self._note_late()
                await asyncio.sleep(self._timeouts.retry.random_pause_s(failures))
                self._spool.show()
        self._filled.clear()
        self._note_back(drained)
        self._drained.set()
        return drained

    async def _drain_group(self, failures: int, *, is_moving: bool) -> int:
        """Move the oldest entries to PostgreSQL in one transaction.

        The last ones are moved while commits are blocked: otherwise there would always be a next one under
        load, and everything would go through the spool for ever.
        """
        entries = await self._spool.oldest(GROUP_WEIGHT)
        if is_moving and len(entries) == self._spool.waiting.entries:
            async with self._turn:
                entries = await self._spool.oldest(GROUP_WEIGHT)
                await self._bring(entries, self._timeouts.commit_s)
        else:
            await self._bring(entries, self._timeouts.drain.limit(failures + 1).total_seconds())
        return len(entries)

    async def _bring(self, entries: Sequence[SpoolEntry], within_s: float) -> None:
        if not entries:
            return
        with guarded_data(StoreRejected) as bringing:
            changes = await asyncio.to_thread(joined, entries)
            await self._write(changes, within_s)
        if bringing.error is not None:
            await self._bring_one_by_one(entries, within_s)
            return
        await self._spool.remove(entries[-1].position)
        metrics.spool_drained.inc(len(entries))

    async def _bring_one_by_one(self, entries: Sequence[SpoolEntry], within_s: float) -> None:
        """Find the rejected entry and move it aside, so that the others are stored."""
        for entry in entries:
            with guarded_data(StoreRejected) as bringing:
                changes = await asyncio.to_thread(entry.changes)
                await self._write(changes, within_s)
            if bringing.error is None:
                await self._spool.remove(entry.position)
                metrics.spool_drained.inc()
                continue
            await self._spool.reject(entry, repr(bringing.error))
            log.error(
                "PostgreSQL rejects spooled changes permanently, they stay in the spool's folder",
                extra={"amount": entry.weight, "error": repr(bringing.error)},
            )

    # Logging ---------------------------------------------------------------------------------

    def _note_away(self, error: StoreUnavailable) -> None:
        if self._away_since is None:
            self._away_since = perf_counter()
            log.error(
                "database is away, changes go to the spool until it is back", extra={"error": str(error)}
            )

    def _note_back(self, drained: int) -> None:
        if self._away_since is None:
            return
        seconds = round(perf_counter() - self._away_since, 3)
        self._away_since = None
        self._is_late = False
        log.info("database is back, the spool is drained", extra={"amount": drained, "seconds": seconds})

    def _note_stuck(self, error: StoreUnavailable) -> None:
        is_news = not self._refusal
        self._refusal = str(error)
        if is_news:
            remedy = "bring the database back, or make room on the disk and the folder writable"
            log.error(
                "the spool is full, senders wait for their acknowledgement",
                extra={"error": str(error), "remedy": remedy},
            )

    def _note_free(self) -> None:
        if self._refusal:
            self._refusal = ""
            log.warning("changes are durable again, senders get their acknowledgement")

    def _note_late(self) -> None:
        if not self._is_late and self._spool.age > self._timeouts.warn_age:
            self._is_late = True
            log.warning(
                "changes have been waiting in the spool for long",
                extra={"seconds": round(self._spool.age.total_seconds()), "bytes": self._spool.waiting.bytes},
            )


def joined(entries: Sequence[SpoolEntry]) -> Changes:
    """Merge the changes of several entries, each alert in its last state.

    Raises:
        StoreRejected: One of them cannot be decoded.
    """
    return joined_changes(entry.changes() for entry in entries)
