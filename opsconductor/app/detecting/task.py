"""The task that follows the series: one thread computes, the event loop stores and reports."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, time
from typing import Final, TypeVar

from opsconductor import metrics
from opsconductor.app.detecting.checkpoint import read_checkpoint, write_checkpoint
from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.app.detecting.reporting import AnomalyReporter
from opsconductor.errors import DecodeError, StoreError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert_rule import AlertRule
from opsconductor.model.anomaly import AnomalyNews
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
    """

    pool: Pool
    feed: SeriesFeed
    watch: MeasurementWatch
    reporter: AnomalyReporter
    rules: Callable[[], tuple[AlertRule, ...]]
    inventory: Callable[[], InventorySnapshot]
    data_dir: Path
    checkpoint_every_s: float


class DetectionTask:
    """Follows the feed of points in order, and never slows it: what lags is read again from the log."""

    def __init__(self, parts: DetectionParts) -> None:
        self._parts = parts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="detector")
        self._error = ""
        self._rules: tuple[AlertRule, ...] | None = None
        self._inventory: InventorySnapshot | None = None
        self._is_whole = False
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Go on from the checkpoint until cancelled; store one at the end."""
        await self._restore()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(), name="points")
                tasks.create_task(self._keep(), name="rules and checkpoints")
        finally:
            if self._is_whole:
                await self._checkpoint()
            self._thread.shutdown(wait=False)

    async def judge(self, series: int, features: dict[str, object], *, is_true: bool) -> None:
        """Take what a person has said; it is in the checkpoint when this returns."""
        async with self._lock:
            await self._compute(partial(self._parts.watch.judge, series, features, is_true=is_true))
            await self._checkpoint()

    async def _follow(self) -> None:
        async for batch in self._parts.feed.follow(self._parts.watch.sequence):
            async with self._lock:
                await self._take(batch)

    async def _take(self, batch: PointBatch) -> None:
        self._is_whole = False
        await self._store(await self._configured())
        watch, started = self._parts.watch, monotonic()
        news = await self._compute(
            partial(watch.take, batch.sequence, batch.series, batch.times, batch.values)
        )
        busy_s = monotonic() - started
        await self._store(news)
        metrics.detector_seconds.inc(busy_s)
        metrics.detector_points.inc(len(batch.series))
        if len(batch.series):
            metrics.detector_lag.set(max(0.0, time() - float(batch.times.max())))
        for anomaly in news.begun:
            metrics.anomalies_found.labels(anomaly.algorithm, str(anomaly.is_admitted).lower()).inc()
        self._is_whole = True

    async def _configured(self) -> AnomalyNews:
        """Use the present rules and devices."""
        rules, inventory = self._parts.rules(), self._parts.inventory()
        if rules is self._rules and inventory is self._inventory:
            return AnomalyNews()
        self._rules, self._inventory = rules, inventory
        return await self._compute(partial(self._parts.watch.configure, rules, inventory))

    async def _store(self, news: AnomalyNews) -> None:
        """Store what is new; wait while PostgreSQL is away: the log has the points meanwhile."""
        while news:
            try:
                await write_news(self._parts.pool, news)
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
            try:
                await self._parts.reporter.report()
            except StoreError as error:
                self._note(str(error))
                continue
            async with self._lock:
                await self._store(await self._configured())
                if monotonic() - stored >= self._parts.checkpoint_every_s and self._is_whole:
                    await self._checkpoint()
                    stored = monotonic()

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
                    "a part of the detector's checkpoint is damaged, it begins anew", extra={"part": part}
                )

    async def _checkpoint(self) -> None:
        parts = self._parts

        def write() -> int:
            return write_checkpoint(parts.data_dir, parts.watch.sequence, parts.watch.save())

        try:
            await self._compute(write)
        except OSError as error:
            log.error("the checkpoint of the detector cannot be written", extra={"error": str(error)})

    async def _compute(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _note(self, error: str) -> None:
        if bool(error) != bool(self._error):
            if error:
                log.warning("anomalies cannot be stored, the detector waits", extra={"error": error})
            else:
                log.info("anomalies are stored again")
        self._error = error
        metrics.detector_stuck.set(bool(error))
