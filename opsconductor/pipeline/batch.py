"""Processing of a batch of raw events, from the network to the committed alert.

Read `run_batch` first: it is the whole flow.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter

from opsconductor import metrics
from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.guard import guarded
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Key, Ledger, outcome_of
from opsconductor.model.changes import Changes
from opsconductor.model.construct import replacer_of
from opsconductor.model.enums import Category
from opsconductor.model.event import RawEvent
from opsconductor.model.identified import IdentifiedReport, IdentifiedSnapshot
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey
from opsconductor.model.normalized import NormalizedAlert, Snapshot, bounded
from opsconductor.pipeline.archive import Archive, ArchivedBatch
from opsconductor.pipeline.device_memory import LastHeard, LastSeen, PortNames
from opsconductor.pipeline.failing import FailureLog, aside_event
from opsconductor.pipeline.in_flight import InFlight
from opsconductor.pipeline.slicing import FOLDED, PART, CooperativeYield, as_one, slices

_replaced = replacer_of(Changes)
_connector = attrgetter("connector")
_UNKNOWN = Category.UNKNOWN
"""Looked up once, see `enums.CLEAR`."""
NoteInvalid = Callable[[RawEvent, DecodeError | NormalizeError], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The parts that a batch passes through.

    Attributes:
        sources: By connector name.
        budget: Flood control.
        archive: Chooses which raw events are archived.
        commit: Makes changes durable, however long that takes; returns where they are.
        announce: Passes what has been made durable, and where, to the live feed and the outbox worker.
        last_seen: Records which devices are not silent.
        last_heard: Remembers the last message about each device.
        ports: Remembers the names of ports.
        note_invalid: Records an event that cannot be normalized, with the reason.
        failure_log: Logs unexpected failures.
        in_flight: Holds the engine's changes until they are committed.
    """

    sources: Mapping[str, Source]
    budget: FloodLimiter
    archive: Archive
    inventory: InventorySnapshot
    engine: Engine
    ledger: Ledger
    commit: Callable[[Changes], Awaitable[Durability]]
    announce: Callable[[Changes, Durability], None]
    last_seen: LastSeen
    last_heard: LastHeard = field(default_factory=LastHeard)
    ports: PortNames = field(default_factory=PortNames)
    note_invalid: NoteInvalid = lambda _raw, _error: None
    failure_log: FailureLog = field(default_factory=FailureLog)
    in_flight: InFlight = field(default_factory=InFlight)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizedBatch:
    """Normalized events of a batch, in order of arrival.

    Attributes:
        counts: Outcome of the events, for the ledger.
        failed: Events on which their connector failed unexpectedly, with the error.
    """

    alerts: list[NormalizedAlert]
    snapshots: list[Snapshot]
    counts: Counter[Key]
    failed: list[tuple[RawEvent, Exception]]


async def run_batch(batch: Sequence[RawEvent], stages: Stages, now: datetime) -> Changes:
    """Process raw events up to the commit, then acknowledge them.

    Args:
        batch: Raw events of any connectors, oldest first.
        now: The time at which the engine decides.

    Returns:
        What was committed.

    Raises:
        StoreRejected: PostgreSQL rejects the data.
    """
    pace = CooperativeYield()
    reports = await normalize(batch, stages, pace)
    identified = await identify_all(reports.alerts, stages.inventory, pace)
    stages.last_seen.note(identified)
    stages.last_heard.note(identified, now)
    named = stages.ports.fill(identified)
    await pace.rest()
    admitted = stages.budget.admit(named, stages.engine, stages.inventory, now)
    await pace.rest()
    changes = await fold(admitted.events, stages.engine, now, pace, in_flight=stages.in_flight)
    stages.budget.learn(changes)
    if reports.snapshots:
        changes = changes.then(await reconcile_all(reports.snapshots, stages, now, pace))
    waiting = [raw for raw in batch if raw.on_commit is not None]
    archived = await stages.archive.keep(without(batch, reports.failed), stages.sources, now, pace)
    failed = (aside_event(raw, error, stages.sources, stages.failure_log) for raw, error in reports.failed)
    recorded = {
        "archive": archived.rows,
        "aside": tuple(failed),
        "keys": keys_of(waiting),
        "reported": reported_keys_of(waiting),
    }
    changes = _replaced(changes, recorded)
    place = await stages.commit(changes)
    stages.in_flight.clear()
    stages.ledger.add(outcome_of(reports.counts, changes.folded, place))
    stages.ledger.add(admitted.counts)
    note_archived(archived, stages)
    stages.ledger.add_unmatched(changes.unmatched_clears)
    acknowledge(waiting, stages.failure_log)
    stages.announce(changes, place)
    return changes


async def normalize(batch: Sequence[RawEvent], stages: Stages, pace: CooperativeYield) -> NormalizedBatch:
    """Normalize raw events; what cannot be normalized is counted by reason.

    A connector that fails unexpectedly fails for that event only.
    """
    reports = NormalizedBatch(alerts=[], snapshots=[], counts=Counter(), failed=[])
    reported: Counter[str] = Counter()
    for part in slices(batch):
        start = 0
        while start < len(part):
            start += _normalize_until_one_fails(part[start:], stages, reports, reported)
        await pace.rest()
    _count(batch, reported, reports)
    return reports


