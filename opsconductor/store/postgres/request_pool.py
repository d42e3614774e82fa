"""PostgreSQL for API requests: few connections, short timeouts, and a known availability."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import asyncpg

from opsconductor.errors import StoreUnavailable, Unanswered
from opsconductor.store.postgres.connection import translated

log = logging.getLogger(__name__)

Given = ParamSpec("Given")
Found = TypeVar("Found")
Query = Callable[Concatenate[Any, Given], Awaitable[Found]]
"""A function of the store whose first argument is a pool or a connection."""

WARN_EVERY_S = 60.0
LOST = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's last message has been read, the end not yet
    ConnectionError,
)
"""Errors of a query on a connection whose server has ended."""

State = Literal["connected", "behind", "away"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStatus:
    """Status of PostgreSQL relative to the daemon's state.

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
    """Timeouts of requests.

    Attributes:
        connection_s: Seconds until a connection must be free, and until the server must answer a
            check.
        answer_s: Seconds for a query that can be answered without PostgreSQL as well.
        long_answer_s: Seconds for a query that only PostgreSQL can answer; shorter than the server's
            own limit.
        look_every_s: Seconds between two checks of the server.
    """

    connection_s: float = 2.0
    answer_s: float = 5.0
    long_answer_s: float = 50.0
    look_every_s: float = 1.0


def _nothing() -> int:
    """Return 0, the default: nothing waits in a spool."""
    return 0


class RequestDatabase:
    """A few of the pool's connections, so that requests never delay the pipeline's commits.

    `watch` checks every second whether the server answers. If not, running queries are cancelled and new ones
    are rejected at once, until it answers again.

    Args of the constructor:
        connections: Maximum number of concurrent queries.
        is_behind: Returns True if newer changes than PostgreSQL's are elsewhere.
        waiting: Returns the number of entries that wait there.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        connections: int = 4,
        is_behind: Callable[[], bool] = lambda: False,
        waiting: Callable[[], int] = _nothing,
        timeouts: RequestTimeouts = RequestTimeouts(),
    ) -> None:
        self._pool = pool
        self._places = asyncio.Semaphore(connections)
        self._long_places = asyncio.Semaphore(max(1, connections // 2))
        self._is_behind = is_behind
        self._waiting = waiting
        self._timeouts = timeouts
        self._busy: set[Any] = set()
        self._is_away = False
        self._doubted = asyncio.Event()
        self._since: datetime | None = None
        self._warned_s = -WARN_EVERY_S

    @property
    def is_away(self) -> bool:
        """True while the server does not answer."""
        return self._is_away

    def status(self) -> DatabaseStatus:
        """Return the present status of PostgreSQL without a query."""
        state: State = "away" if self._is_away else "behind" if self._is_behind() else "connected"
        if state == "connected":
            self._since = None
        elif self._since is None:
            self._since = datetime.now(UTC)
        return DatabaseStatus(state=state, since=self._since, waiting=self._waiting())

    async def ask(self, query: Query[Given, Found], /, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        """Call a function of the store with one of our connections, for a few seconds at most.

        Raises:
            StoreUnavailable: The server is away, too slow, or all our connections are busy.
            StoreRejected: It rejects the data.
        """
        return await self._ask(self._timeouts.answer_s, lambda found: query(found, *args, **kwargs))

    async def ask_long(
        self, query: Query[Given, Found], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Found:
        """Do as `ask`, but wait for as long as the server may take.

        Half of the connections are reserved for short queries, such as the look-up of API keys.

        Raises:
            StoreUnavailable: As above.
            StoreRejected: As above.
        """
        async with self._place(self._long_places):
            return await self._ask(self._timeouts.long_answer_s, lambda found: query(found, *args, **kwargs))

    async def watch(self) -> None:
        """Check the server every second, and after a failed query, until cancelled."""
        while True:
            await self._look()
            self.status()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeouts.look_every_s):
                    await self._doubted.wait()
            self._doubted.clear()

    async def _look(self) -> None:
        try:
            await self._answer(self._timeouts.connection_s, lambda found: found.execute("SELECT 1"))
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
        """Query; repeat once if the server was restarted meanwhile and may be back."""
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
            async with asyncio.timeout(self._timeouts.connection_s):
                await places.acquire()
        except TimeoutError:
            raise Unanswered("all connections for requests are busy") from None
        try:
            yield
        finally:
            places.release()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with translated():
            connection = await self._pool.acquire(timeout=self._timeouts.connection_s)
        try:
            yield connection
        finally:
            with translated():
                await self._pool.release(connection)

    async def _within(self, within_s: float, connection: Any, answer: Awaitable[Found]) -> Found:
        """Wait for an answer; on timeout the connection is terminated."""
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
        raise Unanswered(f"the database did not answer within {within_s:g} s")

    def _note_failed(self, error: StoreUnavailable) -> None:
        """Check the server; while it seems available, log failures at most once a minute."""
        self._doubted.set()
        if isinstance(error.__cause__, OSError | asyncpg.InterfaceError):
            return  # the check finds out
        now_s = time.monotonic()
        if not self._is_away and now_s - self._warned_s >= WARN_EVERY_S:
            self._warned_s = now_s
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
    """Retrieve the exception of a cancelled query, which nothing else awaits."""
    if not asking.cancelled():
        asking.exception()
