"""Datasets: list, create, change, delete."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.datasets.records import DatasetRecord, DatasetViewer
from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("datasets")


async def list_datasets(
    database: asyncpg.Pool, viewer: DatasetViewer, *, text: str = "", limit: int, offset: int = 0
) -> tuple[Sequence[DatasetRecord], int]:
    """Return the datasets that a user may see, the newest first, without columns; and how many there are."""
    with translated():
        rows = await database.fetch(SQL["list"], *viewer.ids, text, limit, offset)
        total: int = await database.fetchval(SQL["count"], *viewer.ids, text)
    return [DatasetRecord(**row) for row in rows], total


async def find_dataset(
    database: asyncpg.Pool, viewer: DatasetViewer, dataset_id: UUID
) -> DatasetRecord | None:
    """Return a dataset with its columns; None: there is none that the viewer may see."""
    with translated():
        row = await database.fetchrow(SQL["find"], *viewer.ids, dataset_id)
    return None if row is None else DatasetRecord(**row)


async def create_dataset(
    database: asyncpg.Pool,
    viewer: DatasetViewer,
    *,
    name: str,
    description: str = "",
    tags: Sequence[str] = (),
    is_shared: bool = False,
) -> UUID:
    """Create a dataset without files; return its id."""
    values = (viewer.user_id, viewer.key_id, viewer.name, name, description, list(tags), is_shared)
    with translated():
        created: UUID = await database.fetchval(SQL["create"], *values)
    return created


async def change_dataset(database: asyncpg.Pool, dataset_id: UUID, changes: dict[str, Any]) -> None:
    """Change name, description, tags or whether it is shared; what is missing stays."""
    tags = changes.get("tags")
    values = (
        changes.get("name"),
        changes.get("description"),
        None if tags is None else list(tags),
        changes.get("is_shared"),
    )
    with translated():
        await database.execute(SQL["change"], dataset_id, *values)


async def hide_dataset(database: asyncpg.Pool, dataset_id: UUID) -> None:
    """Hide a dataset from all users and cancel its jobs; `delete_dataset` follows."""
    with translated():
        async with transaction(database) as connection:
            await connection.execute(SQL["hide"], dataset_id)
            await connection.execute(SQL["cancel_dataset"], dataset_id)


async def hidden_datasets(database: asyncpg.Pool) -> Sequence[UUID]:
    """Return the datasets that are being deleted."""
    with translated():
        return [row["id"] for row in await database.fetch(SQL["hidden"])]


async def delete_dataset(database: asyncpg.Pool, dataset_id: UUID) -> None:
    """Delete a dataset with all rows that belong to it."""
    with translated():
        async with transaction(database) as connection:
            await connection.execute(SQL["delete"], dataset_id)
            await connection.execute(SQL["delete_configs"])
