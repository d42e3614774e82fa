"""Start, run and ordered shutdown of the daemon; `parts.py` builds its parts.

Sinks start before sources and stop after them, so that incoming events can always be processed.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial

from opsconductor import systemd
from opsconductor.app.api_server import listening
from opsconductor.app.backups import Backups
from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.app.configuring.reload import reload
from opsconductor.app.configuring.runtime import Runtime, declare, encrypt_contacts, read_plans
from opsconductor.app.connectors.abandoned import abandon_forever
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.parts import OpenedStores, Parts, build
from opsconductor.app.periodic import keep_acknowledged, keep_watchdog, open_retention
from opsconductor.app.reporting.tasks import reporting_tasks
from opsconductor.app.signals import Signals
from opsconductor.app.startup import opened_database
from opsconductor.app.stores import stores_of
from opsconductor.config.load import LoadedSettings
from opsconductor.config.settings import LimitSettings
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.settings import delivery_settings
from opsconductor.notify.worker import deliver_forever
from opsconductor.pipeline.committer import DurableCommitter
from opsconductor.selfcheck.watch.storms import watch_storms
from opsconductor.store.access.local_token import ensure_local_token
from opsconductor.store.access.password_links import first_link
from opsconductor.store.notifications.outbox import end_leases
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.daemon_lock import sole_daemon
from opsconductor.store.spool.queue import SpoolLimits, open_spool

log = logging.getLogger(__name__)

SPOOL_THE_REST_S = 2.0
GIVE_UP_S = 10.0
"""How long after `limits.shutdown_time` a stop still waits for PostgreSQL."""
CANCEL_AGAIN_S = 5.0
"""Longer than messages in flight get to arrive."""

Announce = Callable[[Runtime, RunningConnectors, str], None]


async def serve(loaded: LoadedSettings, announce: Announce) -> None:
    """Run the daemon until it is asked to stop, which is possible during the start as well.

    Args:
        announce: Called once everything runs, with the end of the set-up link; empty: there are users.

    Raises:
        StoreUnavailable: The database cannot be opened.
        StoreRejected: The database is newer than this version, or another daemon uses it, even one that
            started while PostgreSQL was away.
        Rejected: The API's port cannot be opened.
    """
    signals = Signals()
    async with signals.stoppable_start():
        await _serve(loaded, signals, announce)
    log.info("stopped")


async def _serve(loaded: LoadedSettings, signals: Signals, announce: Announce) -> None:
    settings = loaded.settings
    async with (
        opened_database(settings) as pool,
        sole_daemon(pool) as sole,
        open_spool(settings.data_dir, SpoolLimits(bytes=settings.limits.spool_bytes)) as spool,
    ):
        stores = stores_of(pool, spool, settings)
        await stores.committer.recover(settings.limits.database_wait)
        await encrypt_contacts(pool, settings)
        faults = await declare(pool, settings)
        await end_leases(pool)
        retention = await open_retention(pool, settings.retention)
        async with asyncio.TaskGroup() as tasks:
            backups = Backups(settings)
            opened = OpenedStores(pool=pool, stores=stores, retention=retention, backups=backups)
            parts = await build(settings, opened, faults, tasks)
            spare_long_lived_objects()
            working = tasks.create_task(parts.worker.run(), name="pipeline")
            async with listening(parts, signals, loaded.origins):
                # measures event loop lag, from before a connector can block
                helpers = [tasks.create_task(parts.lag.watch(), name="loop lag")]
                plans = await read_plans(parts.live, parts.live.configuration, parts.status.report_of)
                await parts.connectors.change_to(plans)
                helpers += [tasks.create_task(task, name=name) for name, task in eternal(parts).items()]
                helpers.append(tasks.create_task(sole.keep(), name="sole daemon"))
                await ensure_local_token(pool, settings.data_dir)
                link = await first_link(pool)
                signals.started(partial(give_up_later, pool, settings.limits))
                systemd.ready(parts.live.status_line)
                announce(parts.live, parts.connectors, link)
                await signals.until_stop(
                    partial(reload, parts.live, parts.worker, parts.connectors, parts.status)
                )
                log.info("stopping, committing what has come in")
                systemd.stopping()
                await parts.connectors.stop_sources()
                await parts.inventories.finish()
                await parts.series.finish()
                parts.worker.finish()
                await commit_the_rest(working, stores.committer, settings.limits)
            await end([working, *helpers])
        await parts.connectors.close_channels()
        await parts.watch.bookkeeper.finish()


async def commit_the_rest(
    working: asyncio.Task[None], committer: DurableCommitter, limits: LimitSettings
) -> None:
    """Wait until received events are committed; on timeout they go to the spool, which is fast."""
    await asyncio.wait({working}, timeout=limits.shutdown_time.total_seconds())
    if not working.done():
        committer.spool_only()
        await asyncio.wait({working}, timeout=SPOOL_THE_REST_S)


def give_up_later(pool: Pool, limits: LimitSettings) -> None:
    """Close all connections when the daemon should have stopped: PostgreSQL may hang."""
    within_s = limits.shutdown_time.total_seconds() + GIVE_UP_S
    asyncio.get_running_loop().call_later(within_s, pool.terminate)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until all have ended: an error of PostgreSQL may take the place of a cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


def sender_of(parts: Parts) -> NotificationSender:
    """Return what sends the notifications of the outbox."""
    settings, registry = parts.settings, parts.connectors.registry
    pictures = parts.detection.pictures
    return NotificationSender(
        registry.channels,
        delivery_settings(settings.notifications, settings.public_url, parts.ack_links, pictures.of),
        parts.status.report,
        registry.traits,
        parts.live.template_faults,
    )


def eternal(parts: Parts) -> Mapping[str, Coroutine[None, None, None]]:
    """Return the tasks that run beside the pipeline until the daemon stops."""
    return {
        # delivers the outbox, at least once
        "outbox": deliver_forever(
            parts.pool,
            sender_of(parts),
            parts.outbox_wake,
            parts.stores.outage,
        ),
        # forwards acknowledgements to the systems that alerts came from
        "acknowledgements": parts.acknowledgements.forward_forever(parts.worker),
        # writes status and counts to the rows of `connectors`
        "connector status": parts.status.keep(parts.pool),
        # creates partitions ahead, deletes expired rows
        "retention": parts.retention.keep(),
        # deletes expired deduplication keys
        "acknowledged": keep_acknowledged(parts.pool),
        # verifies alerts by polling devices
        "verification": parts.verification.run(parts.worker.command, parts.worker.open_alerts),
        # closes alerts whose target, check or connector was removed
        "abandoned": abandon_forever(
            parts.worker, parts.connectors.registry.poller, lambda: parts.live.configuration.connectors
        ),
        # moves the spool to PostgreSQL once that is back
        "spool": parts.stores.committer.drain_forever(),
        # monitors PostgreSQL, so that requests need not wait for a timeout
        "database": parts.stores.database.watch(),
        # notifies systemd's watchdog
        "watchdog": keep_watchdog(),
        # writes measured values, packs and aggregates them; sends them to an external store
        **parts.series.tasks(),
        # reads and analyses datasets, each job in a process of its own
        "datasets": parts.datasets.run(),
        # rules and detector over the series
        "detector": parts.detection.task.run(),
        # evaluates versions of the detector, each in a process of its own
        "evaluations": parts.detection.evaluations.run(),
        # raises and clears alerts on storms
        "storms": watch_storms(parts.worker.stages.budget, parts.live.ledger, parts.intake.put),
        # daily backups, reports, states of devices
        **reporting_tasks(parts.pool, parts.backups, parts.reports, parts.connectors.registry),
        # the loss ledger, alerts on the daemon itself, canary, heartbeat
        **parts.watch.tasks(parts.intake.put),
    }
