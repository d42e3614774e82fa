"""Versions of the detector: exactly one is in production, and only a better one can be promoted."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import numpy as np
import pytest
from aiohttp import ClientSession

from opsconductor.app.detecting.versions.evaluations import WORKER, ModelEvaluations
from opsconductor.app.detecting.versions.live import DetectorModels
from opsconductor.app.detecting.versions.models import DetectorVersions
from opsconductor.detect.config import DetectorConfig
from opsconductor.series.points import Points
from opsconductor.store.access.audit import Author
from opsconductor.store.access.local_token import ensure_local_token
from opsconductor.store.anomalies.models import list_models
from tests.support.api.api_stage import Stage, caller, serving
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

ANNA = Author(name="anna")
STATES = "SELECT version, status FROM ml_models ORDER BY version"
AUDIT = "SELECT details FROM audit_log WHERE action = 'model.promote'"


async def test_the_hyperparameters_of_a_release_are_promoted_at_its_start(
    pool: asyncpg.Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An upgrade with others promotes a new version, a downgrade the old one; a restart changes nothing."""
    versions = DetectorVersions(pool=pool, data_dir=tmp_path)
    first = DetectorConfig()
    second = replace(first, open_days=200.0)
    with caplog.at_level(logging.INFO, "opsconductor.app.detecting"):
        for wanted, states in (
            (first, ["production"]),
            (replace(first, zone="Europe/Berlin"), ["production"]),
            (second, ["deprecated", "production"]),
            (second, ["deprecated", "production"]),
            (first, ["production", "deprecated"]),
        ):
            await versions.put_in_production(wanted)
            assert [row["status"] for row in await pool.fetch(STATES)] == states
    promoted = [(1, None), (2, 1), (1, 2)]
    details = [row["details"] for row in await pool.fetch(AUDIT)]
    read = [json.loads(each) if isinstance(each, str) else each for each in details]
    assert {(each["version"], each["before"]) for each in read} == set(promoted)
    assert len(read) == len(promoted)
    assert [record.message for record in caplog.records] == [
        "a version of the detector is in production now"
    ] * len(promoted)
    for row in await list_models(pool):
        content = (tmp_path / row["artifact_path"]).read_bytes()
        assert sha256(content).hexdigest() == row["artifact_sha256"]
        assert json.loads(content)["open_days"] == row["hyperparameters"]["open_days"]


FIGURES = {"precision": 0.5, "recall": 0.5, "auc": 0.9, "found": 20, "wanted": 40, "false": 20}
NO_FEEDBACK = {"true": 0, "false": 0, "precision": None, "recall": None, "f1": None}


def worker_that_says(document: object) -> Sequence[str]:
    """Return the command of a process that reports progress and a result."""
    lines = [json.dumps({"share": 0.5, "step": "replay"}), json.dumps(document)]
    return (sys.executable, "-c", f"print({lines[0]!r}); print({lines[1]!r})")


def scored(own: float, other: float) -> Sequence[str]:
    """Return the command of a process that finds these F1 of candidate and production."""
    both = {
        name: {**FIGURES, "f1": f1, "feedback": NO_FEEDBACK}
        for name, f1 in (("candidate", own), ("production", other))
    }
    return worker_that_says({"done": {"planted": 40, **both}})


@dataclass
class HourlySeries:
    """Twenty series with a value an hour for eight days, as far as an evaluation asks."""

    registry: Any = field(
        default_factory=lambda: SimpleNamespace(
            all=lambda: [SimpleNamespace(id=each) for each in range(1, 21)]
        )
    )

    async def points(self, series: Sequence[int], wanted: Any) -> dict[int, Points]:
        """Return a day's course with some noise."""
        times = np.arange(wanted.start, wanted.end, 3_600_000, dtype=np.int64)
        noise = np.random.default_rng(1)
        return {
            each: Points(times, 50 + 5 * np.sin(times / 86.4e6 * 2 * np.pi) + noise.normal(size=len(times)))
            for each in series
        }


@dataclass
class World:
    """The versions of a detector, and the settings that it was given."""

    models: DetectorModels
    adopted: list[DetectorConfig]


def at_once() -> asyncio.Event:
    """Return an event that has happened."""
    event = asyncio.Event()
    event.set()
    return event


