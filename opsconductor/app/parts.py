"""Construction of the daemon's long-lived parts, in one direction; nothing runs yet."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from opsconductor import metrics, systemd
from opsconductor.app.ack_links import open_ack_links
from opsconductor.app.analysing.jobs import DatasetJobs, dataset_jobs_of
from opsconductor.app.backups import Backups
from opsconductor.app.configuring.loading import read_by_settings
from opsconductor.app.configuring.runtime import Runtime, load_engine, rebuild_engine
from opsconductor.app.connectors.acknowledge import Acknowledgements
from opsconductor.app.connectors.built_in import built_in_sources
from opsconductor.app.connectors.rejections import Rejections, limits_of
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.connectors.verification import Verification
from opsconductor.app.contexts import ConnectorContexts, Measure
from opsconductor.app.detecting.opening import Detection, open_detection
from opsconductor.app.inventories import Inventories
from opsconductor.app.measuring.opening import open_series
from opsconductor.app.periodic import Retention
from opsconductor.app.registry import ConnectorRegistry
from opsconductor.app.reporting.making import Reports
from opsconductor.app.status.lag import LoopLag
from opsconductor.app.status.system_info import host_name
from opsconductor.app.stores import Stores
from opsconductor.config.settings import Settings
from opsconductor.engine.engine import Engine
from opsconductor.errors import Fault
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.notify.ack_link import AckLinks
from opsconductor.notify.outage import OutageOutbox
from opsconductor.pipeline.acknowledging import MessageAcknowledger
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.pipeline.feed import Feed
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.selfcheck.watch.assemble import SelfWatch, Works, assemble_self_watch, sight_of
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.inventory.status import read_waiting
from opsconductor.store.port_names import read_port_names
from opsconductor.store.postgres.connection import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStores:
    """What is opened before the parts are built: the database and its companions."""

    pool: Pool
    stores: Stores
    retention: Retention
    backups: Backups


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The long-lived parts of the daemon, built in this order; each uses only those before it."""

    settings: Settings
    pool: Pool
    live: Runtime
    intake: Intake
    stores: Stores
    retention: Retention
    feed: Feed
    outbox_wake: asyncio.Event
    status: StatusKeeper
    worker: PipelineLoop
    connectors: RunningConnectors
    inventories: Inventories
    verification: Verification
    acknowledgements: Acknowledgements
    watch: SelfWatch
    backups: Backups
    reports: Reports
    series: SeriesStore
    datasets: DatasetJobs
    detection: Detection
    ack_links: AckLinks | None
    lag: LoopLag


async def build(
    settings: Settings, database: OpenedStores, faults: Sequence[Fault], tasks: asyncio.TaskGroup
) -> Parts:
    """Build the parts; nothing runs yet.

    Args:
        faults: Faults of the provisioning files.
    """
    pool, stores, retention = database.pool, database.stores, database.retention
    live = await _live(settings, database, faults)
    ledger, feed, outbox_wake, limits = live.ledger, Feed(), asyncio.Event(), settings.limits
    intake = Intake(limits.intake_events, ledger, limit_bytes=limits.intake_bytes)
    status, series = StatusKeeper(ledger), await open_series(live, stores)
    registry = ConnectorRegistry(sources=built_in_sources())
    verification = Verification(settings=settings.verify, verifiers=registry.verifiers, ledger=ledger)
    acknowledgements = Acknowledgements(registry.acknowledger)
    engine = await load_engine(live, verification.looks)
    announce = announcer(feed, outbox_wake, stores.outage, verification, acknowledgements)
    stages = _stages(live, registry, engine=engine, commit=stores.committer.commit, announce=announce)
    worker = _pipeline(live, stages, intake, verification)
    inventories = Inventories(live, worker, tasks, waiting=await read_waiting(pool))
    connectors = RunningConnectors(
        emit=intake.put,
        publish=inventories.publish,
        provider=contexts_of(live, worker, series.measure),
        status=status,
        tasks=tasks,
        registry=registry,
    )
    detection = await open_detection(live, series, worker, intake)
    works = Works(stores, retention, inventories, database.backups, series, detection, LoopLag())
    return Parts(
        settings=settings,
        pool=pool,
        live=live,
        intake=intake,
        stores=stores,
        retention=retention,
        feed=feed,
        outbox_wake=outbox_wake,
        status=status,
        worker=worker,
        connectors=connectors,
        inventories=inventories,
        verification=verification,
        acknowledgements=acknowledgements,
        watch=assemble_self_watch(live, sight_of(live, worker, status, works), connectors),
        backups=database.backups,
        reports=Reports(pool, settings, lambda: live.configuration, series),
        series=series,
        datasets=dataset_jobs_of(pool, settings),
        detection=detection,
        ack_links=await open_ack_links(pool, settings),
        lag=works.lag,
    )


def _pipeline(live: Runtime, stages: Stages, intake: Intake, verification: Verification) -> PipelineLoop:
    """Return the pipeline; an engine that keeps failing is loaded anew."""
    rebuild = partial(rebuild_engine, live, verification.looks)
    limits = live.settings.limits
    return PipelineLoop(stages, intake=intake, limits=limits, rebuild=rebuild, clock=live.clock)


def _stages(
    live: Runtime,
    registry: ConnectorRegistry,
    *,
    engine: Engine,
    commit: Callable[[Changes], Awaitable[Durability]],
    announce: Callable[[Changes, Durability], None],
) -> Stages:
    settings = live.settings
    return Stages(
        sources=registry.sources,
        budget=FloodLimiter(settings.storm, host_name()),
        archive=Archive(settings.archive),
        inventory=live.configuration.inventory,
        engine=engine,
        ledger=live.ledger,
        commit=commit,
        announce=announce,
        last_seen=LastSeen(settings.self_watch.silent_devices),
        ports=live.ports,
        note_invalid=live.rejections.note_invalid,
    )


def contexts_of(live: Runtime, worker: PipelineLoop, measure: Measure) -> ConnectorContexts:
    """Return what builds the contexts of connectors."""

    def find(alert_id: UUID) -> Alert | None:
        return worker.stages.engine.get(alert_id)  # a reload of the engine replaces it

    return ConnectorContexts(
        live=live,
        engine=lambda: worker.stages.engine,
        acknowledge=MessageAcknowledger(command=worker.command, find=find).acknowledge,
        measure=measure,
    )


async def _live(settings: Settings, database: OpenedStores, faults: Sequence[Fault]) -> Runtime:
    ledger = Ledger()
    metrics.connector_events.show(ledger.entries)
    live = Runtime(
        settings=settings,
        pool=database.pool,
        configuration=await read_by_settings(database.pool, settings),
        sockets=systemd.passed_sockets(),
        ledger=ledger,
        drained=database.stores.committer.drained,
        faults=faults,
        rejections=Rejections(limits_of(settings.self_watch.rejections)),
    )
    for device, resource, name in await read_port_names(database.pool):
        live.ports.learn(device, [(resource, name)])
    return live


def announcer(
    feed: Feed,
    outbox_wake: asyncio.Event,
    outage: OutageOutbox,
    verification: Verification,
    acknowledgements: Acknowledgements,
) -> Callable[[Changes, Durability], None]:
    """Publish durable changes to the live feed, verification, acknowledging sources, and to what notifies.

    While PostgreSQL is away, that is the outbox of the outage.
    """

    def announce(changes: Changes, place: Durability) -> None:
        feed.publish(changes)
        verification.note(changes)
        acknowledgements.enqueue(changes)
        if place == "spooled":
            outage.add(changes.notifications)
        if changes.notifications:
            outbox_wake.set()

    return announce
