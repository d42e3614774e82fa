"""The task that follows the series: one thread computes, the event loop stores and reports."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, time
from typing import Final, TypeVar

from opsconductor import metrics
from opsconductor.app.detecting.checkpoint import checkpoint_at, read_checkpoint, write_checkpoint
from opsconductor.app.detecting.lost import LostAnomalies
from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.app.detecting.progress import DetectorFacts, WorkerProgress
from opsconductor.app.detecting.reporting import AnomalyReporter
from opsconductor.app.detecting.slices import slices_of
from opsconductor.detect.config import DetectorConfig
from opsconductor.errors import DecodeError, StoreError, StoreRejected
from opsconductor.guard import guarded
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.model.measured.anomaly import AnomalyNews
from opsconductor.series.feed import SeriesFeed
from opsconductor.series.points import PointBatch
from opsconductor.store.anomalies.rows import write_news
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

Result = TypeVar("Result")
RETRY_S: Final = 1.0
RULES_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionParts:
    """What the task works with.

    Attributes:
        rules: Returns the rules in force; `inventory` the devices.
        checkpoint_every_s: Interval of checkpoints.
        lost: Ends the open anomalies that are not in the state of rules and detector.
    """

    pool: Pool
    feed: SeriesFeed
    watch: MeasurementWatch
    reporter: AnomalyReporter
    rules: Callable[[], tuple[AlertRule, ...]]
    inventory: Callable[[], InventorySnapshot]
    data_dir: Path
    checkpoint_every_s: float
    lost: LostAnomalies


class DetectionTask:
    """Follows the feed of points in order, and never slows it: what lags is read again from the log."""

    def __init__(self, parts: DetectionParts) -> None:
        self._parts = parts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="detector")
        self._progress = WorkerProgress(parts.feed.backlog)
        self._rules: tuple[AlertRule, ...] | None = None
        self._inventory: InventorySnapshot | None = None
        self._is_whole = False
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Continue from the checkpoint until cancelled; store one at the end."""
        await self._restore()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(), name="points")
                tasks.create_task(self._keep(), name="rules and checkpoints")
        finally:
            if self._is_whole:
                await self._checkpoint()
            self._thread.shutdown(wait=False, cancel_futures=True)

    def facts(self) -> DetectorFacts:
        """Return how far the worker is, and what prevents it."""
        return replace(self._progress.facts(), has_settled=self._parts.lost.is_done)

    async def judge(self, series: int, features: dict[str, object], *, is_true: bool) -> None:
        """Record a person's judgement; it is in the checkpoint when this returns."""
        async with self._lock:
            await self._compute(partial(self._parts.watch.judge, series, features, is_true=is_true))
            await self._checkpoint()

    async def adopt(self, config: DetectorConfig) -> None:
        """Continue with other hyperparameters; they are in the checkpoint when this returns."""
        async with self._lock:
            await self._store(await self._compute(partial(self._parts.watch.adopt, config)))
            if self._is_whole:
                await self._checkpoint()

    async def _follow(self) -> None:
        """Follow the feed until cancelled; when it cannot be read, try again."""
        while True:
            with guarded() as attempt:
                await self._take_all()
            if isinstance(attempt.error, StoreError):
                self._note(str(attempt.error))
            else:
                self._note_failure("the log of measured values could not be read", attempt.error)
            await asyncio.sleep(RETRY_S)

    async def _take_all(self) -> None:
        """Take one batch after the other; one that fails is counted, and the next is taken.

        Raises:
            StoreUnavailable: The log of points cannot be read.
        """
        async for batch in self._parts.feed.follow(self._progress.sequence):
            async with self._lock:
                with guarded() as attempt:
                    await self._take(batch)
                self._progress.done(batch.sequence)
            self._note_failure("a batch of measured values could not be judged", attempt.error)

    async def _take(self, batch: PointBatch) -> None:
        """Judge a batch in parts; if it is stopped between them, it is read again whole at the next start."""
        self._is_whole = False
        await self._store(await self._configured())
        for part in slices_of(batch):
            await self._take_part(part)
        self._is_whole = True

    async def _take_part(self, batch: PointBatch) -> None:
        watch, started = self._parts.watch, monotonic()
        news = await self._compute(
            partial(watch.take, batch.sequence, batch.series, batch.times, batch.values)
        )
        busy_s = monotonic() - started
        await self._store(news)
        self._note("")
        self._progress.knows(watch.known)
        metrics.detector_seconds.inc(busy_s)
        metrics.detector_points.inc(len(batch.series))
        if len(batch.series):
            metrics.detector_lag.set(max(0.0, time() - float(batch.times.max())))
        for anomaly in news.begun:
            metrics.anomalies_found.labels(anomaly.algorithm, str(anomaly.is_admitted).lower()).inc()

    async def _configured(self) -> AnomalyNews:
        """Use the present rules and devices."""
        rules, inventory = self._parts.rules(), self._parts.inventory()
        if rules is self._rules and inventory is self._inventory:
            return AnomalyNews()
        ended = await self._compute(partial(self._parts.watch.configure, rules, inventory))
        self._rules, self._inventory = rules, inventory
        return ended

    async def _store(self, news: AnomalyNews) -> None:
        """Store what is new; wait while PostgreSQL is away: the log has the points meanwhile.

        Raises:
            StoreRejected: PostgreSQL does not take it, and would not at another time.
        """
        while news:
            try:
                await write_news(self._parts.pool, news)
            except StoreRejected:
                raise
            except StoreError as error:
                self._note(str(error))
                await asyncio.sleep(RETRY_S)
            else:
                self._note("")
                return

    async def _keep(self) -> None:
        """Report to the pipeline, follow the rules while no points come, and store checkpoints."""
        stored = monotonic()
        while True:
            await asyncio.sleep(RULES_EVERY_S)
            with guarded() as attempt:
                stored = await self._tend(stored)
            if isinstance(attempt.error, StoreError) and not isinstance(attempt.error, StoreRejected):
                self._note(str(attempt.error))
            else:
                self._note_failure("rules and anomalies could not be brought up to date", attempt.error)

    async def _tend(self, stored: float) -> float:
        """Do what is due; return when a checkpoint was stored last."""
        await self._parts.reporter.report()
        async with self._lock:
            await self._store(await self._configured())
            await self._store(await self._compute(partial(self._parts.watch.report_due, time())))
            await self._end_lost()
            self._note("")
            if monotonic() - stored >= self._parts.checkpoint_every_s and self._is_whole:
                await self._checkpoint()
                return monotonic()
        return stored

    async def _end_lost(self) -> None:
        """End what is open in PostgreSQL and nowhere else, once the log is judged up to the start.

        Raises:
            StoreError: It is tried again.
        """
        watch, lost = self._parts.watch, self._parts.lost
        if not lost.is_done and await lost.is_due(self._progress.sequence):
            at = datetime.fromtimestamp(watch.at or time(), UTC)
            await lost.end(await self._compute(watch.open_ids), at)

    async def _restore(self) -> None:
        parts = self._parts
        try:
            found = await asyncio.to_thread(read_checkpoint, parts.data_dir)
        except DecodeError as error:
            log.error(
                "the checkpoint of the detector is damaged, it begins anew", extra={"error": str(error)}
            )
            return
        if found is not None:
            damaged = await self._compute(partial(parts.watch.restore, *found))
            for part in damaged:
                log.error(
                    "a part of the detector's checkpoint cannot be used, it begins anew",
                    extra={"reason": part},
                )
            written_at = await asyncio.to_thread(checkpoint_at, parts.data_dir)
            self._progress.restored(parts.watch.sequence, parts.watch.known, written_at)

    async def _checkpoint(self) -> None:
        parts = self._parts

        def write() -> int:
            return write_checkpoint(parts.data_dir, parts.watch.sequence, parts.watch.save())

        try:
            await self._compute(write)
        except OSError as error:
            self._progress.checkpoint(str(error))
            log.error("the checkpoint of the detector cannot be written", extra={"error": str(error)})
        else:
            self._progress.checkpoint()

    async def _compute(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _note_failure(self, what: str, error: Exception | None) -> None:
        """Count a failure, and log it unless the last one was the same."""
        if error is None:
            return
        metrics.detector_failures.inc()
        if self._progress.failed(error):
            log.error(what, exc_info=error)

    def _note(self, error: str) -> None:
        if self._progress.stuck(error):
            if error:
                log.warning("the detector waits for PostgreSQL", extra={"error": error})
            else:
                log.info("the detector continues")
        metrics.detector_stuck.set(bool(error))
