"""Periodic self-monitoring: checks the ledger, and emits what is wrong as alerts."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opsconductor import metrics
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.detecting.progress import DetectorFacts
from opsconductor.app.status.loop_blocks import LoopBlock
from opsconductor.app.status.system_info import Disk, disk_of, read_clock
from opsconductor.config.sections.watch import SelfWatchSettings
from opsconductor.connector.interface import Emit
from opsconductor.connector.outgoing.template_faults import TemplateFault
from opsconductor.connector.rejection import Rejection
from opsconductor.ledger.equations import Gap
from opsconductor.ledger.ledger import Amounts, Ledger
from opsconductor.model.inventory.listed import InventoryLoss
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.selfcheck.watch.backups import troubles_of_backups
from opsconductor.selfcheck.watch.blocks import troubles_of_blocks
from opsconductor.selfcheck.watch.bookkeeper import Bookkeeper
from opsconductor.selfcheck.watch.canary import Canary
from opsconductor.selfcheck.watch.detector import troubles_of_detector
from opsconductor.selfcheck.watch.disk import troubles_of_disk
from opsconductor.selfcheck.watch.losses import Losses, counters_of
from opsconductor.selfcheck.watch.rules import troubles_of_rules
from opsconductor.selfcheck.watch.series import troubles_of_series
from opsconductor.selfcheck.watch.silences import SilenceWatch
from opsconductor.selfcheck.watch.source import event_of
from opsconductor.selfcheck.watch.stored import StoredFindings
from opsconductor.selfcheck.watch.templates import troubles_of_templates
from opsconductor.selfcheck.watch.trouble import SOURCE_SYSTEM, Facts, SpoolFacts, Trouble, troubles_of
from opsconductor.selfcheck.watch.waiting import troubles_of_losses
from opsconductor.series.series_store import SeriesFacts
from opsconductor.store.aside import AsideSum
from opsconductor.store.notifications.undelivered import Undelivered

log = logging.getLogger(__name__)

REFRESH_S = 60.0
"""Interval at which a continuing trouble is emitted again when only its text has changed."""

TroubleKeys = frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherInputs:
    """Inputs of the watcher.

    Attributes:
        levels: Number of messages in progress, by connector; see `PipelineLoop.levels`.
        is_away: Returns True if PostgreSQL lacks the newest state.
        spool: Fill level of the spool; None: there is no spool.
        retention_waits_for: Why old rows are not deleted now; empty: nothing prevents it.
        backup_fault: Why the last daily backup failed; empty: it did not.
        faults: Faults of the provisioning files, and why a reload changed nothing.
        rejected: What connectors reject repeatedly.
        engine_failure: Why the engine keeps failing; empty: it works.
        asides: What was recently set aside.
        undelivered: Notifications that were given up.
        series: State of the series of measured values.
        detector: State of the worker of rules and detector.
        templates: Templates of messages that fail.
        waiting: Losses of inventories that await confirmation, by connector.
        unreached: Names of the rules that can reach no one.
        blocks: Times within the quiet time for which the event loop was blocked.
    """

    ledger: Ledger
    levels: Callable[[], Amounts]
    status: StatusKeeper
    last_seen: LastSeen
    is_away: Callable[[], bool]
    spool: Callable[[], SpoolFacts | None]
    faults: Callable[[], Sequence[str]]
    rejected: Callable[[], Sequence[Rejection]]
    data_dir: Path
    retention_waits_for: Callable[[], str]
    backup_fault: Callable[[], str]
    engine_failure: Callable[[], str]
    asides: StoredFindings[AsideSum]
    undelivered: StoredFindings[Undelivered]
    series: Callable[[], SeriesFacts]
    detector: Callable[[], DetectorFacts]
    templates: Callable[[], Sequence[TemplateFault]] = tuple
    waiting: Callable[[], Mapping[str, InventoryLoss]] = dict
    unreached: Callable[[], Sequence[str]] = tuple
    blocks: Callable[[], Sequence[LoopBlock]] = tuple


@dataclass(slots=True)
class Watcher:
    """Monitors the daemon.

    Attributes:
        gaps: The equations of the ledger that do not hold now.
        troubles: What is wrong now.
    """

    sight: WatcherInputs
    settings: SelfWatchSettings
    host: str
    bookkeeper: Bookkeeper
    canary: Canary
    gaps: Sequence[Gap] = ()
    troubles: Sequence[Trouble] = ()
    _losses: Losses = field(init=False)
    _silences: SilenceWatch = field(init=False)
    _reported: TroubleKeys | None = None
    _reported_s: float = 0.0
    _unclean_until_s: float = field(init=False)

    def __post_init__(self) -> None:
        now_s = time.monotonic()
        quiet_s = self.settings.quiet_time.total_seconds()
        self._losses = Losses(quiet_s)
        self._silences = SilenceWatch(self.settings.silent_sources, self.settings.silent_devices, now_s)
        self._unclean_until_s = now_s + quiet_s

    async def watch(self, emit: Emit) -> None:
        """Check and emit until cancelled; the first snapshot ends the alerts of an earlier run."""
        while True:
            disk = await asyncio.to_thread(disk_of, self.sight.data_dir)
            metrics.disk_free_bytes.set(disk.free)
            clock = read_clock()
            metrics.clock_synchronized.set(clock is not None and clock.is_synchronized)
            self.look(disk, time.monotonic())
            if self._is_news(time.monotonic()):
                self.sight.ledger.count(SOURCE_SYSTEM, "received")
                await emit([event_of(self.troubles, self.host)])
            await asyncio.sleep(self.settings.every.total_seconds())

    def look(self, disk: Disk, now_s: float) -> None:
        """Return what is wrong at a moment of the monotonic clock."""
        sight = self.sight
        self.gaps = sight.ledger.check(sight.levels())
        facts = Facts(
            is_database_away=sight.is_away(),
            spool=sight.spool(),
            connectors=sight.status.unreported(),
            losses=self._losses.look(counters_of(sight.ledger.entries(), self.gaps), now_s),
            silences=self._silences.look(
                lambda name: sight.ledger.total(name, "taken"), sight.last_seen.last_s, now_s
            ),
            unclean=self.bookkeeper.unclean if now_s < self._unclean_until_s else 0,
            canary=self.canary.lost,
            retention_waits_for=sight.retention_waits_for(),
            faults=sight.faults(),
            rejected=sight.rejected(),
            engine_failure=sight.engine_failure(),
            asides=sight.asides.rows,
            undelivered=sight.undelivered.rows,
        )
        self.troubles = [
            *troubles_of(facts),
            *troubles_of_disk(disk),
            *troubles_of_losses(sight.waiting()),
            *troubles_of_templates(sight.templates()),
            *troubles_of_backups(sight.backup_fault()),
            *troubles_of_series(sight.series()),
            *troubles_of_detector(sight.detector()),
            *troubles_of_blocks(sight.blocks()),
            *troubles_of_rules(sight.unreached()),
        ]
        metrics.self_alerts.set(len(self.troubles))
        metrics.database_up.set(not facts.is_database_away)

    def _is_news(self, now_s: float) -> bool:
        """Emit a snapshot when what is wrong has changed, and at intervals while something is."""
        keys: TroubleKeys = frozenset(
            (each.alert_type, each.resource, each.severity) for each in self.troubles
        )
        if keys == self._reported and not (keys and now_s - self._reported_s >= REFRESH_S):
            return False
        self._reported, self._reported_s = keys, now_s
        return True