def _normalize_until_one_fails(
    part: Sequence[RawEvent], stages: Stages, reports: NormalizedBatch, reported: Counter[str]
) -> int:
    """Normalize events; return how many are done, the one that fails included.

    One guard for many events: entering it for each would cost more than the failures that it catches.
    """
    done = 0
    with guarded() as turning:
        for done, raw in enumerate(part, 1):  # noqa: B007 - read after a failure
            try:
                said = bounded(stages.sources[raw.connector].normalize(raw), raw.received_at)
            except (DecodeError, NormalizeError) as error:
                reports.counts[Key(raw.connector, "invalid", error.reason)] += 1
                stages.note_invalid(raw, error)
                continue
            if isinstance(said, Snapshot):
                reports.snapshots.append(said)
                reported[raw.connector] += len(said.alerts)
            else:
                reports.alerts.extend(said)
                reported[raw.connector] += len(said)
    if turning.error is not None:
        raw = part[done - 1]
        reports.counts[Key(raw.connector, "failed", type(turning.error).__name__)] += 1
        reports.failed.append((raw, turning.error))
    return done


async def identify_all(
    alerts: Sequence[NormalizedAlert], inventory: InventorySnapshot, pace: CooperativeYield
) -> list[IdentifiedReport]:
    """Identify the devices of all reports, slice by slice."""
    identified: list[IdentifiedReport] = []
    for start in range(0, len(alerts), PART):
        identified += identify(alerts[start : start + PART], inventory)
        await pace.rest()
    return identified


async def fold(
    events: Sequence[IdentifiedReport],
    engine: Engine,
    now: datetime,
    pace: CooperativeYield,
    *,
    in_flight: InFlight,
) -> Changes:
    """Fold reports in steps that block the event loop for some milliseconds each.

    Only the loop, which waits for this, steps the engine.
    """
    steps: list[Changes] = []
    left = events
    while left or not steps:
        steps.append(in_flight.add(engine.apply(left, now, most=FOLDED)))
        left = left[steps[-1].folded :]
        await pace.rest()
    return await as_one(steps, pace)


async def reconcile_all(
    snapshots: Iterable[Snapshot], stages: Stages, now: datetime, pace: CooperativeYield
) -> Changes:
    """Reconcile every scope with its snapshot; large ones in a thread, since traps keep coming.

    No other code steps the engine meanwhile, as with `fold`.
    """
    steps, engine, in_flight = [], stages.engine, stages.in_flight
    for snapshot in snapshots:
        found = stages.ports.fill(await identify_all(snapshot.alerts, stages.inventory, pace))
        listed = IdentifiedSnapshot(scope=snapshot.scope, alerts=tuple(found), taken_at=snapshot.taken_at)
        if len(found) + engine.count_listed(snapshot.scope) > PART:
            reconcile = partial(engine.reconcile, listed, now)
            steps.append(await in_flight.step_in_thread(engine.open_alerts(), reconcile))
        else:
            steps.append(in_flight.add(engine.reconcile(listed, now)))
        await pace.rest()
    return await as_one(steps, pace)


def _count(batch: Sequence[RawEvent], reported: Mapping[str, int], reports: NormalizedBatch) -> None:
    """Count for the ledger the events that became alerts, the alerts, and the unmapped ones."""
    invalid: Counter[str] = Counter()
    for key, amount in reports.counts.items():
        invalid[key.connector] += amount
    for connector, amount in Counter(map(_connector, batch)).items():
        reports.counts[Key(connector, "normalized")] = amount - invalid[connector]
    for connector, amount in reported.items():
        reports.counts[Key(connector, "reported")] = amount
    unmapped = Counter(alert.source_system for alert in reports.alerts if alert.category is _UNKNOWN)
    for connector, amount in unmapped.items():
        reports.counts[Key(connector, "unmapped")] = amount


def note_archived(archived: ArchivedBatch, stages: Stages) -> None:
    """Count what is archived; count and log what failed on the way there."""
    stages.ledger.add(archived.counts)
    for key, amount in archived.counts.items():
        if key.stage == "unarchived":
            metrics.archive_failures.labels(key.connector).inc(amount)
    for connector, (raw, error) in archived.failed.items():
        message = "an event cannot be archived, it is only counted"
        stages.failure_log.record(message, error, {"connector": connector, "address": raw.peer})


def without(batch: Sequence[RawEvent], failed: Sequence[tuple[RawEvent, Exception]]) -> Sequence[RawEvent]:
    """Return the events without those on which something failed."""
    if not failed:
        return batch
    bad = {id(raw) for raw, _ in failed}
    return [raw for raw in batch if id(raw) not in bad]


def keys_of(events: Iterable[RawEvent]) -> tuple[AcknowledgedKeys, ...]:
    """Return the keys that recognize events when they are sent again, by connector."""
    by_connector: defaultdict[str, list[bytes]] = defaultdict(list)
    for event in events:
        if event.keys:
            by_connector[event.connector].append(event.keys)
    return tuple(
        AcknowledgedKeys(connector=connector, keys=b"".join(keys)) for connector, keys in by_connector.items()
    )


def reported_keys_of(events: Iterable[RawEvent]) -> tuple[ReportedKey, ...]:
    """Return the keys that reporters chose for events; of one key the last use."""
    used = {(each.reporter, each.key): each for event in events for each in event.reported}
    return tuple(used.values())


def acknowledge(waiting: Sequence[RawEvent], failure_log: FailureLog) -> None:
    """Acknowledge events to the senders that wait for it.

    A failure here must not count as a failure of the events: they would be processed twice.
    """
    left, connector = iter(waiting), ""
    while True:
        with guarded() as answering:  # one for many events: entering it for each costs more than to answer
            for raw in left:
                if raw.on_commit is not None:
                    connector = raw.connector
                    raw.on_commit()
        if answering.error is None:
            return
        failure_log.record("a sender cannot be answered", answering.error, {"connector": connector})
