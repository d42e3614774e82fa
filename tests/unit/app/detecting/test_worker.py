"""The worker of rules and detector: failures are counted and reported, and it goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import pytest

from opsconductor.app.detecting.checkpoint import read_checkpoint
from opsconductor.app.detecting.lost import LostAnomalies
from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.app.detecting.progress import LATE_S, MEMORY_S, OFTEN, DetectorFacts, WorkerProgress
from opsconductor.app.detecting.reporting import AnomalyReporter
from opsconductor.app.detecting.task import DetectionParts, DetectionTask
from opsconductor.app.measuring.health import with_measurements
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from opsconductor.errors import StoreUnavailable
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.anomaly import AnomalyNews
from opsconductor.selfcheck.doctor.detector import judge_detector
from opsconductor.selfcheck.doctor.finding import FindingVerdict
from opsconductor.selfcheck.watch.detector import troubles_of_detector
from opsconductor.series.feed import Backlog, SeriesFeed
from opsconductor.series.points import PointBatch
from opsconductor.series.series_store import SeriesFacts
from opsconductor.store.postgres.connection import Pool
from opsconductor.thresholds.monitor import Floats, Ids

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
WELL = DetectorFacts(series=2, batch_at=AT, checkpoint_at=AT)


class Feed(SeriesFeed):
    """A feed of a few batches that cannot be read at first."""

    def __init__(self, last: int) -> None:
        super().__init__(cast("Pool", None), list)
        self.asked: list[int] = []
        self._last = last

    async def follow(self, after: int) -> AsyncIterator[PointBatch]:
        """Fail at first, then yield the batches, then wait."""
        self.asked.append(after)
        if len(self.asked) == 1:
            raise StoreUnavailable("away")
        for sequence in range(after + 1, self._last + 1):
            batch = batch_of(sequence)
            self.publish(batch)
            yield batch
        await asyncio.Event().wait()


class Watch(MeasurementWatch):
    """A watch that fails with some batches."""

    def __init__(self, fails: set[int]) -> None:
        super().__init__(lambda _: None, DetectionSettings(), DetectorConfig())
        self.taken: list[int] = []
        self._fails = fails

    def take(self, sequence: int, series: Ids, times: Floats, values: Floats) -> AnomalyNews:
        """Take a batch, or fail."""
        self.taken.append(sequence)
        if sequence in self._fails:
            raise IndexError(f"batch {sequence}")
        return super().take(sequence, series, times, values)


class Reporter(AnomalyReporter):
    """Reports nothing."""

    def __init__(self) -> None:
        pass

    async def report(self) -> int:
        """Report nothing."""
        return 0


class Lost(LostAnomalies):
    """A stand-in that ends nothing, once the log is judged."""

    def __init__(self) -> None:
        self.is_done = False
        self.asked: list[int] = []

    async def is_due(self, sequence: int) -> bool:
        """Return True after the third batch."""
        self.asked.append(sequence)
        return sequence >= 3

    async def end(self, known: Collection[UUID], at: datetime) -> None:
        """End nothing."""
        del known, at
        self.is_done = True


def batch_of(sequence: int) -> PointBatch:
    """Return a batch with a value each of two series."""
    times = np.full(2, 1.8e9 + 60 * sequence)
    return PointBatch(sequence=sequence, series=np.array([0, 1], np.int32), times=times, values=times * 0)


def worker(watch: Watch, feed: Feed, folder: Path) -> DetectionTask:
    """Return a worker that needs no database, because nothing is found."""
    inventory = InventorySnapshot()
    return DetectionTask(
        DetectionParts(
            pool=cast("Pool", None),
            feed=feed,
            watch=watch,
            reporter=Reporter(),
            rules=tuple,
            inventory=lambda: inventory,
            data_dir=folder,
            checkpoint_every_s=3_600,
            lost=Lost(),
        )
    )


async def run_until(task: DetectionTask, holds: Callable[[], bool]) -> None:
    """Run a worker until a condition holds."""
    running = asyncio.create_task(task.run())
    async with asyncio.timeout(20):
        while not holds():
            assert not running.done(), running
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_batch_that_fails_is_counted_and_the_next_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It neither ends nor repeats a batch; the state of the good ones is in the checkpoint."""
    watch, feed = Watch({2}), Feed(3)
    task = worker(watch, feed, tmp_path)
    with caplog.at_level(logging.INFO):
        await run_until(task, lambda: watch.sequence == 3 and not task.facts().waiting)
    facts = task.facts()
    assert watch.taken == [1, 2, 3]
    assert (facts.failures, facts.failed_lately, facts.failure) == (1, 1, "IndexError: batch 2")
    assert (facts.series, facts.stuck, facts.waiting, facts.lag_s) == (2, "", 0, 0.0)
    assert facts.checkpoint_at is not None
    stored = read_checkpoint(tmp_path)
    assert stored is not None
    assert stored[0] == 3
    logged = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert logged == [
        "the detector waits for PostgreSQL",
        "a batch of measured values could not be judged",
    ]
    again = worker(Watch(set()), Feed(3), tmp_path)
    await run_until(again, lambda: again.facts().checkpoint_at is not None)
    assert (again.facts().series, again.facts().batch_at) == (2, None)


