"""PostgreSQL for requests of people: a few connections, bounded patience, and known to be away or not."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import asyncpg

from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.connection import translated

log = logging.getLogger(__name__)

Given = ParamSpec("Given")
Found = TypeVar("Found")
Query = Callable[Concatenate[Any, Given], Awaitable[Found]]
"""A function of the store whose first argument is a pool or a connection."""

TELL_EVERY_S = 60.0
LOST = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's farewell has been read, its end of the connection not yet
    ConnectionError,
)
"""What a query meets on a connection whose server has ended."""

State = Literal["connected", "behind", "away"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStatus:
    """What PostgreSQL has of what the daemon knows.

    Attributes:
        state: `behind`: it answers, but the newest changes are in the spool.
        since: Since when it is not `connected`; None: it is.
        waiting: Entries in the spool.
    """

    state: State = "connected"
    since: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTimeouts:
    """How long requests wait for what.

    Attributes:
        connection_s: Seconds until a connection must be free, and until the server must say that it is
            there.
        answer_s: Seconds until a query that others can answer must have answered.
        long_answer_s: Seconds for one that PostgreSQL alone can answer; shorter than what the server
            itself allows.
        look_every_s: Seconds between two looks whether the server is there.
    """

    connection_s: float = 2.0
    answer_s: float = 5.0
    long_answer_s: float = 50.0
    look_every_s: float = 1.0


def _nothing() -> int:
    """Stand for a spool in which nothing waits."""
    return 0


class RequestDatabase:
    """A few of the pool's connections, so that requests never stand before the pipeline's commits.

    `watch` asks the server every second whether it is there. When it is not, queries under way are cut
    off and new ones are refused at once, until it answers again.

    Args of the constructor:
        connections: How many queries run at a time.
        is_behind: Tells whether newer changes than PostgreSQL's are elsewhere.
        waiting: Tells how many entries wait there.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        connections: int = 4,
        is_behind: Callable[[], bool] = lambda: False,
        waiting: Callable[[], int] = _nothing,
        patience: RequestTimeouts = RequestTimeouts(),
    ) -> None:
        self._pool = pool
        self._places = asyncio.Semaphore(connections)
        self._long_places = asyncio.Semaphore(max(1, connections // 2))
        self._is_behind = is_behind
        self._waiting = waiting
        self._patience = patience
        self._busy: set[Any] = set()
        self._is_away = False
        self._doubted = asyncio.Event()
        self._since: datetime | None = None
        self._told_s = -TELL_EVERY_S

    @property
    def is_away(self) -> bool:
        """True while the server does not answer."""
        return self._is_away

    def status(self) -> DatabaseStatus:
        """Tell how PostgreSQL stands now; costs nothing."""
        state: State = "away" if self._is_away else "behind" if self._is_behind() else "connected"
        if state == "connected":
            self._since = None
        elif self._since is None:
            self._since = datetime.now(UTC)
        return DatabaseStatus(state=state, since=self._since, waiting=self._waiting())

    async def ask(self, query: Query[Given, Found], /, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        """Call a function of the store with a connection of our own, for a few seconds at most.

        Raises:
            StoreUnavailable: The server is away, too slow, or all our connections are busy.
            StoreRejected: It refuses the data.
        """
        return await self._ask(self._patience.answer_s, lambda found: query(found, *args, **kwargs))

    async def ask_long(
        self, query: Query[Given, Found], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Found:
        """Do as `ask`, but wait for as long as the server may work on it.

        Half of the connections do no such work: people's keys are looked up on them.

        Raises:
            StoreUnavailable: As above.
            StoreRejected: As above.
        """
        async with self._place(self._long_places):
            return await self._ask(self._patience.long_answer_s, lambda found: query(found, *args, **kwargs))

    async def watch(self) -> None:
        """Look every second whether the server is there, and when a query has failed, for ever."""
        while True:
            await self._look()
            self.status()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.look_every_s):
                    await self._doubted.wait()
            self._doubted.clear()

    async def _look(self) -> None:
        try:
            await self._answer(self._patience.connection_s, lambda found: found.execute("SELECT 1"))
        except StoreUnavailable as error:
            self._note_away(error)
        else:
            self._note_back()

    async def _ask(self, within_s: float, query: Callable[[Any], Awaitable[Found]]) -> Found:
        if self._is_away:
            raise StoreUnavailable("PostgreSQL does not answer")
        try:
            async with self._place(self._places):
                return await self._answer(within_s, query)
        except StoreUnavailable as error:
            self._note_failed(error)
            raise

    async def _answer(self, within_s: float, query: Callable[[Any], Awaitable[Found]]) -> Found:
        """Ask; once more when the server was restarted meanwhile and is perhaps there again."""
        try:
            return await self._try(within_s, query)
        except StoreUnavailable as error:
            if self._is_away or not isinstance(error.__cause__, LOST):
                raise
        await self._pool.expire_connections()
        return await self._try(within_s, query)

    async def _try(self, within_s: float, query: Callable[[Any], Awaitable[Found]]) -> Found:
        async with self._connection() as connection:
            self._busy.add(connection)
            try:
                return await self._within(within_s, connection, query(connection))
            finally:
                self._busy.discard(connection)

    @asynccontextmanager
    async def _place(self, places: asyncio.Semaphore) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience.connection_s):
                await places.acquire()
        except TimeoutError:
            raise StoreUnavailable("all connections for requests are busy") from None
        try:
            yield
        finally:
            places.release()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with translated():
            connection = await self._pool.acquire(timeout=self._patience.connection_s)
        try:
            yield connection
        finally:
            with translated():
                await self._pool.release(connection)

    async def _within(self, within_s: float, connection: Any, answer: Awaitable[Found]) -> Found:
        """Wait for an answer; a connection that gives none in time is cut off."""
        asking = asyncio.ensure_future(answer)
        try:
            with translated():
                await asyncio.wait({asking}, timeout=within_s)
                if asking.done():
                    return asking.result()
        finally:
            if not asking.done():
                connection.terminate()
                asking.add_done_callback(_listen)
        raise StoreUnavailable(f"PostgreSQL did not answer within {within_s:g} s")

    def _note_failed(self, error: StoreUnavailable) -> None:
        """Have a look at the server; tell once a minute at most of failures while it seems to be there."""
        self._doubted.set()
        if isinstance(error.__cause__, OSError | asyncpg.InterfaceError):
            return  # the look will tell
        now_s = time.monotonic()
        if not self._is_away and now_s - self._told_s >= TELL_EVERY_S:
            self._told_s = now_s
            log.warning("a request got no answer from the database", extra={"error": str(error)})

    def _note_away(self, error: StoreUnavailable) -> None:
        if self._is_away:
            return
        self._is_away = True
        log.warning(
            "database does not answer, requests get open alerts without their history",
            extra={"error": str(error)},
        )
        for connection in tuple(self._busy):
            connection.terminate()

    def _note_back(self) -> None:
        if self._is_away:
            self._is_away = False
            log.info("database answers requests again")


def _listen(asking: asyncio.Future[Found]) -> None:
    """Take note of how a query that was cut off has ended: nobody else asks."""
    if not asking.cancelled():
        asking.exception()
