"""What waits for the database is logged once, and once more when it goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from opsconductor.app.analysing import jobs
from opsconductor.app.analysing.jobs import DatasetJobs
from opsconductor.app.reporting import sending
from opsconductor.app.reporting.sending import ReportSender
from opsconductor.config.sections.dataset import DatasetSettings
from opsconductor.datasets.files import DatasetFiles
from opsconductor.errors import StoreUnavailable
from opsconductor.store.datasets import jobs as store

NO_POOL: Any = None


def answers(then: asyncio.Event, result: Any) -> Callable[..., Awaitable[Any]]:
    """Return a query that fails three times, then succeeds and sets an event."""
    failures = iter([StoreUnavailable("away")] * 3)

    async def query(*_: object) -> Any:
        if (failure := next(failures, None)) is not None:
            raise failure
        then.set()
        return result

    return query


async def test_jobs_of_datasets(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However often the query is repeated."""
    caplog.set_level("INFO")
    back = asyncio.Event()
    monkeypatch.setattr(jobs, "RETRY_S", 0)
    monkeypatch.setattr(store, "restart_jobs", answers(back, 0))
    dataset_jobs = DatasetJobs(pool=NO_POOL, files=DatasetFiles(folder=tmp_path), settings=DatasetSettings())
    running = asyncio.create_task(dataset_jobs.run())
    await back.wait()
    running.cancel()
    assert caplog.messages == ["jobs of datasets wait for the database", "jobs of datasets continue"]


async def test_reports(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are sent, however often they are looked for."""
    caplog.set_level("INFO")
    back = asyncio.Event()
    monkeypatch.setattr(sending, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(sending, "read_undelivered", answers(back, ()))
    running = asyncio.create_task(ReportSender(NO_POOL, lambda _: None).keep())
    await back.wait()
    await asyncio.sleep(0)
    running.cancel()
    assert caplog.messages == ["reports are sent later", "reports are sent again"]
