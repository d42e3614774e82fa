"""What happens to a batch of raw events, from the network to the committed alert.

Read `run_batch` first: it is the whole flow.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from opsconductor.connector.interface import Source
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.changes import Changes
from opsconductor.model.event import RawEvent
from opsconductor.model.identified import IdentifiedSnapshot
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.pipeline.engine import Engine
from opsconductor.pipeline.identify import identify
from opsconductor.pipeline.ledger import Ledger

SLICE = 500
"""Events that are normalized before others get the event loop again: about 10 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The parts that a batch goes through.

    Attributes:
        sources: By connector name.
        commit: Writes changes to the database in one transaction, however long that takes.
        announce: Tells the live feed and the outbox worker what has been committed.
    """

    sources: Mapping[str, Source]
    inventory: InventorySnapshot
    engine: Engine
    ledger: Ledger
    commit: Callable[[Changes], Awaitable[None]]
    announce: Callable[[Changes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What the raw events of a batch say, in the order in which they came."""

    alerts: list[NormalizedAlert]
    snapshots: list[Snapshot]


async def run_batch(batch: Sequence[RawEvent], stages: Stages, now: datetime) -> Changes:
    """Take raw events all the way to the database, then acknowledge them.

    Args:
        batch: Raw events of any connectors, oldest first.
        now: The time at which the engine decides.

    Returns:
        What was committed.

    Raises:
        StoreRejected: PostgreSQL refuses the data.
    """
    reports = await normalize(batch, stages.sources, stages.ledger)
    identified = identify(reports.alerts, stages.inventory)
    changes = stages.engine.apply(identified, now)
    for snapshot in reports.snapshots:
        found = identify(snapshot.alerts, stages.inventory)
        listed = IdentifiedSnapshot(scope=snapshot.scope, alerts=tuple(found), taken_at=snapshot.taken_at)
        changes = changes.then(stages.engine.reconcile(listed, now))
    await stages.commit(changes)
    acknowledge(batch)
    stages.announce(changes)
    return changes


async def normalize(batch: Sequence[RawEvent], sources: Mapping[str, Source], ledger: Ledger) -> Reports:
    """Turn raw events into the standard form; what cannot be turned is counted by reason."""
    reports = Reports(alerts=[], snapshots=[])
    outcomes: Counter[tuple[str, str, str]] = Counter()
    for start in range(0, len(batch), SLICE):
        for raw in batch[start : start + SLICE]:
            try:
                said = sources[raw.connector].normalize(raw)
            except (DecodeError, NormalizeError) as error:
                outcomes[raw.connector, "undecodable", error.reason] += 1
                continue
            outcomes[raw.connector, "normalized", ""] += 1
            if isinstance(said, Snapshot):
                reports.snapshots.append(said)
            else:
                reports.alerts.extend(said)
        await asyncio.sleep(0)
    for (connector, stage, reason), amount in outcomes.items():
        ledger.count(connector, stage, reason, amount)
    return reports


def acknowledge(batch: Sequence[RawEvent]) -> None:
    """Tell the senders who wait for it that their events are committed."""
    for raw in batch:
        if raw.on_commit is not None:
            raw.on_commit()
