"""Rows that people have taken over from files: applying a file leaves them alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import asyncpg

from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.rows import Key, ProvisionTable
from opsconductor.config.provision.take_over import RowId, TakeOver
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("declared/provisioned")


async def read_taken_over(connection: asyncpg.Connection) -> list[TakeOver]:
    """Return every row that was taken over, deleted ones included."""
    return [
        TakeOver(
            table=ProvisionTable(row["table_name"]),
            key=tuple(row["key"]),
            origin=row["origin"],
            by=row["taken_by"],
            at=row["taken_at"],
        )
        for row in await connection.fetch(SQL["read_taken_over"])
    ]


async def with_origins(
    pool: asyncpg.Pool, table: ProvisionTable, rows: Sequence[Present]
) -> Sequence[Present]:
    """Return rows of one table with the files that they were taken over from."""
    if not rows:
        return rows
    with translated():
        found = await pool.fetch(SQL["read_origins_taken_over"], str(table), [row.key for row in rows])
    origins: Mapping[Key, str] = {tuple(each["key"]): each["origin"] for each in found}
    return [replace(row, taken_over_from=origins.get(row.key)) for row in rows]


async def write_take_overs(connection: asyncpg.Connection, plan: ProvisionPlan, *, by: str) -> None:
    """Store which rows a plan takes over, and forget those that it takes back."""
    if plan.taken_over:
        rows = [{**_row(row), "origin": origin} for row, origin in plan.taken_over.items()]
        await connection.execute(SQL["write_taken_over"], rows, by)
    if plan.taken_back:
        await connection.execute(SQL["delete_taken_over"], [_row(row) for row in plan.taken_back])


def _row(row: RowId) -> dict[str, Any]:
    table, key = row
    return {"table_name": table, "key": key}