@asynccontextmanager
async def world(pool: asyncpg.Pool, folder: Path, begin: asyncio.Event | None = None) -> AsyncIterator[World]:
    """Run versions of the detector, the release's in production, and from `begin` on their evaluations."""
    versions = DetectorVersions(pool=pool, data_dir=folder)
    await versions.put_in_production(DetectorConfig())
    series: Any = HourlySeries()
    evaluations = ModelEvaluations(pool=pool, series=series, data_dir=folder, zone="UTC")
    adopted: list[DetectorConfig] = []

    async def adopt(config: DetectorConfig) -> None:
        adopted.append(config)

    async def run() -> None:
        await begin.wait()
        await evaluations.run()

    begin = begin or at_once()
    running = asyncio.create_task(run())
    try:
        yield World(DetectorModels(versions=versions, evaluations=evaluations, adopt=adopt), adopted)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_person_registers_evaluates_and_promotes_only_what_is_better(
    stage: Stage, pool: asyncpg.Pool, tmp_path: Path, database_url: str
) -> None:
    """On a terminal: refused before an evaluation and when it is worse; then the detector uses it."""
    await ensure_local_token(pool, tmp_path)
    async with world(pool, tmp_path) as here, serving(stage, models=here.models) as url:
        listen = url.removeprefix("http://")
        (tmp_path / "opsconductor.yaml").write_text(
            f"data_dir: {tmp_path}\napi: {{listen: '{listen}'}}\ndatabase: {{url: '{database_url}'}}\n"
        )
        terminal, evaluations = Terminal(tmp_path, {}), here.models.evaluations
        assert "Version 2 is registered" in await terminal.run("models", "register", "open_days=1000000")
        again = await terminal.run("models", "register", "open_days=1e6", fails=True)
        assert "version 2, registered, has these hyperparameters" in again
        assert "never evaluated" in await terminal.run("models", "promote", "2", fails=True)
        assert evaluations.worker == WORKER, "the real process, on points of eight days"
        output = await terminal.run("models", "evaluate", "2", "--days", "8", "--seed", "5")
        assert "seed 5: " in output
        refused = await terminal.run("models", "promote", "2", fails=True)
        assert "version 2 is not better on replay: f1 0" in refused
        assert "version 1, in production: f1 0." in refused
        evaluations.worker = scored(0.8, 0.7)
        await terminal.run("models", "evaluate", "2")
        assert here.adopted == []
        assert "Version 2 is in production" in await terminal.run("models", "promote", "2")
        assert here.adopted == [DetectorConfig(open_days=1e6)]
        assert "cannot be retired" in await terminal.run("models", "retire", "2", fails=True)
        assert "Version 1 is deprecated" in await terminal.run("models", "retire", "1")
    assert [tuple(row) for row in await pool.fetch(STATES)] == [(1, "deprecated"), (2, "production")]
    actions = await pool.fetch(
        "SELECT action, actor, details FROM audit_log WHERE action LIKE 'model.%' ORDER BY seq"
    )
    assert [row["action"].removeprefix("model.") for row in actions] == [
        "promote", "register", "evaluate", "evaluate", "promote", "retire",
    ]  # fmt: skip
    assert actions[-2]["details"]["figures"]["f1"] == 0.8
    kept = await here.models.versions.put_in_production(replace(DetectorConfig(), clip=4.0))
    assert kept.open_days == 1e6, "what a person promoted stays with another release"
    assert [row["status"] for row in await pool.fetch(STATES)] == ["deprecated", "production", "registered"]


async def test_a_failed_evaluation_has_its_reason(
    stage: Stage, pool: asyncpg.Pool, tmp_path: Path, http: ClientSession
) -> None:
    """A process that ends, a daemon that ended, a file that was changed, values out of bounds."""
    async with world(pool, tmp_path) as here, serving(stage, models=here.models) as url:
        admin, viewer = await caller(stage, http, url, "admin"), await caller(stage, http, url, "viewer")
        worse = {"hyperparameters": {"open_days": 50, "close_days": 60}}
        assert (await admin.ask("POST", "/models", json=worse)).status == 422
        assert (await admin.ask("POST", "/models", json={"hyperparameters": {"clip": 0}})).status == 422
        body = {"hyperparameters": {"clip": 5}}
        assert (await viewer.ask("POST", "/models", json=body)).status == 403
        made = (await admin.ask("POST", "/models", json=body)).data
        here.models.evaluations.worker = worker_that_says({"failed": "too little history"})
        path = f"/models/{made['id']}"
        assert (await admin.ask("POST", f"{path}/evaluate", json={"seed": 3})).status == 200
        async with asyncio.timeout(60):
            while (row := (await admin.ask("GET", path)).data)["status"] == "evaluating":
                await asyncio.sleep(0.02)
        assert (row["training_data_info"]["failed"], row["metrics"]) == ("too little history", {})
        (tmp_path / row["artifact_path"]).write_text("{}")
        reply = await admin.ask("POST", f"{path}/evaluate", json={})
        assert reply.status == 409
        assert "is missing or was changed" in str(reply.error["message"])
    await pool.execute("UPDATE ml_models SET status = 'evaluating' WHERE version = 2")
    async with world(pool, tmp_path) as here:
        async with asyncio.timeout(60):
            while (await list_models(pool))[0]["status"] == "evaluating":
                await asyncio.sleep(0.02)
        (after, _) = await here.models.list()
    assert after["training_data_info"]["failed"].startswith("the daemon ended before the evaluation did")


async def test_an_evaluation_wanted_in_the_first_moment_is_done(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """It is not taken for one that the end of the daemon has interrupted."""
    begin = asyncio.Event()
    async with world(pool, tmp_path, begin) as here:
        here.models.evaluations.worker = worker_that_says({"failed": "too little history"})
        model = await here.models.register({"clip": 5.0}, ANNA)
        asked = asyncio.create_task(here.models.evaluate(model, 8, 3, ANNA))
        await asyncio.wait({asked}, timeout=0.2)  # it was begun at once before
        begin.set()
        await asked
        async with asyncio.timeout(60):
            while (row := (await list_models(pool))[0])["status"] == "evaluating":
                await asyncio.sleep(0.02)
    assert row["training_data_info"]["failed"] == "too little history"
