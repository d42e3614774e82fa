"""The answer to a sender says why values were not stored: the database is away, or only slow."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from opsconductor.api.http.responses import enveloped
from opsconductor.errors import NotCommittedYet, StoreUnavailable, Unanswered
from opsconductor.model.measured.measurement import Measurement
from opsconductor.series.intake import SeriesIntake
from opsconductor.series.writer import given_up
from opsconductor.store.postgres.connection import translated

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
VALUES = [Measurement("load", 1.0, AT, "10.0.0.1")] * 3


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unanswered("the values were not stored within 20 s"), "the values were not stored within 20 s;"),
        (NotCommittedYet("it could not be committed in time"), "it could not be committed in time;"),
        (StoreUnavailable("connection refused by 10.0.0.9"), "the database is away,"),
    ],
    ids=["slow", "pending", "away"],
)
async def test_an_answer_says_why(error: StoreUnavailable, expected: str) -> None:
    """Only an unreachable database is called away, and no detail of the server is shown."""

    async def fails(_request: web.Request) -> web.StreamResponse:
        raise error

    with pytest.raises(web.HTTPServiceUnavailable) as caught:
        await enveloped(make_mocked_request("POST", "/api/v1/metrics"), fails)
    text = caught.value.text or ""
    assert expected in text
    assert ("away" in text) is (expected == "the database is away,")
    assert "10.0.0.9" not in text


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
        asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
    ],
    ids=["client", "statement", "lock"],
)
def test_a_time_limit_is_not_an_outage(error: Exception) -> None:
    """A time limit of the server or the client is named as such."""
    with pytest.raises(Unanswered, match="did not answer in time"), translated():
        raise error


def test_other_failures_are_outages() -> None:
    """A refused connection, and a server that shuts down, are outages."""
    for error in (ConnectionRefusedError("refused"), asyncpg.AdminShutdownError("terminating")):
        with pytest.raises(StoreUnavailable) as caught, translated():
            raise error
        assert not isinstance(caught.value, Unanswered)


async def test_a_failed_post_is_answered_with_the_reason() -> None:
    """Whether the writer got no answer in time, or could not connect."""
    for error in (Unanswered("the database did not answer in time"), StoreUnavailable("refused")):
        intake = SeriesIntake(10)
        post = asyncio.create_task(intake.write(VALUES, "api:a"))
        while not intake.waiting:
            await asyncio.sleep(0)
        intake.give_back(intake.take(10), given_up(error))
        with pytest.raises(StoreUnavailable) as caught:
            await post
        assert type(caught.value) is type(error)


async def test_values_beyond_the_queue_are_reported_as_such() -> None:
    """The database is not the reason."""
    with pytest.raises(Unanswered, match="too many values wait"):
        await SeriesIntake(2).write(VALUES, "api:a")
