"""Examination without the daemon."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from opsconductor.app.connectors.types import installed_types
from opsconductor.app.status.system_info import disk_of, read_clock
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.settings import Settings
from opsconductor.errors import ConfigError, StoreError
from opsconductor.model.text import printable
from opsconductor.selfcheck.doctor.database import Examined, examine_database
from opsconductor.selfcheck.doctor.finding import DoctorFinding, DoctorReport, bad, ok, warning
from opsconductor.selfcheck.doctor.live import in_order
from opsconductor.selfcheck.doctor.machine import judge_clock, judge_disk
from opsconductor.selfcheck.doctor.retention import examine_retention
from opsconductor.selfcheck.doctor.setup import judge_settings
from opsconductor.selfcheck.doctor.stores import judge_away, judge_spool
from opsconductor.selfcheck.watch.trouble import SpoolFacts
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.database import open_server
from opsconductor.store.postgres.embedded import CLUSTER
from opsconductor.store.retention.kept import KeptData
from opsconductor.store.spool.file import FOLDER
from opsconductor.store.spool.queue import open_spool

CONNECTIONS = 2
_NOTHING = SpoolFacts(entries=0, bytes=0, limit_bytes=1, age=timedelta(0))


async def examine_offline(settings: Settings, why: str) -> DoctorReport:
    """Examine database, spool and host.

    Args:
        why: Why the daemon could not be queried.
    """
    remedy = "systemctl start opsconductor; journalctl -u opsconductor shows what it does, or why it ended"
    findings = [bad("daemon", why, remedy)]
    examined, retention = await _database(settings)
    findings += examined.findings
    findings += await asyncio.to_thread(_configuration, settings)
    findings += await _spool(settings)
    findings.append(judge_clock(read_clock()))
    findings.append(judge_disk(disk_of(settings.data_dir)))
    return DoctorReport(
        at=datetime.now(UTC),
        findings=in_order(findings),
        ledger=examined.ledger,
        retention=retention,
    )


def _configuration(settings: Settings) -> list[DoctorFinding]:
    """Examine settings and provisioning files; a daemon starts without the files that have faults."""
    findings = judge_settings(settings)
    try:
        read_provision(settings.provision, installed_types())
    except ConfigError as error:
        remedy = "correct the files (opsconductor check-config shows all faults)"
        findings += [bad("configuration", printable(str(fault)), remedy) for fault in error.faults]
    return findings


async def _database(settings: Settings) -> tuple[Examined, Sequence[KeptData]]:
    """Examine the database, and what is kept there."""
    is_embedded = settings.database.url is None
    if is_embedded and not await asyncio.to_thread((settings.data_dir / CLUSTER).exists):
        text = f"there is none in {settings.data_dir} yet: the first start creates it"
        return Examined(findings=[ok("database", text)]), ()
    try:
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(open_server(settings))
            pool = await open_pool(url, CONNECTIONS)
            stack.push_async_callback(close_pool, pool)
            examined = await examine_database(pool, settings, None)
            return examined, await examine_retention(pool, settings, datetime.now(UTC))
    except StoreError as error:
        return Examined(findings=[judge_away(str(error), is_embedded=is_embedded)]), ()


async def _spool(settings: Settings) -> list[DoctorFinding]:
    """Examine the spool's files, if there are any and no daemon uses them."""
    if not await asyncio.to_thread((settings.data_dir / FOLDER).exists):
        return judge_spool(_NOTHING)
    try:
        async with open_spool(settings.data_dir) as spool:
            waiting, limit = spool.waiting, settings.limits.spool_bytes
            facts = SpoolFacts(
                entries=waiting.entries,
                bytes=waiting.bytes,
                limit_bytes=limit,
                age=spool.age,
                rejected=waiting.rejected,
                lost=sum(loss.entries for loss in spool.losses),
                lost_reports=sum(loss.reports for loss in spool.losses),
            )
            return judge_spool(facts)
    except StoreError as error:
        return [warning("spool", f"cannot be read: {error}", "run as the daemon's user")]
