"""Knows what was reported before, by the keys that reporters give: the same key within a day counts once.

A key is noted in memory at the moment of the commit, and in PostgreSQL before the answer. What PostgreSQL
could not take, because it was away, is written with what comes next; only a restart in between forgets it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from opsconductor.api.envelope import refusal
from opsconductor.errors import StoreUnavailable
from opsconductor.store.bounded import BoundedDatabase
from opsconductor.store.reported import UsedKey, find_keys, note_keys

REMEMBERED = timedelta(days=1)
MOST_KEYS = 50_000
"""Keys that are in memory; PostgreSQL has all."""
WAIT_S = 20.0
"""So long a report waits for another one with one of its keys."""
HELD_S = 300.0
"""So long a report that could not be committed in time keeps others with its keys waiting."""

Marks = Mapping[str, bytes]
"""SHA-256 of what is reported, by the key under which it is."""


class Repeats:
    """The keys of the last day, and those of reports under way."""

    def __init__(self, database: BoundedDatabase) -> None:
        self._database = database
        self._known: dict[tuple[str, str], UsedKey] = {}
        self._unsaved: dict[tuple[str, str], UsedKey] = {}
        self._under_way: set[tuple[str, str]] = set()
        self._released = asyncio.Event()

    @asynccontextmanager
    async def hold(self, reporter: str, marks: Marks) -> AsyncIterator[Callable[[], None]]:
        """Let nobody else report under the same keys until this report is committed or has failed.

        Yields:
            What is to be called at the moment of the commit.

        Raises:
            web.HTTPServiceUnavailable: Another report under one of the keys is still not committed.
        """
        names = {(reporter, key) for key in marks}
        await self._wait(names)
        self._under_way |= names
        try:
            yield lambda: self._note(reporter, marks)
        except StoreUnavailable:
            # it may still be committed; who tries again meanwhile must not be counted twice
            asyncio.get_running_loop().call_later(HELD_S, self._release, names)
            raise
        except BaseException:
            self._release(names)
            raise
        self._release(names)

    async def _wait(self, names: Iterable[tuple[str, str]]) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                while not self._under_way.isdisjoint(names):
                    self._released.clear()
                    await self._released.wait()
        except TimeoutError as error:
            message = "the same was reported before and is not committed yet; try again in a moment"
            headers = {"Retry-After": "5"}
            raise refusal(web.HTTPServiceUnavailable, "under_way", message, headers=headers) from error

    def _release(self, names: Iterable[tuple[str, str]]) -> None:
        self._under_way.difference_update(names)
        self._released.set()

    async def known(self, reporter: str, marks: Marks) -> Marks:
        """Find which keys were used within the last day, and for what."""
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

    async def save(self) -> None:
        """Write down what was noted, as far as PostgreSQL is there."""
        unsaved = dict(self._unsaved)
        if not unsaved:
            return
        try:
            await self._database.ask(note_keys, list(unsaved.values()))
        except StoreUnavailable:
            return
        for name, used in unsaved.items():
            if self._unsaved.get(name) is used:
                del self._unsaved[name]

    def _note(self, reporter: str, marks: Marks) -> None:
        now = datetime.now(UTC)
        for key, digest in marks.items():
            used = UsedKey(reporter, key, digest, now)
            for kept in (self._known, self._unsaved):
                kept.pop((reporter, key), None)
                kept[reporter, key] = used
                if len(kept) > MOST_KEYS:
                    del kept[next(iter(kept))]
        self._release({(reporter, key) for key in marks})
