"""Reading of tables: completely in parallel stripes, or single rows by their ids."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from connectors.netbox.client import IDS_AT_ONCE, PARALLEL, NetboxClient
from connectors.netbox.failures import MayNotView
from connectors.netbox.tables import ListTable
from connectors.netbox.threads import in_thread

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 10.0
Result = TypeVar("Result")


class Progress:
    """Counts the rows read, and logs the progress."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._lock = threading.Lock()
        self._started_s = self._logged_s = time.monotonic()
        self.rows = 0

    def seen(self, table: str) -> None:
        """Count one row; thread-safe."""
        with self._lock:
            self.rows += 1
            now_s = time.monotonic()
            if now_s - self._logged_s < PROGRESS_EVERY_S:
                return
            self._logged_s = now_s
            found = self.rows
        seconds = round(now_s - self._started_s)
        extra = {"connector": self._connector, "table": table, "found": found, "seconds": seconds}
        log.info("reading NetBox", extra=extra)


async def read_viewable(
    client: NetboxClient, tables: Iterable[ListTable], progress: Progress
) -> tuple[dict[str, dict[int, Any]], tuple[str, ...]]:
    """Read whole tables like `read_whole`; those that the token's user may not view are empty.

    Returns:
        Rows by table and id, and the types of the tables that may not be viewed.
    """
    reader = WholeReader(client, progress)

    async def viewable(table: ListTable) -> tuple[ListTable, dict[int, Any] | None]:
        try:
            return table, await reader.read(table)
        except MayNotView:
            return table, None

    read = await all_of(viewable(table) for table in tables)
    refused = tuple(table.kind for table, rows in read if rows is None)
    return {table.name: rows or {} for table, rows in read}, refused


async def read_whole(
    client: NetboxClient, tables: Iterable[ListTable], progress: Progress
) -> dict[str, dict[int, Any]]:
    """Read whole tables, by name, each with its rows by id; raises MayNotView when one is refused."""
    reader = WholeReader(client, progress)
    wanted = list(tables)
    read = await all_of(reader.read(table) for table in wanted)
    return {table.name: rows for table, rows in zip(wanted, read, strict=True)}


class WholeReader:
    """Reads whole tables, with several requests at a time over all of them."""

    def __init__(self, client: NetboxClient, progress: Progress) -> None:
        self._client = client
        self._progress = progress
        self._places = asyncio.Semaphore(PARALLEL)

    async def read(self, table: ListTable) -> dict[int, Any]:
        """Read a table in stripes."""
        async with self._places:
            ranges = await in_thread(partial(_ranges, self._client, table))
        found: dict[int, Any] = {}
        for part in await all_of(self._stripe(table, each) for each in ranges):
            found |= part
        return found

    async def _stripe(self, table: ListTable, filters: Mapping[str, Any]) -> dict[int, Any]:
        async with self._places:
            return await in_thread(partial(_read, self._client, table, filters, self._progress))


async def read_some(
    client: NetboxClient, table: ListTable, ids: Iterable[int], progress: Progress
) -> dict[int, Any]:
    """Read single rows; those that no longer exist are missing from the result."""
    wanted = sorted(ids)
    found: dict[int, Any] = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = {"id": wanted[start : start + IDS_AT_ONCE]}
        read = await in_thread(partial(_read, client, table, some, progress))
        found |= {key: read[key] for key in wanted if key in read}
    return found


async def all_of(works: Iterable[Awaitable[Result]]) -> Sequence[Result]:
    """Wait for all results; after a failure the others are not awaited."""
    running = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()


def _read(
    client: NetboxClient, table: ListTable, filters: Mapping[str, Any], progress: Progress
) -> dict[int, Any]:
    return client.read(
        table.path, table.parse, partial(progress.seen, table.name), fields=table.fields, **filters
    )


def _ranges(client: NetboxClient, table: ListTable) -> list[Mapping[str, Any]]:
    """Divide a table by ids into ranges of equal width; the last one is open-ended."""
    if table.stripes == 1:
        return [table.filters]
    last_id: int = client.newest(table.path, lambda row: row["id"], "id") or 0
    width = last_id // table.stripes + 1
    starts = [width * number for number in range(table.stripes)]
    ranges = [{**table.filters, "id__gte": start, "id__lt": start + width} for start in starts[:-1]]
    return [*ranges, {**table.filters, "id__gte": starts[-1]}]
