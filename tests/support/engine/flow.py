"""One batch through the whole pipeline into a real database, then shown in every way that users see it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import yaml
from aiohttp import ClientSession
from rich.console import Console

from connectors import SOURCES
from opsconductor.api.handlers.event_source import EventSource
from opsconductor.cli.alerts.text import list_of, story_of
from opsconductor.config.settings import ArchiveSettings, EngineSettings, StormSettings
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.engine.notifications import facts_of
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.changes import Changes
from opsconductor.model.enums import NotificationKind
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.notify.render import Renderer
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages, run_batch
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.store.access.keys import create_key
from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts
from opsconductor.store.notifications.outbox import Claimed
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.spool.codec import decode, encode
from tests.support.api.api_stage import Caller, Stage, serving

CASES = Path(__file__).parents[2] / "connectors"
ZONES = (
    UTC,
    ZoneInfo("Pacific/Kiritimati"),
    ZoneInfo("America/New_York"),
    timezone(timedelta(hours=23, minutes=59)),
    timezone(-timedelta(hours=23, minutes=59)),
)
LISTS = (
    "?per_page=200",
    "?sort=occurred_at,-resolved_at,device_name&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
    "?search=%E2%90%80&sort=-severity",
)
UNMAPPED = MappingTable([])
SHOWN = 12
"""Alerts that are also shown one by one."""
EMPTY = "TRUNCATE alerts, alert_history, notification_outbox, notification_log, raw_events, set_aside"


def recorded(connector: str) -> list[tuple[str, dict[str, Any], Any]]:
    """List the recorded documents of a connector: name of the case, its configuration, the document."""
    folder = CASES / connector
    found = []
    for path in sorted(folder.glob("cases/*/input.json")):
        given = {**_read(folder / "default.yaml"), **_read(path.parent / "case.yaml")}
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(document, dict | list):
            found.append((f"{connector}/{path.parent.name}", given.get("config", {}), document))
    return found


def source_of(
    kind_name: str,
    name: str,
    config: Mapping[str, object],
    data_dir: Path,
    *,
    mappings: MappingTable = UNMAPPED,
) -> Source:
    """Build a source as its golden cases do."""
    if kind_name == "api":
        return EventSource()
    connector_type = SOURCES[kind_name]
    context = ConnectorContext(
        name=name,
        data_dir=data_dir,
        mappings=lambda: mappings,
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
    )
    source: Source = connector_type.build(connector_type.config.model_validate(dict(config)), context)
    return source


def take_all(url: str, events: Sequence[RawEvent], sources: Mapping[str, Source]) -> Changes:
    """Take events through the pipeline into the database at a URL, with an event loop of its own."""

    async def run() -> Changes:
        pool = await open_pool(url, 3)
        try:
            return await take(pool, events, sources)
        finally:
            await close_pool(pool)

    return asyncio.run(run())


async def take(pool: asyncpg.Pool, events: Sequence[RawEvent], sources: Mapping[str, Source]) -> Changes:
    """Take events through the pipeline, as the daemon does; fails at an unforeseen error."""
    await pool.execute(EMPTY)
    stage = Stage(pool)

    async def keep(changes: Changes) -> Durability:
        assert decode(encode(changes)).folded == changes.folded
        await commit(pool, changes)
        return "committed"

    stages = Stages(
        sources=sources,
        budget=FloodLimiter(StormSettings(), "noc-1"),
        archive=Archive(ArchiveSettings()),
        inventory=stage.inventory,
        engine=stage.engine,
        ledger=Ledger(),
        commit=keep,
        announce=lambda *_: None,
        last_seen=LastSeen(),
    )
    changes = await run_batch(events, stages, datetime.now(UTC))
    assert changes.aside == ()
    assert await pool.fetchval("SELECT count(*) FROM set_aside") == 0
    await _look(stage)
    await _restart(stage)
    return changes


async def _restart(stage: Stage) -> None:
    """Load what is in the database: the same alerts are open, and the engine works with them."""
    now = datetime.now(UTC)
    known = await load_alerts(stage.pool, resolved_since=now - timedelta(hours=1))
    engine = Engine(EngineSettings(), stage.inventory, ())
    engine.load(known, now)
    assert {alert.id for alert in engine.open_alerts()} == {alert.id for alert in stage.engine.open_alerts()}
    engine.tick(now)
    before = {alert.id: alert for alert in stage.engine.known_alerts()}
    for alert in known:
        assert alert.occurred_at == before[alert.id].occurred_at <= alert.last_occurrence_at


async def _look(stage: Stage) -> None:
    """List, show and export every alert as API, command line and notifications do."""
    key = await create_key(stage.pool, name=f"viewer {UUID(int=id(stage))}", role="viewer")
    console = Console(quiet=True, width=80)
    async with serving(stage) as url, ClientSession() as http:
        viewer = Caller(http, url, key)
        for query in LISTS:
            reply = await viewer.get(f"/alerts{query}")
            assert reply.status == 200, reply.body
            json.dumps(reply.body, allow_nan=False)
            console.print(list_of(reply.body, datetime.now(UTC)))  # type: ignore[arg-type]
        for alert in stage.engine.known_alerts()[:SHOWN]:
            shown = await viewer.get(f"/alerts/{alert.id}")
            assert shown.status == 200, shown.body
            console.print(story_of(shown.data))  # type: ignore[arg-type]
            for zone in ZONES:
                Renderer(zone).render(_claimed(facts_of(alert, NotificationKind.PROBLEM)))


def _claimed(facts: Mapping[str, object]) -> Claimed:
    return Claimed(
        id=UUID(int=1),
        alert_id=UUID(int=2),
        rule_name="noc",
        channel="mail",
        recipient="noc@example.net",
        kind=NotificationKind.PROBLEM,
        facts=facts,
        created_at=datetime.now(UTC),
        attempt=1,
    )


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}
