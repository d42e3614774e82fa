"""The rows that files may declare: read as plain values, changed by a plan in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from opsconductor.config.diff import Change, Present, Verb
from opsconductor.config.items import Table, canonical, name_of
from opsconductor.config.plan import Plan
from opsconductor.store.credentials import delete_credentials, write_credentials
from opsconductor.store.queries import load

SQL = load("provisioned")


async def read_present(connection: asyncpg.Connection) -> list[Present]:
    """Read every row that a file could declare, in the form of declared rows."""
    return [_present(table, row) for table in Table for row in await connection.fetch(SQL[f"read_{table}"])]


async def write_plan(connection: asyncpg.Connection, plan: Plan, *, actor: str) -> None:
    """Carry a plan out; deletions come first, so that what they free can be used anew."""
    for verbs, statement in (((Verb.DELETE,), "delete"), ((Verb.ADD, Verb.CHANGE), "write")):
        for table in Table:
            if rows := [
                _written(change) for change in plan.changes if change.table is table and change.verb in verbs
            ]:
                await connection.execute(SQL[f"{statement}_{table}"], rows)
                if table is Table.DEVICES and statement == "write":
                    await connection.execute(SQL["clear_addresses"], rows)
                    await connection.execute(SQL["write_addresses"], rows)
    await write_credentials(connection, plan.secrets, actor=actor)
    await delete_credentials(connection, plan.dropped_secrets, actor=actor)
    if plan.changes:
        await connection.execute(SQL["audit"], actor, _told(plan.changes))


def _present(table: Table, record: Mapping[str, Any]) -> Present:
    row = dict(record)
    origin, is_found = row.pop("provisioned_from"), row.pop("auto_discovered", False)
    return Present(table=table, row=canonical(table, row), origin=origin, is_found=is_found)


def _written(change: Change) -> dict[str, Any]:
    return {**change.row, "provisioned_from": change.origin}


def _told(changes: Sequence[Change]) -> dict[str, list[str]]:
    return {
        verb.name.lower(): [name_of(change.table, change.key) for change in changes if change.verb is verb]
        for verb in Verb
    }
