"""Single declared rows and pages of them, in the form of provisioning files."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.rows import KEYS, ProvisionTable, Row
from opsconductor.store.declared.provisioned import SQL, all_present
from opsconductor.store.people.sealed import UNREADABLE, ContactSeal
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

PAGES = load("declared/declared_rows")
SEARCHED: Mapping[ProvisionTable, str] = {
    ProvisionTable.CONNECTORS: "name, type",
    ProvisionTable.OID_MAPPINGS: "oid_pattern, vendor, alert_type, category, title_template, mib_object",
    ProvisionTable.DEVICES: "name, ip_address, addresses, site, location, role, manufacturer, model, tags",
    ProvisionTable.DEPENDENCIES: "device_ip, depends_on_ip, dependency_type, description",
    ProvisionTable.PEOPLE: "name, display_name",
    ProvisionTable.TEAMS: "name, description, members",
    ProvisionTable.SCHEDULES: "name, description, layers",
    ProvisionTable.ESCALATION_POLICIES: "name, description, steps",
    ProvisionTable.NOTIFICATION_RULES: "name, description, conditions, channels",
    ProvisionTable.MAINTENANCE_WINDOWS: "name, reason, behind, conditions",
    ProvisionTable.ALERT_RULES: "name, description, metric, expression, scope, alert_type",
    ProvisionTable.MACHINE_CONFIGURATIONS: "machine_type, description, baselines, thresholds",
}
"""Columns that a search looks into; never the configuration of connectors, which may hold a secret."""

KEY: Mapping[ProvisionTable, str] = {
    ProvisionTable.DEVICES: "coalesce(ip_address, name) = coalesce($1->>'ip_address', $1->>'name')",
    ProvisionTable.DEPENDENCIES: (
        "device_ip = $1->>'device_ip' AND depends_on_ip = $1->>'depends_on_ip' "
        "AND dependency_type = $1->>'dependency_type'"
    ),
    ProvisionTable.OID_MAPPINGS: (
        "oid_pattern = $1->>'oid_pattern' AND vendor IS NOT DISTINCT FROM $1->>'vendor' "
        "AND conditions = $1->'conditions'"
    ),
    ProvisionTable.MACHINE_CONFIGURATIONS: "machine_type = $1->>'machine_type'",
}
"""Condition that a row is the one that a declared row `$1` becomes; of other tables its name."""
BY_NAME = "name = $1->>'name'"
LIKE = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


async def list_rows(
    pool: asyncpg.Pool, table: ProvisionTable, search: str, *, limit: int, offset: int, seal: ContactSeal
) -> tuple[Sequence[Present], int]:
    """Return a page of the rows in which a text occurs, case aside, and the number of all of them."""
    pattern = f"%{search.translate(LIKE)}%"
    with translated():
        rows = await pool.fetch(_query("page", table, SEARCHED[table]), pattern, limit, offset)
        total: int = await pool.fetchval(_query("count", table, SEARCHED[table]), pattern)
    return await asyncio.to_thread(all_present, table, rows, seal), total


async def find_row(
    pool: asyncpg.Pool, table: ProvisionTable, name: str, seal: ContactSeal = UNREADABLE
) -> Present | None:
    """Return the row of an id or, in tables whose key is one column, of that; None: there is none."""
    try:
        condition, wanted = "id = ($1->>'id')::uuid", {"id": str(UUID(name))}
    except ValueError:
        if table in (ProvisionTable.DEPENDENCIES, ProvisionTable.OID_MAPPINGS):
            return None
        condition, wanted = KEY.get(table, BY_NAME), {KEYS[table][-1]: name}
    return await _one(pool, table, condition, wanted, seal)


async def find_declared(
    pool: asyncpg.Pool, table: ProvisionTable, row: Row, seal: ContactSeal
) -> Present | None:
    """Return the stored row that has the key of a declared one."""
    return await _one(pool, table, KEY.get(table, BY_NAME), row, seal)


async def _one(
    pool: asyncpg.Pool, table: ProvisionTable, condition: str, wanted: Row, seal: ContactSeal
) -> Present | None:
    with translated():
        rows = await pool.fetch(_query("one", table, condition), wanted)
    return next(iter(await asyncio.to_thread(all_present, table, rows, seal)), None)


def _query(block: str, table: ProvisionTable, part: str) -> str:
    """Return a query over the rows that `provisioned.sql` reads; their order stays."""
    return PAGES[block].format(rows=SQL[f"read_{table}"].rstrip(";"), part=part)
