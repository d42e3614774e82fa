"""Closing of alerts that no poller will end, because target, check or connector was removed."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice

from opsconductor.app.connectors.built_in import NAMES
from opsconductor.connector.interface import Poller
from opsconductor.engine.reconcile import ABANDONED, connector_of
from opsconductor.guard import guarded
from opsconductor.model.alert import Alert
from opsconductor.pipeline.failing import FailureLog
from opsconductor.pipeline.loop import PipelineLoop

log = logging.getLogger(__name__)
failures = FailureLog()

FindPoller = Callable[[str], Poller | None]

LOOK_EVERY_S = 60.0
PART = 1_000
"""Alerts examined before yielding to other tasks."""
MOST_AT_ONCE = 500
"""Scopes closed between two batches."""


async def abandon_forever(
    worker: PipelineLoop, poller: FindPoller, configured: Callable[[], Collection[str]]
) -> None:
    """Close abandoned alerts soon after every start and reload, until cancelled.

    Args:
        poller: Returns the running connector of a name that has scopes of its own.
        configured: Returns the names of enabled connectors, also of those that cannot run now.
    """
    reported: Mapping[str, int] = {}
    while True:
        orphans = await orphans_of(worker.stages.engine.open_alerts(), configured())
        if orphans.keys() - reported.keys():
            _log_orphans(orphans)
        reported = orphans
        scopes = worker.stages.engine.scopes
        gone = set(abandoned(scopes, configured(), poller))
        while gone:
            part = list(islice(gone, MOST_AT_ONCE))
            gone.difference_update(part)
            await _abandon(part, worker)
        await asyncio.sleep(LOOK_EVERY_S)


def abandoned(scopes: Collection[str], configured: Collection[str], poller: FindPoller) -> Collection[str]:
    """Return the scopes for which no snapshot will come.

    Args:
        configured: Names of enabled connectors, also of those that cannot run now.
        poller: Returns the running connector of a name that has scopes of its own.
    """
    by_connector: dict[str, list[str]] = defaultdict(list)
    for scope in scopes:
        by_connector[connector_of(scope)].append(scope)
    gone: list[str] = []
    for name, of_one in by_connector.items():
        if name not in configured and name not in NAMES:
            gone += of_one
        elif (found := poller(name)) is not None:
            with guarded() as asking:
                gone += set(found.abandoned(of_one)) & set(of_one)
            if asking.error is not None:
                failures.record(
                    "a connector cannot say which scopes are abandoned", asking.error, {"connector": name}
                )
    return gone


async def orphans_of(alerts: Iterable[Alert], configured: Collection[str]) -> Mapping[str, int]:
    """Count by connector the open alerts of removed connectors that no snapshot would have ended.

    They stay open: a source does not report again what it reported before its connector was renamed.
    """
    found: Counter[str] = Counter()
    for number, alert in enumerate(list(alerts)):
        name = alert.source_system
        if not alert.snapshot_scope and name not in configured and name not in NAMES:
            found[name] += 1
        if not number % PART:
            await asyncio.sleep(0)
    return found


def _log_orphans(orphans: Mapping[str, int]) -> None:
    log.warning(
        "open alerts of removed connectors: another source, a poll or an operator must end them",
        extra={"amount": sum(orphans.values()), "connector": ", ".join(sorted(orphans))},
    )


async def _abandon(scopes: Collection[str], worker: PipelineLoop) -> None:
    with guarded() as asking:
        changes = await worker.ask(lambda engine, now: engine.abandon(scopes, now))
    if asking.error is not None:  # the next look finds them again
        log.error("alerts of removed polls stay open for now", extra={"error": repr(asking.error)})
        return
    amount = sum(entry.rule == ABANDONED for entry in changes.history)
    if amount:
        log.warning(
            "alerts are closed, because they are no longer polled",
            extra={"amount": amount, "connector": ", ".join(sorted(set(map(connector_of, scopes))))},
        )
