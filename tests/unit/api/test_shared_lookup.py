"""Concurrent requests with one key share the queries of the database for it."""

import asyncio
from uuid import UUID

import pytest

from opsconductor.api.auth.shared_lookup import Credential, SharedLookup
from opsconductor.errors import StoreUnavailable
from opsconductor.store.access.keys import Principal

KEY: Credential = ("ops_1", False)
ANN = Principal(key_id=UUID(int=1), name="ann", user_id=None, roles=(), permissions=frozenset())


class Table:
    """A table of keys whose queries end when the test wants."""

    def __init__(self) -> None:
        self.principal: Principal | None = ANN
        self.queries: list[asyncio.Future[None]] = []
        self.lookup = SharedLookup(self.look)

    async def look(self, credential: Credential) -> Principal | None:
        """Read what the table holds now, and return it when the test lets the query end."""
        del credential
        found, end = self.principal, asyncio.get_running_loop().create_future()
        self.queries.append(end)
        await end
        return found

    def ask(self, credential: Credential = KEY) -> asyncio.Task[Principal | None]:
        """Begin a request."""
        return asyncio.create_task(self.lookup.find(credential))

    async def end(self) -> None:
        """End the query that runs, and let what follows begin."""
        self.queries[-1].set_result(None)
        await turns()


async def turns() -> None:
    """Make everything that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_requests_during_a_query_share_the_next() -> None:
    """Five requests need two queries; a request with another key has its own."""
    table = Table()
    first = table.ask()
    await turns()
    others = [table.ask() for _ in range(4)]
    await turns()
    assert len(table.queries) == 1
    await table.end()
    assert first.done()
    assert len(table.queries) == 2
    await table.end()
    assert [await each for each in others] == [ANN] * 4
    table.ask(("ops_2", False))
    await turns()
    assert len(table.queries) == 3
    await table.end()


async def test_requests_of_the_same_moment_share_a_query() -> None:
    """Requests that the event loop reads together need one query: none of them was read before it began."""
    table = Table()
    asked = [table.ask() for _ in range(5)]
    await turns()
    assert len(table.queries) == 1
    await table.end()
    assert [await each for each in asked] == [ANN] * 5


async def test_a_key_is_refused_from_the_moment_it_is_revoked() -> None:
    """A request never gets the answer of a query that began before it."""
    table = Table()
    before = table.ask()
    await turns()
    table.principal = None
    after = table.ask()
    await turns()
    await table.end()
    await table.end()
    assert await before == ANN
    assert await after is None


async def test_a_cancelled_request_does_not_cancel_others() -> None:
    """Its query ends for the requests that share it."""
    table = Table()
    table.ask()
    await turns()
    given_up, patient = table.ask(), table.ask()
    await turns()
    given_up.cancel()
    await table.end()
    await table.end()
    assert await patient == ANN
    assert given_up.cancelled()


async def test_all_that_share_a_query_get_its_failure_and_the_next_asks_again() -> None:
    """The result of a failed query is not remembered."""
    table = Table()
    asking = table.ask()
    await turns()
    sharing = table.ask()
    await turns()
    table.queries[0].set_exception(StoreUnavailable("away"))
    await turns()
    with pytest.raises(StoreUnavailable):
        await asking
    table.queries[1].set_exception(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await sharing
    later = table.ask()
    await turns()
    await table.end()
    assert await later == ANN
