"""Writes what the engine has decided, in one transaction and with few statements.

Writing the same changes twice is the same as writing them once.
"""

import asyncpg

from opsconductor.errors import StoreRejected
from opsconductor.model.changes import Changes
from opsconductor.store.commit.salvage import salvage
from opsconductor.store.commit.write import write
from opsconductor.store.postgres.connection import translated


async def commit(pool: asyncpg.Pool, changes: Changes) -> None:
    """Write changes: all of them or, when this raises, none.

    What PostgreSQL refuses never takes the rest with it: then everything else is written as it is, and
    what is refused is written as far as it goes (see `salvage`).

    Raises:
        StoreUnavailable: PostgreSQL is away or something on the server needs repair; try again.
    """
    try:
        with translated():
            async with pool.acquire() as connection, connection.transaction():
                await write(connection, changes)
    except StoreRejected:
        await salvage(pool, changes)
