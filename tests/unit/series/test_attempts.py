"""Background work on the series that fails: counted, logged once, reported, and nothing else is delayed."""

import logging
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.config.sections.series import SeriesSettings
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.measurement import Measurement
from opsconductor.selfcheck.doctor.series import judge_series
from opsconductor.selfcheck.watch.series import troubles_of_series
from opsconductor.series import series_store
from opsconductor.series.attempts import Attempts
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.series.chunks import BucketMark


async def fail(error: Exception) -> None:
    """Fail."""
    raise error


async def succeed() -> None:
    """Do nothing."""


async def test_the_same_failure_is_logged_once_and_forgotten_when_it_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Kinds and buckets are counted separately; while PostgreSQL is away all work waits."""
    attempts = Attempts()
    for error in (IndexError("1"), IndexError("1"), IndexError("2")):
        assert not await attempts.do("packing", fail(error), 7)
    assert not await attempts.do("limits", fail(StoreRejected("no")))
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3
    assert attempts.failures() == {"packing": "IndexError: 2", "limits": "StoreRejected: no"}
    assert await attempts.do("packing", succeed(), 8)
    assert "packing" in attempts.failures()
    assert await attempts.do("packing", succeed(), 7)
    assert await attempts.do("limits", succeed())
    assert attempts.failures() == {}
    with pytest.raises(StoreUnavailable):
        await attempts.do("limits", fail(StoreUnavailable("away")))
    assert attempts.failures() == {}


class Buckets:
    """Buckets of which one can be neither packed nor aggregated, and a log that cannot be shortened."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.marks = [BucketMark(bucket=each, sealed_at=0, sequence=0, rolled_at=0) for each in (1, 2)]
        self.is_packing = True

    def due(self, _now: object) -> list[BucketMark]:
        """Return both while they are to be packed."""
        return self.marks if self.is_packing else []

    due_to_roll = due

    async def seal(self, mark: BucketMark, *_: object) -> None:
        """Pack a bucket."""
        self.done.append(f"seal {mark.bucket}")
        if mark.bucket == 1:
            raise IndexError("bucket 1")

    async def roll(self, mark: BucketMark) -> None:
        """Aggregate a day of a bucket."""
        self.done.append(f"roll {mark.bucket}")
        if mark.bucket == 1:
            raise ZeroDivisionError("bucket 1")

    async def shorten_log(self, _now: object) -> None:
        """Fail."""
        raise TypeError("the log")


class Quiet:
    """Takes any call and does nothing."""

    error = ""
    sequence = 0

    async def flush(self) -> None:
        """Do nothing."""


async def test_no_work_that_fails_ends_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inventory, packing, aggregating and the log fail; each is tried again later, the rest is done."""

    def moved_by(*_: object) -> Any:
        raise KeyError("device")

    monkeypatch.setattr(series_store, "moved_by", moved_by)
    inventory = InventorySnapshot()
    store = SeriesStore(
        cast("Any", None), cast("Any", None), lambda: inventory, SeriesSettings(), RetentionSettings()
    )
    buckets = Buckets()
    monkeypatch.setattr(store, "_buckets", buckets)
    monkeypatch.setattr(store, "_writer", Quiet())
    rounds = 0

    async def until_due(_s: float) -> None:
        nonlocal rounds
        rounds += 1
        buckets.is_packing = rounds <= 3
        if rounds > 5:
            raise TimeoutError

    store._restored.set()
    monkeypatch.setattr(series_store, "GROUP_S", 0)
    monkeypatch.setattr(store.intake, "until_due", until_due)
    monkeypatch.setattr(buckets, "due_to_roll", lambda _now: [] if buckets.is_packing else buckets.marks)
    with pytest.raises(TimeoutError):
        await store.run()
    assert buckets.done == ["seal 1", "seal 2", "seal 2", "roll 1", "roll 2"]
    failures = store.facts().failures
    assert failures == {
        "inventory": "KeyError: 'device'",
        "packing": "IndexError: bucket 1",
        "aggregating": "ZeroDivisionError: bucket 1",
        "shortening the log": "TypeError: the log",
    }
    assert [each.resource for each in troubles_of_series(store.facts())] == [
        f"work={what}" for what in failures
    ]
    assert [each.verdict.value for each in judge_series(store.facts())] == ["bad"] * 4


async def test_only_waiting_values_are_reported_as_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Stopping while a bucket is packed reports nothing without waiting values, else their number."""
    monkeypatch.setattr(series_store, "FINISH_WITHIN_S", 0.01)
    inventory = InventorySnapshot()
    store = SeriesStore(
        cast("Any", None), cast("Any", None), lambda: inventory, SeriesSettings(), RetentionSettings()
    )
    async with store._lock:
        await store.finish()
        assert not caplog.records
        store.measure("poll", [Measurement("m", 1.0, datetime(2026, 1, 1, tzinfo=UTC), None, "a")])
        await store.finish()
    (record,) = caplog.records
    assert (record.__dict__["amount"], record.__dict__["error"]) == (1, "they were not written within 0.01 s")
