"""A small world for tests of the API: the real engine, store, feed and web server, without a network."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4

import asyncpg
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from opsconductor.api.dependencies import Dependencies
from opsconductor.api.handlers.event_source import EventSource
from opsconductor.api.http.application import build_api
from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.app.analysing.jobs import DatasetJobs
from opsconductor.app.asides import LiveAsides
from opsconductor.app.configuring.declared import DeclaredRows
from opsconductor.app.configuring.loading import Configuration, read_inventory
from opsconductor.app.connectors.catalogue import known_type, known_types
from opsconductor.app.connectors.rejections import Rejections
from opsconductor.app.maintenance import MaintenanceDesk
from opsconductor.app.mappings.explainer import LiveExplainer
from opsconductor.app.mappings.listing import MappingLibrary
from opsconductor.app.mibs.library import MibLibrary
from opsconductor.app.reporting.making import Reports
from opsconductor.app.rule_test.jobs import RuleTestJobs
from opsconductor.app.rule_test.trials import LiveRuleTrials
from opsconductor.config.effective import EffectiveSetting, SettingOrigins, effective_settings
from opsconductor.config.sections.dataset import DatasetSettings
from opsconductor.config.settings import EngineSettings, Settings
from opsconductor.connector.abilities import Previewer
from opsconductor.connector.context import Count
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.known_type import KnownType
from opsconductor.connector.post import PromptReceiver, Receiver, Validator
from opsconductor.connector.rejection import Reject
from opsconductor.datasets.files import DatasetFiles
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import Backoff
from opsconductor.mapping_report.report import MappingReport, ReadArchive
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Command
from opsconductor.model.enums import Category, DependencyType, NotificationKind, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.device import Dependency
from opsconductor.model.keys import ReportedKey
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, Snapshot, bounded
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.notify.preview import MessagePreview, preview_of
from opsconductor.notify.render import Renderer
from opsconductor.pipeline import committer
from opsconductor.pipeline.committer import DurableCommitter
from opsconductor.pipeline.feed import Feed
from opsconductor.pipeline.in_flight import InFlight
from opsconductor.store.access.keys import create_key
from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts, load_documents
from opsconductor.store.postgres.request_pool import RequestDatabase, RequestTimeouts
from opsconductor.store.spool.queue import Spool
from tests.support.api.inventory_shelf import Shelf
from tests.support.series.measured import open_store

UPSTREAM, DOWNSTREAM, FARTHEST = "10.0.0.1", "10.0.0.2", "10.0.0.3"
BODY_BYTES = 20_000
PATIENT = RequestTimeouts()
QUICK = committer.CommitTimeouts(
    commit_s=0.5,
    drain=Backoff(first=timedelta(seconds=0.5)),
    retry=Backoff(first=timedelta(seconds=0.01), longest=timedelta(seconds=0.02)),
)


class Stage:
    """Reports problems and carries out commands as the daemon's worker does.

    Attributes:
        may_commit: Cleared: what the engine decides is not committed until it is set.
    """

    def __init__(
        self, pool: asyncpg.Pool, *, spool: Spool | None = None, timeouts: RequestTimeouts = PATIENT
    ) -> None:
        self.pool = pool
        write = partial(commit, pool)
        self.committer = None if spool is None else DurableCommitter(write, spool, QUICK)
        self._commit = write if self.committer is None else self.committer.commit
        self.database = RequestDatabase(
            pool,
            is_behind=lambda: self.committer is not None and self.committer.is_away,
            waiting=lambda: 0 if spool is None else spool.waiting.entries,
            timeouts=timeouts,
        )
        self.feed = Feed()
        self.in_flight = InFlight()
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.desk = Desk(self)
        self.inventories = Shelf()
        self.put_in_force_times = 0
        folder = Path(gettempdir()) / f"datasets-{uuid4().hex}"  # created by the first upload
        self.datasets = DatasetJobs(pool=pool, files=DatasetFiles(folder=folder), settings=DatasetSettings())
        self.health: dict[str, object] = {"status": "ok", "connectors": {"traps": "connected"}}
        depends = tuple(
            Dependency(device_ip=device, depends_on_ip=on, dependency_type=DependencyType.NETWORK)
            for device, on in ((DOWNSTREAM, UPSTREAM), (FARTHEST, DOWNSTREAM))
        )
        self.inventory = InventorySnapshot((), depends)
        self.configuration = Configuration(
            connectors={}, inventory=self.inventory, mappings=MappingTable([]), rules=()
        )
        settings = EngineSettings(settle_time=timedelta(0))
        self.engine = Engine(settings, self.inventory, ())
        self.declared = DeclaredRows(
            pool=pool, database=self.database, key=lambda: bytes(32), put_in_force=self.put_in_force
        )
        self.maintenance = MaintenanceDesk(
            pool=pool,
            inventory=lambda: self.inventory,
            declared=self.declared,
            use=self.maintain,
            changing=asyncio.Lock(),
        )

    @property
    def configuration_now(self) -> Configuration:
        """The configuration with the inventory in force."""
        return replace(self.configuration, inventory=self.inventory)

    async def use_rule(self, name: str, *severities: Severity) -> None:
        """Use one rule with one channel for all alerts."""
        rule_id = await self.pool.fetchval(
            "INSERT INTO notification_rules (name) VALUES ($1) RETURNING id", name
        )
        rule = NotificationRule(
            id=rule_id,
            name=name,
            channels=(RuleChannel(channel="noc-mail", recipients=("noc@example.net",)),),
            conditions=Conditions(severity=severities),
        )
        settings = EngineSettings(settle_time=timedelta(0))
        await self._keep(self.engine.reconfigure(settings, self.inventory, (rule,), datetime.now(UTC)))

    async def maintain(self, windows: tuple[MaintenanceWindow, ...]) -> None:
        """Apply maintenance windows."""
        await self._keep(self.engine.maintain(windows, datetime.now(UTC)))

    async def report(
        self, *alerts: NormalizedAlert, reported: tuple[ReportedKey, ...] = ()
    ) -> Sequence[Alert]:
        """Take reports all the way to the database; returns what is open then, in their order."""
        identified = identify(alerts, self.inventory)
        await self._keep(replace(self.engine.apply(identified, datetime.now(UTC)), reported=reported))
        by_fingerprint = {alert.fingerprint: alert for alert in self.engine.open_alerts()}
        return [by_fingerprint[one.fingerprint] for one in identified if one.fingerprint in by_fingerprint]

    async def reload_alerts(self) -> None:
        """Make the engine read its alerts from the database, as at a start."""
        now = datetime.now(UTC)
        documents = await load_documents(self.pool)
        self.engine.load(await load_alerts(self.pool, resolved_since=now), now, documents)

    doctor_steps = ("ledger", "database")

    async def examine(self, report_step: Callable[[str], None]) -> dict[str, object]:
        """Report every step and no finding, as `DaemonFacts` promises."""
        for step in self.doctor_steps:
            report_step(step)
        finding = {"area": "daemon", "verdict": "ok", "text": "runs", "remedy": ""}
        now = datetime.now(UTC)
        return {
            "verdict": "ok",
            "at": now,
            "findings": [finding],
            "ledger": None,
            "samples": [],
            "retention": [],
        }

    async def stats(self, now: datetime) -> dict[str, object]:
        """Return numbers of a daemon that has just started."""
        state = {"version": "0", "started_at": now, "database": "connected", "alerts_open": {}}
        sizes = [{"table": "alerts", "bytes": 8192, "bytes_a_day": None}]
        waiting = {"spool": {"entries": 0, "bytes": 0, "oldest_age_s": 0, "error": None}, "intake_waiting": 0}
        used = {"event_loop_longest_block_ms": 1.5, "memory_bytes": 1 << 20, "cpu_s": 1.0, "cpu_share": 0.1}
        return {**state, **waiting, **used, "tables": sizes, "tables_bytes": 8192}

    def settings(self) -> Sequence[EffectiveSetting]:
        """Return the defaults."""
        return effective_settings(Settings(), SettingOrigins())

    async def ledger(self, since: datetime, now: datetime) -> dict[str, object]:
        """Return an hour in which one message was lost."""
        stages = {"received": 5, "stored": 4, "dropped": 1}
        reasons = [{"stage": "dropped", "reason": "intake_full", "amount": 1}]
        page = {"connector": "traps", "stages": stages, "reasons": reasons, "gap": 0}
        step = {"at": now, "received": 5, "turned_away": 0, "lost": 1}
        sums = {"since": since, "connectors": [page], "gaps": [], "unknown_s": 0, "down_s": 0}
        return {**sums, "step_s": 3600, "over_time": [step], "received": {"traps": [5]}}

    async def reload(self) -> dict[str, object]:
        """Take on a configuration without faults."""
        return {"ok": True, "faults": [], "error": "", "failed": {}}

    async def put_in_force(self) -> tuple[str, Mapping[str, str]]:
        """Use the inventory in the database, and count how often."""
        self.put_in_force_times += 1
        self.inventory = await read_inventory(self.pool)
        settings, now = EngineSettings(settle_time=timedelta(0)), datetime.now(UTC)
        await self._keep(self.engine.reconfigure(settings, self.inventory, self.engine.router, now))
        return "", {}

    async def command(self, command: Command) -> Alert:
        """Carry out what an operator asks, as `Pipeline` promises."""
        await self._keep(self.engine.command(command, datetime.now(UTC)))
        alert = self.engine.get(command.alert_id)
        assert alert is not None
        return alert

    async def _keep(self, changes: Changes) -> None:
        self.in_flight.add(changes)
        await self.may_commit.wait()
        await self._commit(changes)
        self.in_flight.clear()
        self.feed.publish(changes)

    def application(self, limits: ClientLimits | None = None, **options: Any) -> web.Application:
        """Build the API on this world."""
        return build_api(
            Dependencies(
                database=self.database,
                engine=lambda: self.engine,
                pipeline=self,
                feed=self.feed,
                health=lambda: self.health,
                connectors=self.desk,
                inventories=self.inventories,
                asides=LiveAsides(
                    pool=self.pool,
                    sources=lambda: self.desk.parts,
                    engine=lambda: self.engine,
                    emit=self.desk.emit,
                    count_of=self.desk.count,
                ),
                mibs=MibLibrary(pool=self.pool),
                mappings=LiveExplainer(pool=self.pool, configuration=lambda: self.configuration),
                mapping_list=MappingLibrary(pool=self.pool, configuration=lambda: self.configuration),
                declared=self.declared,
                maintenance=self.maintenance,
                mapping_report=NoArchive(),
                rule_trials=LiveRuleTrials(
                    engine=EngineSettings(),
                    configuration=lambda: self.configuration,
                    jobs=RuleTestJobs(settings=Settings(), worker=("true",)),
                ),
                datasets=self.datasets,
                reports=Reports(self.pool, Settings(), lambda: self.configuration_now),
                facts=self,
                reload=self.reload,
                body_bytes=BODY_BYTES,
                limits=limits or ClientLimits(),
                **options,
            )
        )


class NoArchive:
    """Makes reports on mappings of a stage, which has no archive."""

    async def make(self, *, days: int, events: int, time_limit_s: float) -> dict[str, object]:
        """Return a report of nothing; see `MappingReporter`."""
        now = datetime.now(UTC)
        archive = ReadArchive(events=0, unreadable=0, not_kept=0, begin=None, end=None, limited_by="")
        return MappingReport(
            at=now,
            since=now - timedelta(days=days),
            took_s=min(0.1, events, time_limit_s),
            archive=archive,
            unmatched_total=0,
            unmatched=(),
            lasting=(),
            unmapped=(),
            resources=(),
            pairs=(),
            faults={},
        ).document()


class Desk:
    """The connectors of a stage: what is posted to them becomes alerts as in the daemon.

    Attributes:
        parts: By name.
        counts: What was counted: connector, stage, reason.
        rejections: What was rejected.
        is_stuck: Nothing is committed any more, until `let_go`.
        is_full: There is no room for events.
        at_once: Number of events that came without waiting.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.parts: dict[str, Any] = {"api": EventSource()}
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.rejections = Rejections()
        self.is_stuck = self.is_full = False
        self._held: list[RawEvent] = []
        self._emitting: set[asyncio.Future[None]] = set()
        self.at_once = 0
        self.known: list[ConnectorState] = []

    async def emit(self, events: Sequence[RawEvent]) -> None:
        """Take events to the database, then acknowledge them."""
        if self.is_full:
            await asyncio.Event().wait()
        if self.is_stuck:
            self._held += events
            return
        for event in events:
            result = bounded(self.parts[event.connector].normalize(event), event.received_at)
            assert not isinstance(result, Snapshot)
            await self._stage.report(*result, reported=event.reported)
            if event.on_commit is not None:
                event.on_commit()

    def emit_at_once(self, events: Sequence[RawEvent]) -> bool:
        """Take events as the intake does, without waiting."""
        if self.is_full:
            return False
        self.at_once += len(events)
        self._emitting.add(asyncio.ensure_future(self.emit(events)))
        return True

    async def let_go(self) -> None:
        """Commit the held events at last."""
        self.is_stuck, held, self._held = False, self._held, []
        await self.emit(held)

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)

    def receiver(self, name: str) -> Receiver | None:
        """Find the receiver of posts."""
        return self.parts.get(name)

    def prompt_receiver(self, name: str) -> PromptReceiver | None:
        """Find the receiver that takes posts at once."""
        part = self.parts.get(name)
        return part if isinstance(part, PromptReceiver) else None

    def validator(self, name: str) -> Validator | None:
        """Find the validator of OPTIONS."""
        part = self.parts.get(name)
        return part if isinstance(part, Validator) else None

    def count(self, name: str) -> Count:
        """Count for a connector."""

        def add(stage: str, reason: str = "", amount: int = 1) -> None:
            self.counts[name, stage, reason] += amount

        return add

    def rejected(self, name: str) -> Reject:
        """Record a rejection of a connector."""
        return self.rejections.of(name)

    async def states(self) -> Sequence[ConnectorState]:
        """Return the states that the test has set."""
        return self.known

    def types(self) -> Sequence[KnownType]:
        """List the types that are installed."""
        return known_types()

    def type_of(self, name: str) -> KnownType | None:
        """Find a type that is installed."""
        return known_type(name)

    async def check_declared(self, row: Mapping[str, Any]) -> CheckResult:
        """Return the checked row."""
        return CheckResult(ok=True, message=f"{row['name']} would work", details={"config": row["config"]})

    async def check(self, name: str) -> CheckResult | None:
        """Check a connector."""
        part = self.parts.get(name)
        return None if part is None else await part.check()

    async def send_test(self, name: str, recipient: str, by: str) -> CheckResult | None:
        """Return what would be sent."""
        part = self.parts.get(name)
        message = f"to {recipient or 'its own'} by {by}"
        return None if part is None else CheckResult(ok=recipient != "unknown", message=message)

    def preview(
        self, name: str, kind: NotificationKind, facts: Mapping[str, object] | None
    ) -> MessagePreview | None:
        """Return what a channel of the test would send."""
        channel: Any = self.parts.get(name)
        previewer = channel if isinstance(channel, Previewer) else None
        return channel and preview_of(previewer, name, kind, renderer=Renderer(None), facts=facts)


