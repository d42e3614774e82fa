"""Reads tables: whole ones in parallel stripes, or single rows by their ids."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from connectors.netbox.client import IDS_AT_ONCE, PARALLEL, Client
from connectors.netbox.tables import Table
from connectors.netbox.threads import in_thread

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 10.0
Result = TypeVar("Result")


class Progress:
    """Counts the rows that have been read, and says so from time to time."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._lock = threading.Lock()
        self._started_s = self._told_s = time.monotonic()
        self.rows = 0

    def seen(self, table: str) -> None:
        """Count one row; called by several threads."""
        with self._lock:
            self.rows += 1
            now_s = time.monotonic()
            if now_s - self._told_s < PROGRESS_EVERY_S:
                return
            self._told_s = now_s
            found = self.rows
        seconds = round(now_s - self._started_s)
        extra = {"connector": self._connector, "table": table, "found": found, "seconds": seconds}
        log.info("reading NetBox", extra=extra)


async def read_whole(
    client: Client, tables: Iterable[Table], progress: Progress
) -> dict[str, dict[int, Any]]:
    """Read whole tables, each by name with its rows by id."""
    places = asyncio.Semaphore(PARALLEL)

    async def stripe(table: Table, filters: Mapping[str, Any]) -> dict[int, Any]:
        async with places:
            return await in_thread(partial(_read, client, table, filters, progress))

    async def whole(table: Table) -> tuple[str, dict[int, Any]]:
        async with places:
            ranges = await in_thread(partial(_ranges, client, table))
        found: dict[int, Any] = {}
        for part in await all_of(stripe(table, each) for each in ranges):
            found |= part
        return table.name, found

    return dict(await all_of(whole(table) for table in tables))


async def read_some(client: Client, table: Table, ids: Iterable[int], progress: Progress) -> dict[int, Any]:
    """Read single rows; those that are not there any more are missing from the result."""
    wanted = sorted(ids)
    found: dict[int, Any] = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = {"id": wanted[start : start + IDS_AT_ONCE]}
        read = await in_thread(partial(_read, client, table, some, progress))
        found |= {key: read[key] for key in wanted if key in read}
    return found


async def all_of(works: Iterable[Awaitable[Result]]) -> Sequence[Result]:
    """Wait for all; when one fails the others are not waited for."""
    running = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()


def _read(client: Client, table: Table, filters: Mapping[str, Any], progress: Progress) -> dict[int, Any]:
    return client.read(
        table.path, table.parse, partial(progress.seen, table.name), fields=table.fields, **filters
    )


def _ranges(client: Client, table: Table) -> list[Mapping[str, Any]]:
    """Divide a table by ids into parts of the same width; the last one has no end."""
    if table.stripes == 1:
        return [table.filters]
    last_id: int = client.newest(table.path, lambda row: row["id"], "id") or 0
    width = last_id // table.stripes + 1
    starts = [width * number for number in range(table.stripes)]
    ranges = [{**table.filters, "id__gte": start, "id__lt": start + width} for start in starts[:-1]]
    return [*ranges, {**table.filters, "id__gte": starts[-1]}]
