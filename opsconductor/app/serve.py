"""Builds the daemon in one straight function, runs it, and takes it down in order.

Sinks start before sources and stop after them, so that what comes in always has a place to go.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web

from opsconductor import systemd
from opsconductor.api.application import build_api
from opsconductor.api.dependencies import Dependencies
from opsconductor.app.configuration import read_configuration
from opsconductor.app.connectors import LiveConnectors
from opsconductor.app.health import health_of
from opsconductor.app.reload import Live, declare, load_engine, read_plans, reload
from opsconductor.app.signals import Signals
from opsconductor.app.status import StatusKeeper
from opsconductor.app.upkeep import keep_retention, keep_watchdog
from opsconductor.config.settings import ApiSettings, Settings
from opsconductor.connector.interface import Source
from opsconductor.model.changes import Changes
from opsconductor.notify.settings import DeliverySettings
from opsconductor.notify.worker import deliver_forever
from opsconductor.pipeline.batch import Stages
from opsconductor.pipeline.committer import Committer
from opsconductor.pipeline.feed import Feed
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.ledger import Ledger
from opsconductor.pipeline.worker import Worker
from opsconductor.store.commit import commit
from opsconductor.store.database import open_database
from opsconductor.store.local_token import ensure_local_token

log = logging.getLogger(__name__)

API_CLOSE_S = 2.0


async def serve(settings: Settings, announce: Callable[[LiveConnectors], None]) -> None:
    """Run the daemon until it is asked to stop.

    This function is long on purpose: it is the one place where all parts are put together.

    Args:
        announce: Called once everything runs.

    Raises:
        StoreUnavailable: The database cannot be opened.
        ConnectorError: A part that must run cannot.
    """
    signals = Signals()
    sockets = systemd.passed_sockets()
    async with open_database(settings, upgrade=True) as pool:
        await declare(pool, settings)
        configuration = await read_configuration(pool)
        ledger, feed, intake = Ledger(), Feed(), Intake(settings.limits.intake_events)
        status = StatusKeeper(ledger)
        committer = Committer(partial(commit, pool))
        outbox_wake = asyncio.Event()

        def announce_changes(changes: Changes) -> None:
            feed.publish(changes)
            if changes.notifications:
                outbox_wake.set()

        sources: dict[str, Source] = {}
        stages = Stages(
            sources=sources,
            inventory=configuration.inventory,
            engine=await load_engine(pool, settings, configuration),
            ledger=ledger,
            commit=committer.commit,
            announce=announce_changes,
        )
        live = Live(settings=settings, pool=pool, configuration=configuration, sockets=sockets, ledger=ledger)
        worker = Worker(stages, intake=intake, limits=settings.limits, rebuild=live.rebuild_engine)
        async with asyncio.TaskGroup() as tasks:
            connectors = LiveConnectors(
                emit=intake.put,
                surroundings_of=live.surroundings_of,
                report_of=status.report_of,
                tasks=tasks,
                sources=sources,
            )
            delivery = deliver_forever(
                pool, connectors.channels, DeliverySettings(), outbox_wake, report=status.report
            )
            working = tasks.create_task(worker.run(), name="pipeline")
            helpers = [
                tasks.create_task(delivery, name="outbox"),
                tasks.create_task(status.keep(pool), name="connector status"),
                tasks.create_task(keep_retention(pool, settings.retention), name="retention"),
                tasks.create_task(keep_watchdog(), name="watchdog"),
            ]
            health = health_of(worker, intake=intake, committer=committer, status=status)
            parts = Dependencies(pool=pool, pipeline=worker, feed=feed, health=health)
            async with listening(parts, settings.api):
                await connectors.change_to(await read_plans(pool, settings, configuration, status.report_of))
                await ensure_local_token(pool, settings.data_dir)
                systemd.ready("Taking alerts")
                announce(connectors)
                await signals.until_stop(partial(reload, live, worker, connectors, status))
                systemd.stopping()
                await connectors.stop_sources()
                worker.finish()
                await asyncio.wait({working}, timeout=settings.limits.shutdown_time.total_seconds())
            for task in [working, *helpers]:
                task.cancel()
        await connectors.close_channels()


@asynccontextmanager
async def listening(parts: Dependencies, settings: ApiSettings) -> AsyncIterator[None]:
    """Answer the API and show the page while the context lasts."""
    runner = web.AppRunner(build_api(parts), access_log=None, shutdown_timeout=API_CLOSE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.listen.host, settings.listen.port).start()
        yield
    finally:
        await runner.cleanup()
