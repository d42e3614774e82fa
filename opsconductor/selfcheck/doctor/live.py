"""Examination of a running daemon, from the inside."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.status.loop_blocks import LoopBlocks
from opsconductor.app.status.system_info import disk_of, read_clock
from opsconductor.errors import StoreError
from opsconductor.selfcheck.doctor.connections import examine_connections, judge_rejections, samples_of
from opsconductor.selfcheck.doctor.database import Examined, examine_database
from opsconductor.selfcheck.doctor.detector import judge_detector
from opsconductor.selfcheck.doctor.finding import DoctorFinding, DoctorReport, bad, ok, warning
from opsconductor.selfcheck.doctor.log_in import examine_log_in
from opsconductor.selfcheck.doctor.machine import judge_blocks, judge_clock, judge_disk
from opsconductor.selfcheck.doctor.machine_types import examine_machine_types
from opsconductor.selfcheck.doctor.pages import pages_of
from opsconductor.selfcheck.doctor.retention import examine_retention
from opsconductor.selfcheck.doctor.series import judge_series
from opsconductor.selfcheck.doctor.setup import judge_faults, judge_settings
from opsconductor.selfcheck.doctor.stores import judge_ledger, judge_spool
from opsconductor.selfcheck.watch.assemble import SelfWatch
from opsconductor.store.postgres.connection import Pool

ORDER = (
    "daemon",
    "database",
    "backups",
    "spool",
    "ledger",
    "series",
    "detector",
    "set aside",
    "connectors",
    "sockets",
    "channels",
    "canary",
    "clock",
    "disk",
    "certificates",
    "configuration",
    "log-in",
    "people",
    "mappings",
    "maintenance",
)
STEPS = ("ledger", "machine types", "database", "retention", "connectors", "log-in", "disk", "clock")
"""Parts of an examination that take time; all but the first two are done at the same time."""
INTAKE_FULL = 0.5
WRITE_WITHIN_S = 3.0
BLOCKS_OF = timedelta(hours=1)

Result = TypeVar("Result")


def _ignore_step(_step: str) -> None:
    """Ignore a step: the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Examines every part of the running daemon."""

    pool: Pool
    connectors: RunningConnectors
    watch: SelfWatch
    health: Callable[[], Mapping[str, object]]
    blocks: LoopBlocks

    async def examine(self, done: Callable[[str], None] = _ignore_step) -> DoctorReport:
        """Examine everything; a timeout is a finding.

        Args:
            done: Called with each of `STEPS` when it is done.
        """
        sight = self.watch.watcher.sight
        await self._run(done, "ledger", self.write_ledger())
        settings, now = self.watch.settings, datetime.now(UTC)
        machines = await self._run(done, "machine types", examine_machine_types(self.pool))
        examined, retention, connections, log_in, disk, clock = await asyncio.gather(
            self._run(done, "database", self._database()),
            self._run(done, "retention", examine_retention(self.pool, settings, now)),
            self._run(done, "connectors", examine_connections(self.connectors, sight.status.now())),
            self._run(done, "log-in", examine_log_in(self.pool, settings)),
            self._run(done, "disk", asyncio.to_thread(disk_of, sight.data_dir)),
            self._run(done, "clock", asyncio.to_thread(read_clock)),
        )
        findings = [
            *self._daemon(),
            *judge_blocks(self.blocks.since(now - BLOCKS_OF)),
            *examined.findings,
            *judge_spool(sight.spool()),
            *judge_series(sight.series()),
            *judge_detector(sight.detector()),
            *machines,
            *connections,
            *self._retention(),
            *judge_faults(sight.faults()),
            *judge_settings(settings),
            *log_in,
            *judge_rejections(sight.rejected()),
            *self._canary(),
            judge_clock(clock),
            judge_disk(disk),
        ]
        return DoctorReport(
            at=datetime.now(UTC),
            findings=in_order(findings),
            ledger=examined.ledger,
            samples=samples_of(self.connectors),
            retention=retention,
        )

    async def _run(self, done: Callable[[str], None], step: str, work: Awaitable[Result]) -> Result:
        found = await work
        done(step)
        return found

    async def write_ledger(self) -> None:
        """Flush the ledger; an unavailable database is reported elsewhere."""
        try:
            async with asyncio.timeout(WRITE_WITHIN_S):
                await self.watch.bookkeeper.write()
        except (StoreError, TimeoutError):
            return

    async def _database(self) -> Examined:
        """Examine the database; while it is away, the ledger is the one in memory."""
        watcher = self.watch.watcher
        examined = await examine_database(self.pool, self.watch.settings, watcher.gaps)
        if examined.ledger is not None:
            return Examined(findings=[*examined.findings, *self._unwritten()], ledger=examined.ledger)
        ledger = pages_of(watcher.sight.ledger.entries(), None, watcher.gaps)
        return Examined(findings=[*examined.findings, *judge_ledger(ledger)], ledger=ledger)

    def _unwritten(self) -> list[DoctorFinding]:
        """Return the finding that the ledger is not in the database, although that answers."""
        error = self.watch.bookkeeper.error
        return [warning("ledger", f"cannot be written: {error}", "the log may have more")] if error else []

    def _daemon(self) -> list[DoctorFinding]:
        health = self.health()
        limit = self.watch.settings.limits.intake_events
        waiting = sum(self.watch.watcher.sight.levels().values())
        text = f"{health['version']} runs since {health['started_at']}, {waiting:,} messages are in progress"
        if failure := self.watch.watcher.sight.engine_failure():
            remedy = "the log has the traceback: report it; nothing is processed or notified meanwhile"
            return [bad("daemon", f"the engine keeps failing: {failure}", remedy)]
        if waiting > INTAKE_FULL * limit:
            remedy = "overload: find the busiest sender (opsconductor alerts list), check the database's load"
            return [warning("daemon", text, remedy)]
        return [ok("daemon", text)]

    def _retention(self) -> list[DoctorFinding]:
        fault = self.watch.watcher.sight.retention_waits_for()
        if not fault:
            return []
        return [warning("database", "old rows are not deleted", fault)]

    def _canary(self) -> list[DoctorFinding]:
        canary, settings = self.watch.canary, self.watch.settings.canary
        if settings.every is None:
            return []
        if canary.lost:
            remedy = "check the connector, the rules and the channel above; is 127.0.0.1 in its networks?"
            return [bad("canary", canary.lost, remedy)]
        if canary.latency_s is None:
            return [ok("canary", "none was delivered yet")]
        return [ok("canary", f"the last took {canary.latency_s:.2f} s to {settings.channel}")]


def in_order(findings: list[DoctorFinding]) -> list[DoctorFinding]:
    """Sort findings by area, in the order in which they are shown."""
    return sorted(findings, key=lambda finding: ORDER.index(finding.area))