async def test_the_same_failure_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """All are counted; a state in which no batch was complete is not stored."""

    class Same(Watch):
        def take(self, sequence: int, series: Ids, times: Floats, values: Floats) -> AnomalyNews:
            del series, times, values
            self.taken.append(sequence)
            raise IndexError("out of bounds")

    watch = Same(set())
    task = worker(watch, Feed(OFTEN), tmp_path)
    await run_until(task, lambda: task.facts().failures == OFTEN)
    assert [each.message for each in caplog.records].count(
        "a batch of measured values could not be judged"
    ) == 1
    assert task.facts().fails_often
    assert read_checkpoint(tmp_path) is None


def test_the_backlog_is_reported_with_its_age_and_failures_are_forgotten() -> None:
    """The oldest batch that is not done counts, not the newest."""
    now, asked = [0.0], list[int]()

    def backlog(after: int) -> Backlog:
        asked.append(after)
        return Backlog(4, 400.0)

    progress = WorkerProgress(backlog, lambda: now[0])
    progress.done(7)
    assert progress.failed(ValueError("x"))
    assert not progress.failed(ValueError("x"))
    assert progress.facts().is_late
    assert asked == [7]
    now[0] = MEMORY_S + 1
    assert (progress.facts().failed_lately, progress.facts().failures) == (0, 2)
    feed = SeriesFeed(cast("Pool", None), list)
    for sequence in (1, 2, 3):
        feed.publish(batch_of(sequence))
    assert feed.backlog(1).batches == 2
    assert feed.backlog(3) == Backlog(0, 0.0)


CASES: dict[str, tuple[dict[str, Any], list[str], list[FindingVerdict]]] = {
    "well": ({}, [], [FindingVerdict.OK]),
    "behind": ({"waiting": 3, "lag_s": LATE_S}, [], [FindingVerdict.OK]),
    "late": ({"waiting": 400, "lag_s": LATE_S + 1}, ["late"], [FindingVerdict.BAD]),
    "stuck": ({"stuck": "away"}, [], [FindingVerdict.BAD]),
    "failed once": ({"failed_lately": 1, "failure": "E: x"}, [], [FindingVerdict.WARNING]),
    "fails often": ({"failed_lately": OFTEN, "failure": "E: x"}, ["failing"], [FindingVerdict.BAD]),
    "no room": ({"checkpoint_error": "no space"}, ["checkpoint"], [FindingVerdict.WARNING]),
}


@pytest.mark.parametrize(("changed", "alerts", "verdicts"), CASES.values(), ids=CASES)
def test_a_fault_is_an_alert_and_a_finding(
    changed: dict[str, Any], alerts: list[str], verdicts: list[FindingVerdict]
) -> None:
    """Each finding that is not well has a remedy; health is degraded with the parts that need attention."""
    facts = replace(WELL, **changed)
    found = judge_detector(facts)
    assert [each.verdict for each in found] == verdicts
    assert all(each.remedy for each in found if each.verdict is not FindingVerdict.OK)
    types = [each.alert_type for each in troubles_of_detector(facts)]
    assert types == [f"application_detector_{name}" for name in alerts]
    series = SeriesFacts(series=2, waiting=0, open=0, outcomes={}, limited={}, error="")
    health = with_measurements(lambda: {"status": "ok"}, lambda: series, lambda: facts)()
    assert health["status"] == ("ok" if facts.is_well else "degraded")
    assert cast("dict[str, object]", health["detector"])["checkpoint_at"] == "2026-11-29T12:00:00+00:00"


def test_the_doctor_says_how_far_the_worker_is() -> None:
    """Series, lag, last batch and checkpoint are in one line."""
    text = judge_detector(replace(WELL, waiting=2, lag_s=4.2))[0].text
    assert text == (
        "2 series known, 4 s behind (2 batches wait); "
        "last batch 2026-11-29 12:00:00 UTC, last checkpoint 2026-11-29 12:00:00 UTC"
    )
