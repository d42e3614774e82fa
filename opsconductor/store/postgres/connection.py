"""Pool of connections to PostgreSQL, and translation of its errors to ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import asyncpg

from opsconductor.errors import StoreFenced, StoreRejected, StoreUnavailable, Unanswered
from opsconductor.store.fence import FencedPool
from opsconductor.store.postgres import codecs

CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 60
CLOSE_TIMEOUT_S = 5
MAX_QUERIES = 50_000
IDLE_LIFETIME_S = 300.0
"""Number of queries, or idle time, after which a connection is replaced."""
FENCED = "OC001"
"""SQLSTATE of `check_daemon_epoch`."""

SLOW = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, TimeoutError)
"""Errors of a server that is there: a limit on the time of a statement, of a lock, or of our own."""

SERVER_SETTINGS = {
    "application_name": "opsconductor",
    "timezone": "UTC",
    # JIT pays off for minutes of work, not for our milliseconds
    "jit": "off",
    # shorter than COMMAND_TIMEOUT_S, so that the server ends a statement before the client gives up
    "statement_timeout": "55s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # cancel abandoned queries soon
    "client_connection_check_interval": "2s",
}

READ_ONLY_SETTINGS = ("default_transaction_read_only", "in_hot_standby")

# SQLSTATE classes about the data: cardinality, data exception, constraint violation,
# WITH CHECK OPTION, program limit exceeded (a value too long for an index).
DATA_CLASSES = frozenset({"21", "22", "23", "44", "54"})

Pool = asyncpg.Pool
"""The name of the pool's type for modules that may not import asyncpg."""


async def open_pool(url: str, size: int) -> FencedPool:
    """Connect to PostgreSQL with a pool of up to `size` connections.

    Raises:
        StoreUnavailable: The server does not answer or rejects the log-in.
    """
    with translated():

        async def prepare(connection: asyncpg.Connection) -> None:
            await _prepare(connection)
            await pool.set_epoch(connection)

        pool = FencedPool(
            url,
            min_size=1,
            max_size=size,
            max_queries=MAX_QUERIES,
            max_inactive_connection_lifetime=IDLE_LIFETIME_S,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings=SERVER_SETTINGS,
            init=prepare,
            reset=_keep,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
        )
        await pool
        return pool


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close all connections; those still busy after a short time are terminated."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await pool.close()
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


@asynccontextmanager
async def transaction(database: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Begin a transaction on a connection of the pool, or on `database` itself if it is a connection."""
    with translated():
        async with AsyncExitStack() as stack:
            connection = database
            if isinstance(database, asyncpg.Pool):
                connection = await stack.enter_async_context(database.acquire())
            await stack.enter_async_context(connection.transaction())
            yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Translate errors of PostgreSQL to `StoreRejected` (about the data) or `StoreUnavailable`.

    Everything that is not about the data counts as unavailable, so that nothing is given up for a
    reason that can be repaired on the server: disk full, restart, missing permissions, wrong schema.
    """
    try:
        yield
    except (asyncpg.DataError, UnicodeEncodeError) as error:
        raise StoreRejected(_text(error)) from error
    except SLOW as error:
        raise Unanswered(f"the database did not answer in time ({_text(error)})") from error
    except asyncpg.PostgresError as error:
        if error.sqlstate == FENCED:
            raise StoreFenced(_text(error)) from error
        if error.sqlstate is not None and error.sqlstate[:2] in DATA_CLASSES:
            raise StoreRejected(_text(error)) from error
        raise StoreUnavailable(_text(error)) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise StoreUnavailable(_text(error)) from error


async def _prepare(connection: asyncpg.Connection) -> None:
    for name, encode, decode in (
        ("jsonb", codecs.encode_jsonb, codecs.decode_jsonb),
        ("json", codecs.encode_json, codecs.decode_json),
        ("timestamptz", codecs.encode_time, codecs.decode_time),
    ):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            format="binary",  # COPY knows no other
            encoder=encode,
            decoder=decode,
        )


async def _keep(connection: asyncpg.Connection) -> None:
    """Skip the round trip that would reset the session: nothing here ever sets session state.

    A session that began while the server was read-only (a standby, a database set read-only) stays
    read-only when the server is not any more: it is not used a second time.
    """
    settings = connection.get_settings()  # by the server, unasked
    if any(getattr(settings, name, "off") == "on" for name in READ_ONLY_SETTINGS):
        connection.terminate()


def _text(error: BaseException) -> str:
    """Describe an error in one line, without the server's detail, which quotes data."""
    return " ".join(str(error).splitlines()[:1]) or type(error).__name__
