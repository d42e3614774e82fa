"""Limits and measurements of posts that go past aiohttp: the same as of those that it reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from opsconductor import metrics
from opsconductor.api.handlers import inbound_webhooks, repeated_posts
from opsconductor.api.handlers.repeated_posts import shortcuts
from opsconductor.api.http.connections import ClientLimits, Connection, Connections, connections
from opsconductor.api.http.server import serving
from tests.integration.api.http.test_api_repeated_posts import Sender, met, whole
from tests.support.api.api_stage import Stage
from tests.support.api.webhook_posts import source_of

pytest_plugins = ["tests.integration.api_fixtures"]

ROUTE = "/api/v1/connectors/{name}/webhook"


@asynccontextmanager
async def opened(
    stage: Stage, limits: ClientLimits | None = None
) -> AsyncIterator[tuple[Sender, Connections]]:
    """Connect to the API; gives its connections, too."""
    stage.desk.parts["hook"] = source_of()
    app = stage.application(limits or ClientLimits())
    async with serving(app, "127.0.0.1", 0) as server:
        number = server.sockets[0].getsockname()[1]
        hook = Sender(*await asyncio.open_connection("127.0.0.1", number), app)
        yield hook, app[connections]
    hook.writer.close()


def only(found: Connections) -> Connection:
    """Return the only connection."""
    (connection,) = found._trusted.values()
    return connection


def answered(status: int) -> float:
    """Return the number of posts that were answered with a status."""
    return metrics.api_requests.labels(ROUTE, str(status))._value.get()


async def test_a_sender_that_reads_no_answers_is_held_back(stage: Stage) -> None:
    """While answers cannot be written, posts go through aiohttp, which reads few ahead."""
    async with opened(stage) as (hook, found):
        await hook.post(whole())
        connection = only(found)
        connection.pause_writing()
        hook.writer.write(whole())
        await met(lambda: stage.desk.counts["hook", "received", ""] == 2)
        connection.resume_writing()
        assert (await hook.answer()).status == 200
    assert stage.desk.at_once == 0


async def test_a_short_idle_timeout_ends_no_busy_connection(stage: Stage) -> None:
    """Where aiohttp could find a connection idle while a post waits, it reads every post."""
    async with opened(stage, ClientLimits(idle_s=30.0)) as (hook, _):
        for _ in range(3):
            assert (await hook.post(whole())).status == 200
    assert stage.desk.at_once == 0


async def test_a_post_whose_sender_left_is_measured(stage: Stage) -> None:
    """It has its status and duration with the commit, as through aiohttp, and then gives its place back."""
    async with opened(stage) as (hook, found):
        await hook.post(whole())
        stage.desk.is_stuck = True
        hook.writer.write(whole())
        await met(lambda: stage.desk.at_once == 1)
        before = answered(200)
        hook.writer.close()
        await met(lambda: not len(found))
        assert answered(200) == before
        await stage.desk.let_go()
    assert answered(200) == before + 1
    assert hook.app[shortcuts].waiting == 0


async def test_a_late_commit_is_not_measured_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A post that was answered as not committed in time counts once."""
    monkeypatch.setattr(repeated_posts, "COMMITTED_WITHIN_S", 0.01)
    async with opened(stage) as (hook, _):
        await hook.post(whole())
        stage.desk.is_stuck = True
        before = answered(200), answered(503)
        assert (await hook.post(whole())).status == 503
        await stage.desk.let_go()
    assert (answered(200), answered(503)) == (before[0], before[1] + 1)


async def test_both_ways_say_the_same_of_a_late_commit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender sees no difference between the answers that a commit takes too long."""
    async with opened(stage) as (hook, _):
        await hook.post(whole())
        monkeypatch.setattr(repeated_posts, "COMMITTED_WITHIN_S", 0.01)
        monkeypatch.setattr(inbound_webhooks, "COMMITTED_WITHIN_S", 0.01)
        stage.desk.is_stuck = True
        past = await hook.post(whole())
        assert stage.desk.at_once == 1
        monkeypatch.setattr(repeated_posts, "AT_A_TIME", 0)
        through = await hook.post(whole())
        assert stage.desk.at_once == 1
        await stage.desk.let_go()
    of_one = {"Date": "", "X-Request-ID": ""}
    assert (past.status, past.body) == (through.status, through.body)
    assert {**past.headers, **of_one} == {**through.headers, **of_one}


async def test_another_address_behind_a_proxy_is_another_head(stage: Stage) -> None:
    """Each post of a proxy's connection belongs to the client that the proxy names for it."""
    async with opened(stage) as (hook, _):
        for number in (1, 2, 2, 1):
            assert (await hook.post(whole(extra=f"X-Forwarded-For: 192.0.2.{number}\r\n"))).status == 200
    assert stage.desk.at_once == 1