def problem(
    title: str = "Link Down - edge-1 ifIndex=7",
    *,
    device_ip: str = "10.9.9.9",
    severity: Severity = Severity.MAJOR,
    resource: str = "ifIndex=7",
    **fields: object,
) -> NormalizedAlert:
    """Make a report as a source would."""
    now = datetime.now(UTC)
    values: dict[str, object] = {
        "source_system": "traps",
        "alert_type": "network_link_down",
        "category": Category.NETWORK,
        "occurred_at": now,
        "received_at": now,
        "raw_data": lambda: {"counter": 18446744073709551610, "text": "as received"},
        **fields,
    }
    return NormalizedAlert(title=title, device_ip=device_ip, severity=severity, resource=resource, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the API."""

    status: int
    headers: dict[str, str]
    body: dict[str, object] = field(default_factory=dict)

    @property
    def data(self) -> object:
        """Return the data."""
        assert self.body["success"] is True, self.body
        return self.body["data"]

    @property
    def error(self) -> dict[str, object]:
        """Return the error."""
        assert self.body["success"] is False, self.body
        error = self.body["error"]
        assert isinstance(error, dict)
        assert set(error) == {"code", "message", "details"}
        return error


class Caller:
    """A client of the API with or without a key."""

    def __init__(self, http: ClientSession, url: str, key: str | None) -> None:
        self.http = http
        self.url = url
        self.key = key

    async def get(self, path: str, **options: object) -> Reply:
        """Ask."""
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: object = None, **options: object) -> Reply:
        """Change something."""
        return await self.ask("POST", path, json=body, **options)

    async def ask(self, method: str, path: str, **options: object) -> Reply:
        """Make a request below `/api/v1`, or anywhere with a path from the root."""
        headers = dict(options.pop("headers", {}))  # type: ignore[call-overload]
        if self.key is not None:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        where = path if path.startswith("//") else f"/api/v1{path}"
        async with self.http.request(
            method,
            self.url + where.replace("//", "/", 1),
            headers=headers,
            **options,  # type: ignore[arg-type]
        ) as response:
            body = await response.json() if response.content_type == "application/json" else {}
            return Reply(status=response.status, headers=dict(response.headers), body=body)


@asynccontextmanager
async def serving(stage: Stage, port: int | None = None, **options: Any) -> AsyncIterator[str]:
    """Serve the API on loopback, on a free port unless one is named; yield its URL."""
    series = options.setdefault("series", await open_store(stage.pool, stage.inventory))
    server = TestServer(stage.application(**options), port=port, access_log=None)
    await server.start_server()
    watching = asyncio.create_task(stage.database.watch())
    measuring = asyncio.create_task(series.run())
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        watching.cancel()
        measuring.cancel()
        await server.close()


async def caller(stage: Stage, http: ClientSession, url: str, role: str | None) -> Caller:
    """Make a client with a key of a role."""
    key = None if role is None else await create_key(stage.pool, name=f"the {role}", role=role)
    return Caller(http, url, key)
