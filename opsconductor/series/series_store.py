"""The series of measured values as a whole: what it offers to other parts, and the task that runs it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from opsconductor import metrics
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.config.sections.series import SeriesSettings
from opsconductor.errors import StoreError, StoreUnavailable
from opsconductor.guard import guarded
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.measurement import Measurement
from opsconductor.series.aggregates import TimeSlots
from opsconductor.series.attempts import Attempts
from opsconductor.series.buckets import OpenPoints
from opsconductor.series.external.store import ExternalFacts, ExternalStore
from opsconductor.series.feed import SeriesFeed
from opsconductor.series.intake import SeriesIntake
from opsconductor.series.marks import BucketWork
from opsconductor.series.moving import moved_by
from opsconductor.series.points import Points
from opsconductor.series.query import KeptFor, SeriesQuery, WantedPoints
from opsconductor.series.rates import LatestValues
from opsconductor.series.registry import SeriesRegistry
from opsconductor.series.writer import BatchWriter, SeriesMemory, TimeLimits
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.series.chunks import millis_of
from opsconductor.store.series.rows import empty_series

log = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 1.0
GROUP_S: Final = 0.02
"""After the first post that waits, others may join it for this long."""
RETRY_S: Final = 1.0
HOUSEKEEPING_EVERY_S: Final = 60.0
SWEEP_EVERY_S: Final = 86_400.0
POSTPONED_S: Final = 300.0
"""Work on a bucket that fails for an unknown reason is tried again after this time."""
FINISH_WITHIN_S: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """State of the series, for health, metrics and doctor.

    Attributes:
        waiting: Points that wait to be written.
        open: Points in memory and in the log, not in chunks yet.
        outcomes: Points by outcome since the start.
        limited: Sources whose series were refused because of a bound, with the refused points.
        error: Why nothing can be written; empty: it can.
        failures: What else fails, by the kind of work; it is tried again.
        external: State of writing to the external store; None: nothing is written.
    """

    series: int
    waiting: int
    open: int
    outcomes: Mapping[str, int]
    limited: Mapping[str, int]
    error: str
    failures: Mapping[str, str] = field(default_factory=dict)
    external: ExternalFacts | None = None


class SeriesStore:
    """Series, their points and the work on them.

    Attributes:
        registry: All series.
        intake: Takes points.
        feed: Hands new points to other parts.
        external: A store that has the points as well; None: there is none.
    """

    def __init__(
        self,
        pool: Pool,
        database: RequestDatabase,
        inventory: Callable[[], InventorySnapshot],
        settings: SeriesSettings,
        retention: RetentionSettings,
        external: ExternalStore | None = None,
    ) -> None:
        self._pool = pool
        self.external = external
        self._inventory = inventory
        self.registry = SeriesRegistry(pool, settings)
        self.intake = SeriesIntake(settings.queue_points)
        self.feed = SeriesFeed(pool, self.registry.counters)
        self._memory = SeriesMemory(registry=self.registry, open=OpenPoints(), latest=LatestValues())
        self._buckets = BucketWork(pool, self._memory)
        limits = TimeLimits(past=timedelta(days=retention.points_days), future=settings.future)
        self._writer = BatchWriter(
            pool, self._memory, self.intake, self.feed, inventory=inventory, limits=limits
        )
        kept = KeptFor(retention.points_days, retention.points_5m_days, retention.points_1h_days)
        self._query = SeriesQuery(database, self.registry, self._memory.open, self._buckets, kept)
        self._lock = asyncio.Lock()
        self._restored = asyncio.Event()
        self._known_inventory: InventorySnapshot | None = None
        self._postponed: dict[tuple[str, int], float] = {}
        self._attempts = Attempts()
        self._next_housekeeping_s = 0.0
        self._next_sweep_s = time.monotonic() + HOUSEKEEPING_EVERY_S
        self._error = ""

    async def load(self) -> None:
        """Read series and marks; the log is read by `run`.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        await self.registry.load()
        self._memory.latest.note_counters(self.registry.counters())
        await self._buckets.load(datetime.now(UTC))

    def measure(self, source: str, measurements: Sequence[Measurement]) -> None:
        """Take values of a connector; never waits."""
        self.intake.put(measurements, source)

    async def points(self, series: Sequence[int], wanted: WantedPoints) -> Mapping[int, Points]:
        """Return the points of series, counters as rates; an id that does not exist has none.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        await self._restored.wait()
        return await self._query.points(series, wanted, millis_of(datetime.now(UTC)))

    async def slots(self, series: Sequence[int], wanted: WantedPoints) -> Mapping[int, TimeSlots]:
        """Return all aggregates of the points of series; see `points`."""
        await self._restored.wait()
        return await self._query.slots(series, wanted, millis_of(datetime.now(UTC)))

    def last_at(self, series: int) -> int:
        """Return the time (ms) of the newest point of a series since the last start; 0: there is none."""
        return self._memory.latest.time_of(series)

    async def delete(self, ids: Sequence[int]) -> int:
        """Delete series with all their points; return how many existed.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        async with self._lock:
            return await self.registry.delete(ids)

    def facts(self) -> SeriesFacts:
        """Return the state of the series."""
        external = self.external
        return SeriesFacts(
            series=len(self.registry),
            waiting=self.intake.waiting,
            open=len(self._memory.open),
            outcomes=dict(self.intake.counts),
            limited=dict(self.intake.limited),
            error=self._writer.error or self._error,
            failures=self._attempts.failures(),
            external=external.facts() if external is not None and external.is_writing else None,
        )

    def tasks(self) -> Mapping[str, Coroutine[None, None, None]]:
        """Return the tasks that run until the daemon stops."""
        tasks = {"series": self.run()}
        if self.external is not None and self.external.is_writing:
            tasks["external series"] = self.external.run(self.feed, self.registry.describe)
        return tasks

    async def run(self) -> None:
        """Write what comes in, seal and aggregate, until cancelled."""
        await self._restore()
        while True:
            await self.intake.until_due(FLUSH_EVERY_S)
            await asyncio.sleep(GROUP_S)
            try:
                async with self._lock:
                    if (inventory := self._inventory()) is not self._known_inventory:
                        await self._attempts.do("inventory", self._follow(inventory))
                    await self._attempts.do("writing", self._writer.flush())
                    await self._work(datetime.now(UTC))
                metrics.series_waiting.set(self.intake.waiting)
                metrics.series_known.set(len(self.registry))
                self._note("")
            except StoreError as error:
                self._note(str(error))
                await asyncio.sleep(RETRY_S)

    async def finish(self) -> None:
        """Write what waits, at the end of the daemon; what cannot be written in time is lost and counted."""
        try:
            async with asyncio.timeout(FINISH_WITHIN_S), self._lock:
                if self._restored.is_set():
                    await self._writer.flush()
        except (StoreError, TimeoutError) as error:
            if self.intake.waiting:
                why = str(error) or f"they were not written within {FINISH_WITHIN_S:g} s"
                about = {"amount": self.intake.waiting, "error": why}
                log.warning("measured values that waited are lost", extra=about)

    async def _restore(self) -> None:
        while not self._restored.is_set():
            try:
                if await self._attempts.do("reading the log", self._read_log()):
                    self._restored.set()
                    return
            except StoreError as error:
                self._note(str(error))
            await asyncio.sleep(RETRY_S)

    async def _read_log(self) -> None:
        restored = await self._buckets.restore()
        if restored.damaged:
            log.error("batches of measured values are damaged", extra={"amount": restored.damaged})
        log.info("measured values are read from the log", extra={"amount": restored.points})
        self._writer.sequence = restored.sequence

    async def _work(self, now: datetime) -> None:
        """Do a little of the work that waits: one bucket at a time, so that posts do not wait long."""
        moment = time.monotonic()
        for mark in self._buckets.due(now):
            if self._is_ready(("packing", mark.bucket), moment):
                work = self._buckets.seal(mark, now, self._writer.sequence)
                await self._do_bucket("packing", mark.bucket, work, moment)
                return
        for mark in self._buckets.due_to_roll(now):
            if self._is_ready(("aggregating", mark.bucket), moment):
                await self._do_bucket("aggregating", mark.bucket, self._buckets.roll(mark), moment)
                break
        if moment >= self._next_housekeeping_s:
            self._next_housekeeping_s = moment + HOUSEKEEPING_EVERY_S
            await self._attempts.do("shortening the log", self._buckets.shorten_log(now))
            await self._attempts.do("limits", self.registry.note_limited(self.intake.limited))
            await self._attempts.do("sources", self.registry.describe_sources())
        if moment >= self._next_sweep_s:
            self._next_sweep_s = moment + SWEEP_EVERY_S
            await self._attempts.do("series without points", self._sweep(now))

    def _is_ready(self, work: tuple[str, int], moment: float) -> bool:
        return self._postponed.get(work, 0.0) <= moment

    async def _do_bucket(self, what: str, bucket: int, work: Awaitable[object], moment: float) -> None:
        """Do the work of one bucket; one that fails is tried again later, and delays no other."""
        if await self._attempts.do(what, work, bucket):
            self._postponed.pop((what, bucket), None)
        else:
            self._postponed[what, bucket] = moment + POSTPONED_S

    async def _sweep(self, now: datetime) -> None:
        """Delete series without points."""
        idle = [
            each.id
            for each in self.registry.all()
            if not self.last_at(each.id) and now - each.created_at > timedelta(days=1)
        ]
        if idle and (empty := await empty_series(self._pool, idle, now - timedelta(days=1))):
            amount = await self.registry.delete(empty)
            log.info("series without points are deleted", extra={"amount": amount})

    async def _follow(self, inventory: InventorySnapshot) -> None:
        """Move series to the present keys of their devices."""
        known = self.registry.all()
        with guarded() as attempt:
            moved = await asyncio.to_thread(lambda: list(moved_by(inventory, known)))
            await self.registry.move(moved)
        if not isinstance(attempt.error, StoreUnavailable):
            self._known_inventory = inventory  # what it fails with is not tried again until there is another
        if attempt.error is not None:
            raise attempt.error

    def _note(self, error: str) -> None:
        """Log once when points cannot be written, and once when they can again."""
        if bool(error) != bool(self._error):
            if error:
                log.warning("measured values cannot be written", extra={"error": error})
            else:
                log.info("measured values are written again")
        self._error = error
