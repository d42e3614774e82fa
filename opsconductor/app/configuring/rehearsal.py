"""Run of a configuration over the raw event archive; read-only, independent of the daemon."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from connectors import INVENTORIES
from opsconductor.app.configuring.loading import (
    Configuration,
    read_by_settings,
    read_facts,
    read_pack_mappings,
)
from opsconductor.app.configuring.trial import InForce, planned, with_changes
from opsconductor.app.connectors.built_in import built_in_sources
from opsconductor.app.connectors.channel_policies import policies_of
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import Provision
from opsconductor.config.secrets import resolve_into
from opsconductor.config.settings import Settings
from opsconductor.connector.checking.conformance import build_connector
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.flood.storms import ALERT_STORM, TRAP_STORM
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of
from opsconductor.model.enums import HistoryAction
from opsconductor.model.mappings.mapping import Origin
from opsconductor.replay.compare import NotifiedInReplay, RealAlert
from opsconductor.replay.replay import Outcome, PastCommand, Replay
from opsconductor.store.configuration import ConnectorRow, load_dependencies, load_devices, load_mappings
from opsconductor.store.declared.provisioned import read_present
from opsconductor.store.declared.taken_over import read_taken_over
from opsconductor.store.people.directory import load_directory
from opsconductor.store.people.sealed import seal_of
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from opsconductor.store.raw_events import (
    Span,
    archive_reach,
    read_events,
    read_past_commands,
    read_real_alerts,
    read_real_notifications,
    reading,
)

STORMS = (TRAP_STORM, ALERT_STORM)
"""Alert types that no replay has, since it runs without flood control."""

STAND_IN = "placeholder for a secret"

Progress = Callable[[datetime], None]
"""Called at intervals with the time of the latest replayed event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to replay.

    Attributes:
        device: Address or name; the comparison with reality covers only this device.
        provision: Files to apply on top; None: the present configuration.
    """

    span: Span
    device: str | None = None
    provision: Provision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Alerts and messages of a span with a configuration, and those that there really were.

    Attributes:
        device: The main address or name of the requested device.
        plan: What the files would change, in one line; empty: there are none.
        faults: Connectors whose events could not be replayed, with the reason.
        reach: Time range of the archive; None: it is empty.
        real_notifications: Notifications that were really decided on.
    """

    outcome: Outcome
    device: str | None
    plan: str
    faults: Mapping[str, str]
    reach: tuple[datetime, datetime] | None
    real_alerts: tuple[RealAlert, ...]
    real_notifications: Mapping[NotifiedInReplay, int]


class Misfit(Exception):
    """Raised when a connector cannot be built as configured; the text holds no secret."""


async def rehearse(settings: Settings, request: Request, progress: Progress) -> Rehearsal:
    """Replay a span of the archive with the configuration of the database, or with files on top.

    Raises:
        ConfigError: The files conflict with the database.
        StoreUnavailable: The database cannot be reached.
    """
    async with open_database(settings) as pool:
        configuration, plan = await tried_configuration(pool, request.provision, settings)
        sources, faults = build_sources(configuration, settings.data_dir)
        engine = engine_of(configuration, settings)
        span = request.span
        names = span.connectors or tuple(sources)
        replay = Replay(sources, configuration.inventory, engine, span.begin)
        commands = await past_commands(pool, span, names)
        async for events in read_events(pool, span):
            replay.play(events, commands)
            commands = ()
            progress(events[-1].received_at)
        replay.play((), commands)
        replay.pass_time(span.end)
        device = request.device and configuration.inventory.key_of(request.device)
        async with reading(pool) as connection:
            real_alerts = await read_real_alerts(connection, span, names, STORMS)
            real_notifications = await read_real_notifications(connection, span, names, device, STORMS)
            reach = await archive_reach(connection)
    return Rehearsal(
        outcome=replay.outcome,
        device=device,
        plan=plan,
        faults=faults,
        reach=reach,
        real_alerts=tuple(RealAlert(**row) for row in real_alerts),
        real_notifications={NotifiedInReplay(*who): amount for *who, amount in real_notifications},
    )


def engine_of(configuration: Configuration, settings: Settings) -> Engine:
    """Make the engine of a replay, with the maintenance windows and limits of the daemon."""
    engine = Engine(
        settings.engine, configuration.inventory, configuration.router(), windows=configuration.windows
    )
    engine.combine(policies_of(configuration.connectors, settings.notifications))
    return engine


async def past_commands(pool: Pool, span: Span, connectors: Sequence[str]) -> Sequence[PastCommand]:
    """Return what operators did within a span to alerts of connectors, in order."""
    rows = await read_past_commands(pool, span, connectors)
    return [PastCommand(**{**row, "action": HistoryAction(row["action"])}) for row in rows]


async def tried_configuration(
    pool: Pool, provision: Provision | None, settings: Settings
) -> tuple[Configuration, str]:
    """Read the configuration from one snapshot of the database, and apply the files on top of it.

    Returns:
        The configuration, and what the files change in one line; empty: there are none.
    """
    canary, floor, seal = settings.canary, settings.inventory.confidence_floor, seal_of(settings)
    async with reading(pool) as connection:
        if provision is None:
            return await read_by_settings(connection, settings), ""
        present, taken = await read_present(connection, seal=seal), await read_taken_over(connection)
        generic = [each for each in await load_mappings(connection) if each.origin is Origin.PACK]
        packs = await asyncio.to_thread(read_pack_mappings, settings.data_dir)
        known = InForce(
            devices=await load_devices(connection),
            dependencies=await load_dependencies(connection),
            floor=floor,
            canary=canary,
            directory=await load_directory(connection, seal),
            packs=[*generic, *packs],
            facts=await read_facts(connection, settings.data_dir),
        )
    plan = planned(provision, present, taken)
    return with_changes(present, plan.changes, known), plan.summary


def build_sources(
    configuration: Configuration, data_dir: Path
) -> tuple[Mapping[str, Source], Mapping[str, str]]:
    """Build the sources of a configuration, and the daemon's own, without running them.

    Returns:
        Sources by connector name, and why others cannot be built.
    """
    installed = installed_types()
    sources = built_in_sources()
    faults: dict[str, str] = {}
    for row in configuration.connectors.values():
        if row.type in installed.channels or row.type in INVENTORIES:
            continue
        try:
            sources[row.name] = _source(row, configuration, data_dir)
        except Misfit as misfit:
            faults[row.name] = str(misfit)
    return sources, faults


def _source(row: ConnectorRow, configuration: Configuration, data_dir: Path) -> Source:
    connector_type = installed_types().known.get(row.type)
    if connector_type is None:
        raise Misfit(f"there is no connector type {row.type}")
    config = resolve_into(row.config, lambda _: STAND_IN, lambda _path, _error: None)
    try:
        checked = connector_type.validated(config)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise Misfit("; ".join(faults)) from None
    context = ConnectorContext(
        name=row.name,
        data_dir=data_dir,
        mappings=lambda: configuration.mappings,
        facts=lambda: configuration.facts,
        vendor_of=configuration.inventory.vendor_of,
    )
    with guarded() as building:
        source = build_connector(connector_type, checked, context).source
    if building.error is not None:
        raise Misfit(f"it cannot be built: {reason_of(building.error)}")
    assert source is not None
    return source
