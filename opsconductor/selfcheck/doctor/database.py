"""Examination of the database and its content."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opsconductor.app.configuring.loading import read_facts, read_pack_mappings
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.linting import lint_present
from opsconductor.app.status.system_info import disk_of
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.settings import Settings
from opsconductor.errors import ConfigError, SecretError, StoreError
from opsconductor.ledger.equations import Gap, LedgerEntry
from opsconductor.selfcheck.doctor.backups import examine_backups
from opsconductor.selfcheck.doctor.finding import DoctorFinding
from opsconductor.selfcheck.doctor.machine import certificate_files, judge_certificates
from opsconductor.selfcheck.doctor.maintenance import examine_maintenance
from opsconductor.selfcheck.doctor.mappings import examine_mappings
from opsconductor.selfcheck.doctor.oncall import judge_people, unreadable_contacts
from opsconductor.selfcheck.doctor.pages import LedgerPages, pages_of
from opsconductor.selfcheck.doctor.setup import (
    judge_delivery,
    judge_mappings,
    judge_setup,
    judge_unmapped,
    judge_workable,
)
from opsconductor.selfcheck.doctor.sizes import judge_sizes
from opsconductor.selfcheck.doctor.stores import judge_asides, judge_away, judge_ledger, judge_server
from opsconductor.selfcheck.watch.canary import canary_rule
from opsconductor.store.aside import read_aside
from opsconductor.store.configuration import load_connectors
from opsconductor.store.declared.provisioning import read_provisioned
from opsconductor.store.declared.rules import load_rules
from opsconductor.store.diagnosis import read_given_up, read_overdue, read_server, read_unmapped
from opsconductor.store.ledger import read_sums
from opsconductor.store.people.directory import load_directory
from opsconductor.store.people.sealed import seal_of
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.migrate import head
from opsconductor.store.retention.sizes import read_sizes

WITHIN_S = 10.0
LEDGER_GOES_BACK = timedelta(hours=1)
UNMAPPED_GOES_BACK = timedelta(days=7)
ASIDE_GOES_BACK = timedelta(days=1)
GIVEN_UP_GOES_BACK = timedelta(days=1)
OVERDUE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Result of an examination of the database.

    Attributes:
        ledger: None: it could not be read.
    """

    findings: Sequence[DoctorFinding]
    ledger: LedgerPages | None = None


async def examine_database(pool: Pool, settings: Settings, gaps: Sequence[Gap] | None) -> Examined:
    """Examine a database; one that does not answer is a finding.

    Args:
        gaps: The equations of the ledger that do not hold now; None: no counter is running.
    """
    try:
        async with asyncio.timeout(WITHIN_S):
            return await _examine(pool, settings, gaps)
    except TimeoutError:
        error = f"no answer within {WITHIN_S:g} s"
    except StoreError as failure:
        error = str(failure)
    return Examined(findings=[judge_away(error, is_embedded=settings.database.url is None)])


async def _examine(pool: Pool, settings: Settings, gaps: Sequence[Gap] | None) -> Examined:
    server = await read_server(pool)
    findings = judge_server(server)
    if server.revision != head():
        return Examined(findings=findings)
    now = datetime.now(UTC)
    since = now - LEDGER_GOES_BACK
    sums = [LedgerEntry(*each) for each in await read_sums(pool, since)]
    ledger = pages_of(sums, since, gaps)
    findings += await _sizes(pool, settings, now)
    findings += await examine_backups(pool, settings.backup, now)
    findings += judge_ledger(ledger)
    findings += judge_asides(await read_aside(pool, now - ASIDE_GOES_BACK))
    findings += judge_delivery(
        await read_given_up(pool, now - GIVEN_UP_GOES_BACK), await read_overdue(pool, now - OVERDUE_AFTER)
    )
    findings += await _setup(pool, settings, now)
    findings += await examine_mappings(pool, now)
    findings += await examine_maintenance(pool, now)
    return Examined(findings=findings, ledger=ledger)


async def _sizes(pool: Pool, settings: Settings, now: datetime) -> list[DoctorFinding]:
    """Examine the sizes of the tables; the disk of a remote server is unknown."""
    is_embedded = settings.database.url is None
    disk = await asyncio.to_thread(disk_of, settings.data_dir) if is_embedded else None
    return judge_sizes(await read_sizes(pool, now), None if disk is None else disk.free)


async def _setup(pool: Pool, settings: Settings, now: datetime) -> list[DoctorFinding]:
    connectors = await load_connectors(pool)
    rules = [*await load_rules(pool), *canary_rule(settings.canary)]
    seal = seal_of(settings)
    directory = await load_directory(pool, seal)
    certificates = certificate_files({row.name: row.config for row in connectors if row.enabled})
    try:
        present = await read_provisioned(pool, seal)
    except SecretError as error:
        return [unreadable_contacts(str(error))]
    rows = [(row.table, row.row) for row in present]
    return [
        *await asyncio.to_thread(judge_workable, rows, installed_types()),
        *await _mappings(pool, settings, present),
        *await asyncio.to_thread(judge_certificates, certificates, now),
        *judge_setup(settings.api, connectors, rules, installed_types().channels, directory),
        *await asyncio.to_thread(judge_people, directory, rules, now),
        *judge_unmapped(await read_unmapped(pool, now - UNMAPPED_GOES_BACK)),
    ]


async def _mappings(pool: Pool, settings: Settings, rows: Sequence[Present]) -> list[DoctorFinding]:
    """Examine the mappings of the database beside the packs; packs that are damaged are found elsewhere."""
    if not any(row.table is ProvisionTable.OID_MAPPINGS for row in rows):
        return []
    facts = await read_facts(pool, settings.data_dir)
    with suppress(ConfigError):
        packs = await asyncio.to_thread(read_pack_mappings, settings.data_dir)
        return judge_mappings(await asyncio.to_thread(lint_present, rows, facts, packs))
    return []
