"""The report on the health of mappings: reads the archive and the alerts, changes nothing."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.app.configuring.loading import Configuration, read_by_settings
from opsconductor.app.configuring.rehearsal import build_sources
from opsconductor.config.settings import Settings
from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.mapping_report.clears import lasting_findings, unmatched_findings
from opsconductor.mapping_report.collection import TrapHistory
from opsconductor.mapping_report.finding import ResourceFinding, joined
from opsconductor.mapping_report.in_force import MappingsInForce
from opsconductor.mapping_report.learning import LearnedPair, learned_pairs
from opsconductor.mapping_report.merging import over_merged
from opsconductor.mapping_report.missing import unmapped_findings
from opsconductor.mapping_report.replayed import PreviewStage
from opsconductor.mapping_report.report import MappingReport, ReadArchive
from opsconductor.mapping_report.seen import TrapReader
from opsconductor.mapping_report.splitting import over_split
from opsconductor.mib.derived_mappings import mapping_of_derived
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable
from opsconductor.store.mapping_health import read_alerts_of, read_lasting, read_unmapped_sums
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from opsconductor.store.raw_events import Span, read_newest, reading
from opsconductor.store.unmatched import read_unmatched_clears, read_unmatched_total

MOST_EVENTS = 200_000
TIME_LIMIT_S = 60.0
MOST_ROWS = 50
"""Entries of each list."""
MOST_RESOURCES = 5
MOST_LASTING = 2_000
READING_SHARE = 0.7
"""Share of the time for reading the archive; the rest is for previews."""
QUERIES_WITHIN_S = 30.0

Progress = Callable[[int], None]
"""Called at intervals with the number of messages that were read."""
Found = TypeVar("Found", ResourceFinding, LearnedPair)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLimits:
    """How far the report goes.

    Attributes:
        days: Length of the span, and the age from which an open problem lasts too long.
        events: Messages of the archive that are read at most, the newest ones.
        time_limit_s: Seconds after which nothing more is read or replayed.
    """

    days: int = 7
    events: int = MOST_EVENTS
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStage:
    """What the parts of a report are made from."""

    pool: Pool
    configuration: Configuration
    sources: Mapping[str, Source]
    in_force: MappingsInForce
    limits: ReportLimits
    since: datetime
    now: datetime
    started: float

    def is_late(self, share: float = 1.0) -> bool:
        """Check whether a share of the time is over."""
        return time.monotonic() - self.started > share * self.limits.time_limit_s


async def make_report(settings: Settings, limits: ReportLimits, progress: Progress) -> MappingReport:
    """Examine the mappings in force; the work is done in the calling thread.

    Raises:
        StoreUnavailable: The database cannot be reached.
        ConfigError: A mapping pack or a file of the catalogue is damaged.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    async with open_database(settings) as pool:
        configuration = await read_by_settings(pool, settings)
        sources, faults = _trap_sources(configuration, settings)
        stage = ReportStage(
            pool=pool,
            configuration=configuration,
            sources=sources,
            in_force=MappingsInForce(
                table=configuration.mappings,
                facts=configuration.facts,
                vendor_of=configuration.inventory.vendor_of,
            ),
            limits=limits,
            since=now - timedelta(days=limits.days),
            now=now,
            started=started,
        )
        collection, archive = await _read(stage, progress)
        report = await _examined(stage, collection, archive, faults)
        return _previewed(report, stage, settings)


def _trap_sources(
    configuration: Configuration, settings: Settings
) -> tuple[Mapping[str, Source], Mapping[str, str]]:
    """Build the connectors that receive traps, and return why others of them cannot be built."""
    sources, faults = build_sources(configuration, settings.data_dir)
    traps = {name: source for name, source in sources.items() if isinstance(source, SnmpTrapSource)}
    types = {row.name: row.type for row in configuration.connectors.values()}
    return traps, {name: why for name, why in faults.items() if types.get(name) == "snmp_trap"}


