"""Construction of self-monitoring, and the list of its tasks."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from opsconductor.app.backups import Backups
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.detecting.opening import Detection
from opsconductor.app.inventories import Inventories
from opsconductor.app.periodic import Retention
from opsconductor.app.status.lag import LoopLag
from opsconductor.app.status.system_info import host_name
from opsconductor.app.stores import Stores
from opsconductor.config.settings import Settings
from opsconductor.connector.interface import Emit
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.selfcheck.watch.bookkeeper import Bookkeeper
from opsconductor.selfcheck.watch.canary import Canary
from opsconductor.selfcheck.watch.heartbeat import Heartbeat
from opsconductor.selfcheck.watch.stored import asides_of
from opsconductor.selfcheck.watch.watcher import Watcher, WatcherInputs
from opsconductor.series.series_store import SeriesStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfWatch:
    """All parts of self-monitoring."""

    settings: Settings
    bookkeeper: Bookkeeper
    watcher: Watcher
    canary: Canary
    heartbeat: Heartbeat

    def tasks(self, emit: Emit) -> dict[str, Coroutine[None, None, None]]:
        """Return the tasks that run until the daemon stops."""
        tasks = {
            # writes the loss ledger to PostgreSQL
            "ledger": self.bookkeeper.keep(),
            # checks the ledger's equations, raises alerts on the daemon itself
            "self watch": self.watcher.watch(emit),
            # reads what was set aside
            "set aside": self.watcher.sight.asides.keep(),
            # reads which notifications were given up
            "undelivered": self.watcher.sight.undelivered.keep(),
        }
        if self.settings.canary.every is not None:
            # sends test traps through the real port to a real channel
            tasks["canary"] = self.canary.fly(self.settings.canary.every)
        if self.settings.heartbeat.url is not None:
            # signals to an external dead man's switch that all is well
            tasks["heartbeat"] = self.heartbeat.beat(self.settings.heartbeat.url.get_secret_value())
        return tasks


def assemble_self_watch(live: Runtime, sight: WatcherInputs, connectors: RunningConnectors) -> SelfWatch:
    """Build the parts of self-monitoring."""
    settings, pool = live.settings, live.pool
    host = host_name()
    canary = Canary(settings.canary, pool, connectors, lambda: live.configuration.inventory)
    bookkeeper = Bookkeeper(
        pool,
        sight.ledger,
        sight.levels,
        host=host,
        kept_sockets=bool(live.sockets),
        data_dir=settings.data_dir,
    )

    def fault() -> str:
        if sight.is_away():
            return "the database is away"
        return f"the engine keeps failing: {failure}" if (failure := sight.engine_failure()) else canary.lost

    return SelfWatch(
        settings=settings,
        bookkeeper=bookkeeper,
        watcher=Watcher(
            sight=sight, settings=settings.self_watch, host=host, bookkeeper=bookkeeper, canary=canary
        ),
        canary=canary,
        heartbeat=Heartbeat(settings.heartbeat, settings.outgoing.destinations, fault),
    )


class Works(NamedTuple):
    """The parts beside the pipeline that report what is wrong to the watch."""

    stores: Stores
    retention: Retention
    inventories: Inventories
    backups: Backups
    series: SeriesStore
    detection: Detection
    lag: LoopLag


def sight_of(
    live: Runtime,
    worker: PipelineLoop,
    status: StatusKeeper,
    works: Works,
) -> WatcherInputs:
    """Return the inputs of self-monitoring."""
    return WatcherInputs(
        ledger=worker.stages.ledger,
        levels=worker.levels,
        status=status,
        last_seen=worker.stages.last_seen,
        is_away=lambda: works.stores.is_away,
        spool=works.stores.spool_facts,
        faults=lambda: live.all_faults,
        rejected=live.rejections.repeated,
        data_dir=live.settings.data_dir,
        retention_waits_for=lambda: works.retention.waits_for,
        backup_fault=lambda: works.backups.fault,
        engine_failure=lambda: worker.failure,
        asides=asides_of(live.pool),
        undelivered=works.stores.undelivered,
        unreached=lambda: worker.stages.engine.router.unreached,
        series=works.series.facts,
        detector=works.detection.task.facts,
        templates=live.template_faults.present,
        waiting=works.inventories.present_waiting,
        blocks=lambda: works.lag.blocks.since(datetime.now(UTC) - live.settings.self_watch.quiet_time),
    )
