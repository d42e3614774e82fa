"""Rows that files may declare: read as plain values, changed by a plan in one transaction."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg

from opsconductor.config.provision.diff import Present, RowChange, Verb
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.rows import ProvisionTable, canonical, name_of
from opsconductor.config.provision.workable import DATABASE
from opsconductor.errors import ConfigError, Fault
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.credentials import delete_credentials, write_credentials
from opsconductor.store.declared.taken_over import write_take_overs
from opsconductor.store.people.sealed import UNREADABLE, ContactSeal, opened
from opsconductor.store.queries import load

SQL = load("declared/provisioned")
USERS = load("access/users")
MASK = "***"
LAST_ADMINISTRATOR = Fault(
    file=DATABASE,
    line=None,
    key="people",
    found="no user left who may administer users",
    expected="one of those who may now, and who is enabled",
)
EVERY_TABLE = tuple(ProvisionTable)

ROWS_AT_ONCE = 500
"""Rows in one statement: encoding them takes some milliseconds."""
LONGEST_SUBJECT = 255
MOST_VALUES = 200
"""The audit log keeps the values of so many changes, and the names of the others."""


async def read_present(
    connection: asyncpg.Connection,
    tables: Collection[ProvisionTable] = EVERY_TABLE,
    *,
    seal: ContactSeal = UNREADABLE,
) -> list[Present]:
    """Return every row of tables that a file could declare, in the form of declared rows.

    Raises:
        SecretError: `seal` cannot decrypt the contact methods of a person.
    """
    present: list[Present] = []
    for table in tables:
        rows = await connection.fetch(SQL[f"read_{table}"])
        present += await asyncio.to_thread(all_present, table, rows, seal)
    return present


async def write_plan(
    connection: asyncpg.Connection, plan: ProvisionPlan, *, by: Author, action: str, seal: ContactSeal
) -> None:
    """Execute a plan; deletions come first, so that what they release can be reused.

    Args:
        action: Of the entry in the audit log.
        seal: Encrypts contact methods.

    Raises:
        ConfigError: No user who may administer users would be left.
    """
    changes_people = any(change.table is ProvisionTable.PEOPLE for change in plan.changes)
    had_administrator = changes_people and await connection.fetchval(USERS["has_administrator"])
    for verbs, statement in (((Verb.DELETE,), "delete"), ((Verb.ADD, Verb.CHANGE), "write")):
        for table in ProvisionTable:
            if rows := [
                _written(change, by, seal)
                for change in plan.changes
                if change.table is table and change.verb in verbs
            ]:
                for part in _parts(table, rows):
                    await connection.execute(SQL[f"{statement}_{table}"], part)
                if table is ProvisionTable.DEVICES and statement == "write":
                    await connection.execute(SQL["clear_addresses"], rows)
                    await connection.execute(SQL["write_addresses"], rows)
    if had_administrator and not await connection.fetchval(USERS["has_administrator"]):
        raise ConfigError([LAST_ADMINISTRATOR])
    await write_credentials(connection, plan.secrets, by)
    await delete_credentials(connection, plan.dropped_secrets, by)
    await write_take_overs(connection, plan, by=by.name)
    if plan.changes:
        await record(connection, _entry(action, plan), by)


def _parts(table: ProvisionTable, rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """Split rows so that encoding one part does not hold the event loop; devices exchange addresses."""
    size = len(rows) if table is ProvisionTable.DEVICES else ROWS_AT_ONCE
    return (rows[at : at + size] for at in range(0, len(rows), size))


def all_present(
    table: ProvisionTable, rows: Iterable[Mapping[str, Any]], seal: ContactSeal = UNREADABLE
) -> list[Present]:
    """Convert rows of the database to the form of declared rows; raises SecretError as `read_present`."""
    if table is ProvisionTable.PEOPLE:
        rows = (opened(row, seal) for row in rows)
    return [_present(table, row) for row in rows]


def _present(table: ProvisionTable, record: Mapping[str, Any]) -> Present:
    row = dict(record)
    row_id = row.pop("id")
    origin, is_found = row.pop("provisioned_from"), row.pop("auto_discovered", False)
    return Present(table=table, row=canonical(table, row), origin=origin, is_found=is_found, id=row_id)


def _written(change: RowChange, by: Author, seal: ContactSeal) -> dict[str, Any]:
    row = {**change.row, "provisioned_from": change.origin, "written_by": by.name}
    if change.table is ProvisionTable.PEOPLE and change.verb is not Verb.DELETE:
        row["contact_methods"] = seal.seal(row["name"], row["contact_methods"])
    return row


def _entry(action: str, plan: ProvisionPlan) -> AuditEntry:
    """Return the entry of the audit log; its subject is the row if a single one is changed."""
    changes = plan.changes
    only = changes[0] if len(changes) == 1 else None
    subject = "" if only is None else name_of(only.table, only.key)
    return AuditEntry(action=action, subject=subject[:LONGEST_SUBJECT], details=_details(plan))


def _details(plan: ProvisionPlan) -> dict[str, object]:
    """Return what the audit log keeps of a plan: all names, and values before and after, secrets masked."""
    changes = plan.changes
    names = {
        verb.name.lower(): [name_of(change.table, change.key) for change in changes if change.verb is verb]
        for verb in Verb
    }
    values = {name_of(change.table, change.key): _values(change) for change in changes[:MOST_VALUES]}
    taken = {
        name: sorted(name_of(*row) for row in rows)
        for name, rows in (("taken_over", plan.taken_over), ("taken_back", plan.taken_back))
        if rows
    }
    return {**names, **taken, "values": values}


def _values(change: RowChange) -> dict[str, object]:
    """Return a row before and after a change, recipients masked; of a changed row only what is different."""
    if change.verb is Verb.ADD:
        return {"before": None, "after": _masked(change.row)}
    if change.verb is Verb.DELETE:
        return {"before": _masked(change.row), "after": None}
    return {
        "before": _masked({field.name: field.old for field in change.fields}),
        "after": _masked({field.name: field.new for field in change.fields}),
    }


def _masked(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose contact methods have channels and no recipients."""
    if not row.get("contact_methods"):
        return row
    return {**row, "contact_methods": [_without_recipient(each) for each in row["contact_methods"]]}


def _without_recipient(method: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: MASK if name == "recipient" else value for name, value in method.items()}
    if isinstance(failover := method.get("failover"), Mapping):
        shown["failover"] = _without_recipient(failover)
    return shown