async def _read(stage: ReportStage, progress: Progress) -> tuple[TrapHistory, ReadArchive]:
    """Read the archive from the newest message on, until a limit is reached."""
    reader = TrapReader(stage.sources, stage.configuration.inventory, stage.configuration.facts)
    collection = TrapHistory()
    span = Span(begin=stage.since, end=stage.now, connectors=tuple(stage.sources))
    limited_by, begin, end, left = "", None, None, stage.limits.events
    if not stage.sources:
        left = 0
    async for events in read_newest(stage.pool, span):
        for event in events[:left]:
            collection.add(event, reader.read(event))
        end = end or events[0].received_at
        begin = events[:left][-1].received_at if left else begin
        left = max(0, left - len(events))
        progress(collection.messages)
        if not left or stage.is_late(READING_SHARE):
            limited_by = "time" if left else "events"
            break
    return collection, ReadArchive(
        events=collection.messages,
        unreadable=reader.unreadable,
        not_kept=collection.not_kept,
        begin=begin,
        end=end,
        limited_by=limited_by,
    )


async def _examined(
    stage: ReportStage, collection: TrapHistory, archive: ReadArchive, faults: Mapping[str, str]
) -> MappingReport:
    """Return the report without previews."""
    in_force, since, names = stage.in_force, stage.since, tuple(stage.sources)
    async with asyncio.timeout(QUERIES_WITHIN_S):
        sums = await read_unmatched_clears(stage.pool, since, most=MOST_ROWS, most_resources=MOST_RESOURCES)
        total = await read_unmatched_total(stage.pool, since)
        async with reading(stage.pool) as connection:
            near = await read_alerts_of(connection, sorted({each.device for each in sums}), since)
            lasting = await read_lasting(connection, names, since, MOST_LASTING)
            unmapped = await read_unmapped_sums(connection, names, since, MOST_ROWS)
    unmatched = unmatched_findings(sums, near, collection, in_force)
    found = joined([*over_merged(collection, in_force), *over_split(collection, in_force)])
    return MappingReport(
        at=stage.now,
        since=since,
        took_s=time.monotonic() - stage.started,
        archive=archive,
        unmatched_total=total.amount,
        unmatched=unmatched,
        lasting=lasting_findings(lasting, unmatched, collection, in_force)[:MOST_ROWS],
        unmapped=unmapped_findings(unmapped, in_force, partial(suggested, in_force.facts)),
        resources=found[:MOST_ROWS],
        pairs=learned_pairs(collection, in_force)[:MOST_ROWS],
        faults=faults,
    )


def suggested(facts: MibFacts, trap_oid: str) -> tuple[OidMapping, float] | None:
    """Return the mapping that is derived from a notification, also one that is only a suggestion."""
    found = facts.mapping(trap_oid)
    return None if found is None else (mapping_of_derived(found, facts), found.confidence)


def _previewed(report: MappingReport, stage: ReportStage, settings: Settings) -> MappingReport:
    """Replay the messages behind each proposal, as long as there is time."""

    def sources_of(table: MappingTable) -> Mapping[str, Source]:
        return build_sources(replace(stage.configuration, mappings=table), settings.data_dir)[0]

    inventory = stage.configuration.inventory
    previews = PreviewStage(
        table=stage.configuration.mappings,
        sources_of=sources_of,
        inventory=inventory,
        engine=lambda: Engine(settings.engine, inventory, ()),
    )

    def with_previews(findings: Sequence[Found]) -> list[Found]:
        return [
            each
            if each.proposal is None or stage.is_late()
            else replace(each, preview=previews.preview(each.events, each.proposal.mappings))
            for each in findings
        ]

    resources, pairs = with_previews(report.resources), with_previews(report.pairs)
    left_out = sum(each.proposal is not None and each.preview is None for each in resources)
    left_out += sum(each.proposal is not None and each.preview is None for each in pairs)
    return replace(
        report,
        resources=resources,
        pairs=pairs,
        without_preview=left_out,
        took_s=time.monotonic() - stage.started,
    )
