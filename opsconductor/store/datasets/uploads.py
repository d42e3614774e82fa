"""Uploaded files, and what they use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor.store.datasets.records import DatasetViewer, FileUpload
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("datasets")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUse:
    """What uploaded files use.

    Attributes:
        own: Bytes of the files of one owner.
        total: Bytes of all files.
        receiving: Files of the owner that are not complete.
    """

    own: int
    total: int
    receiving: int


async def storage_use(database: asyncpg.Pool, viewer: DatasetViewer) -> StorageUse:
    """Return what the files of an owner, and those of all, use."""
    with translated():
        row = await database.fetchrow(SQL["usage"], viewer.user_id, viewer.key_id)
    return StorageUse(**row)


async def add_upload(
    database: asyncpg.Pool, dataset_id: UUID, *, filename: str, size: int, path: str
) -> FileUpload:
    """Begin a file of a dataset."""
    with translated():
        row = await database.fetchrow(SQL["add_upload"], dataset_id, filename, size, path)
    return FileUpload(**row)


async def uploads_of(database: asyncpg.Pool, dataset_id: UUID) -> Sequence[FileUpload]:
    """Return the files of a dataset in their order."""
    with translated():
        return [FileUpload(**row) for row in await database.fetch(SQL["uploads"], dataset_id)]


async def find_upload(database: asyncpg.Pool, viewer: DatasetViewer, upload_id: UUID) -> FileUpload | None:
    """Return a file of a dataset that the viewer may change."""
    with translated():
        row = await database.fetchrow(SQL["find_upload"], *viewer.ids, upload_id)
    return None if row is None else FileUpload(**row)


async def note_received(database: asyncpg.Pool, upload_id: UUID, received: int) -> FileUpload | None:
    """Note how many bytes have arrived; None: nothing more is expected of this file."""
    with translated():
        row = await database.fetchrow(SQL["note_received"], upload_id, received)
    return None if row is None else FileUpload(**row)


async def delete_upload(database: asyncpg.Pool, upload_id: UUID) -> None:
    """Delete the row of a file."""
    with translated():
        await database.execute(SQL["delete_upload"], upload_id)


async def delete_stale_uploads(database: asyncpg.Pool, before: datetime) -> int:
    """Delete files that were begun before a time and are not complete; return how many."""
    with translated():
        return len(await database.fetch(SQL["stale_uploads"], before))


async def paths_in_use(database: asyncpg.Pool) -> frozenset[str]:
    """Return the names of all files and folders that something refers to."""
    with translated():
        return frozenset(row["file_path"] for row in await database.fetch(SQL["paths"]))
