"""Idempotency keys given by reporters: the same key within a day counts once.

A key is committed with its events, in the same transaction or spool record.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from opsconductor.api.http.responses import refusal
from opsconductor.errors import NotCommittedYet, StoreUnavailable
from opsconductor.limits import BoundedMap
from opsconductor.model.keys import ReportedKey
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.reported import find_keys, latest_keys

REMEMBERED = timedelta(days=1)
MOST_KEYS = 50_000
"""Maximum number of keys in memory; PostgreSQL has all."""
MOST_RECALLED = 10_000
"""Maximum number of keys of earlier runs of the daemon read into memory, which takes 20 ms."""
WAIT_S = 20.0
"""Seconds that a report waits for another one with one of its keys."""

Marks = Mapping[str, bytes]
"""SHA-256 of the reported content by idempotency key."""
Name = tuple[str, str]
"""Reporter and key."""
Note = Callable[[Iterable[ReportedKey]], None]


class IdempotencyKeys:
    """Keys of the last day, and those of reports in progress."""

    def __init__(self, database: RequestDatabase) -> None:
        self._database = database
        self._known: BoundedMap[Name, ReportedKey] = BoundedMap(MOST_KEYS)
        self._under_way: set[Name] = set()
        self._released = asyncio.Event()
        self._is_recalled = False

    @asynccontextmanager
    async def hold(self, reporter: str, marks: Marks) -> AsyncIterator[Note]:
        """Lock these keys until the report is committed or has failed.

        Yields:
            A function to call at the moment of the commit with the keys that were committed.

        Raises:
            web.HTTPServiceUnavailable: Another report under one of the keys is still not committed.
        """
        names = {(reporter, key) for key in marks}
        await self._wait(names)
        self._under_way |= names
        with ExitStack() as release:
            release.callback(self._release, names)
            try:
                yield self._note
            except NotCommittedYet:
                release.pop_all()  # a repeat before the commit would be counted twice
                raise

    async def _wait(self, names: Iterable[Name]) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                while not self._under_way.isdisjoint(names):
                    self._released.clear()
                    await self._released.wait()
        except TimeoutError as error:
            message = "the same was reported before and is not committed yet; try again in a moment"
            headers = {"Retry-After": "5"}
            raise refusal(web.HTTPServiceUnavailable, "under_way", message, headers=headers) from error

    def _release(self, names: Iterable[Name]) -> None:
        """Unlock these keys."""
        self._under_way.difference_update(names)
        self._released.set()

    async def known(self, reporter: str, marks: Marks) -> Marks:
        """Return the content hashes of those keys that were used within the last day.

        Raises:
            StoreUnavailable: The daemon has just started, and PostgreSQL cannot be queried for earlier keys.
        """
        if marks and not self._is_recalled:
            await self._recall()
        since = datetime.now(UTC) - REMEMBERED
        found = {
            key: used.digest
            for key in marks
            if (used := self._known.get((reporter, key))) is not None and used.at > since
        }
        missing = marks.keys() - found.keys()
        if not missing:
            return found
        try:
            return {**await self._database.ask(find_keys, reporter, missing, since), **found}
        except StoreUnavailable:  # reports are taken all the same: the spool keeps them
            return found

    async def _recall(self) -> None:
        """Load the latest keys of earlier runs of the daemon, once."""
        latest = await self._database.ask(latest_keys, datetime.now(UTC) - REMEMBERED, MOST_RECALLED)
        if not self._is_recalled:
            self._is_recalled = True
            present = list(self._known.values())
            self._note([*reversed(latest), *present])

    def _note(self, used: Iterable[ReportedKey]) -> None:
        for each in used:
            name = (each.reporter, each.key)
            self._known[name] = each
            self._under_way.discard(name)
        self._released.set()


def used_keys(reporter: str, marks: Marks, at: datetime) -> tuple[ReportedKey, ...]:
    """Return the keys to commit with a report."""
    return tuple(
        ReportedKey(reporter=reporter, key=key, digest=digest, at=at) for key, digest in marks.items()
    )
