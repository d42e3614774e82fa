"""The API while PostgreSQL is away, hangs, is locked or has not the newest state."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.api.handlers import commands
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import OPEN_STATUSES, Severity
from opsconductor.store.access.keys import create_key, revoke_key
from opsconductor.store.alerts.lookup import get_root
from opsconductor.store.postgres import postmaster
from opsconductor.store.postgres.request_pool import RequestTimeouts
from opsconductor.store.spool.queue import Spool, open_spool
from tests.conftest import Cluster
from tests.support.api.api_stage import (
    DOWNSTREAM,
    FARTHEST,
    UPSTREAM,
    Caller,
    Reply,
    Stage,
    caller,
    problem,
    serving,
)
from tests.support.outage import Outage

HASTE = RequestTimeouts(connection_s=1.0, answer_s=2.0, long_answer_s=3.0, look_every_s=0.05)
AT_ONCE_S = 0.9
"""An answer that waited for nothing, on a busy machine."""
WAITING_FOR_LOCKS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
BOUNDED_S = 8.0
"""More than requests of these tests may wait, however PostgreSQL behaves."""


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """Spool in a folder of its own."""
    async with open_spool(tmp_path) as opened:
        yield opened


@pytest.fixture
def stage(pool: asyncpg.Pool, spool: Spool) -> Stage:
    """Provide an engine whose changes go to the spool while the database is away."""
    return Stage(pool, spool=spool, timeouts=HASTE)


@pytest.fixture
async def url(stage: Stage) -> AsyncIterator[str]:
    """Serve the API."""
    async with serving(stage) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """Open an HTTP client."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def operator(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client that may read and act, and has been seen."""
    someone = await caller(stage, http, url, "operator")
    assert (await someone.get("/session")).status == 200
    return someone


@pytest.fixture
def outage(postgres: Cluster, database_url: str) -> Iterator[Outage]:
    """Way to take the test's database away; it is there again at the end."""
    outage = Outage(postgres, database_url)
    yield outage
    outage.end()


async def stands(stage: Stage, state: str) -> None:
    """Wait until the database has a state."""
    async with asyncio.timeout(10):
        while stage.database.status().state != state:
            await asyncio.sleep(0.01)


async def go_away(stage: Stage, outage: Outage) -> None:
    """Take the database away and wait until the API knows."""
    outage.begin()
    await stands(stage, "away")


@asynccontextmanager
async def draining(stage: Stage) -> AsyncIterator[None]:
    """Bring the spool to the database while the context lasts, as the daemon does."""
    assert stage.committer is not None
    task = asyncio.create_task(stage.committer.drain_forever())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Stop every process of the server: it neither answers nor refuses."""
    found = postmaster.find(cluster.folder / "data")
    assert found is not None
    children = Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text().split()
    pids = [found.pid, *map(int, children)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def timed(someone: Caller, path: str) -> tuple[Reply, float]:
    """Ask, and return how long the answer took."""
    started = monotonic()
    reply = await someone.get(path)
    return reply, monotonic() - started


def meta(reply: Reply) -> dict[str, Any]:
    """Return the part of an answer about itself."""
    found = reply.body["meta"]
    assert isinstance(found, dict)
    return found


def titles(reply: Reply) -> list[str]:
    """List the titles of the alerts in an answer."""
    assert isinstance(reply.data, list)
    return [alert["title"] for alert in reply.data]


# Reading -----------------------------------------------------------------------------------------


async def test_lists_and_sums_come_from_the_engine(stage: Stage, operator: Caller, outage: Outage) -> None:
    """Open alerts, old and new, are listed at once, filtered, sorted and paged as usual."""
    await stage.report(problem("old", severity=Severity.MINOR))
    await go_away(stage, outage)
    await stage.report(
        problem("new", device_ip="10.1.1.1", severity=Severity.CRITICAL),
        problem("newer", device_ip="10.1.1.2"),
    )
    reply, seconds = await timed(operator, "/alerts?status=active&sort=-severity&per_page=2")
    assert titles(reply) == ["new", "newer"]
    assert seconds < AT_ONCE_S
    about = meta(reply)
    assert (about["total"], about["total_is_exact"], about["page"], about["per_page"]) == (3, True, 1, 2)
    assert (about["source"], about["database"], about["waiting"]) == ("engine", "away", 1)
    assert about["since"].endswith("Z")
    assert titles(await operator.get("/alerts?status=active&sort=-severity&per_page=2&page=2")) == ["old"]
    assert titles(await operator.get("/alerts?status=active&search=NEWER")) == ["newer"]
    sums = await operator.get("/alerts/summary")
    assert isinstance(sums.data, dict)
    assert sums.data["status"] == {"active": 3, "acknowledged": 0, "suppressed": 0}
    assert sums.data["severity"]["critical"]["active"] == 1
    assert meta(sums)["source"] == "engine"


@pytest.mark.parametrize("query", ["", "?status=resolved", "?status=active,expired", "?id=0198c5a2"])
async def test_a_list_with_closed_alerts_needs_the_database(
    stage: Stage, operator: Caller, outage: Outage, query: str
) -> None:
    """A list that may hold closed alerts is refused while the database is away, with what to do instead."""
    await stage.report(problem("open"))
    assert meta(await operator.get(f"/alerts{query}"))["source"] == "database"
    await go_away(stage, outage)
    reply = await operator.get(f"/alerts{query}")
    assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "status=active,acknowledged,suppressed" in str(reply.error["message"])


async def test_a_chain_is_reported_alike_by_engine_and_database(stage: Stage, operator: Caller) -> None:
    """Root, consequences and lists of a chain are the same from memory as from PostgreSQL."""
    chain = await stage.report(
        problem("root", device_ip=UPSTREAM, is_cutting=True),
        problem("middle", device_ip=DOWNSTREAM, is_cutting=True),
        *(problem(f"far {n}", device_ip=FARTHEST, resource=f"sensor={n}") for n in range(3)),
    )
    open_ones = ",".join(OPEN_STATUSES)
    for alert in chain:
        shown: Any = (await operator.get(f"/alerts/{alert.id}")).data
        why: Any = (await operator.get(f"/alerts/{alert.id}/why")).data
        end = await get_root(stage.pool, alert.id)
        assert end is not None
        assert shown["root"] == why["root"]
        assert (shown["root"] or shown)["id"] == str(end.id)
        assert (shown["cause"] and shown["cause"]["id"]) == (
            alert.correlated_to_id and str(alert.correlated_to_id)
        )
        live = await operator.get(f"/alerts?root_id={alert.id}&status={open_ones}&sort=priority")
        stored = await operator.get(f"/alerts?root_id={alert.id}&sort=priority")
        assert (meta(live)["source"], meta(stored)["source"]) == ("engine", "database")
        assert live.data == stored.data
        assert {each["id"] for each in shown["consequences"]} == {each["id"] for each in live.data}  # type: ignore[attr-defined]
    assert shown["root"]["title"] == "root"


async def test_one_alert_is_reported_as_far_as_the_engine_knows(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """Cause and consequences are there; history is not, nor is an alert that was closed long ago."""
    (gone,) = await stage.report(problem("gone", device_ip="10.1.1.1"))
    await operator.post(f"/alerts/{gone.id}/resolve", {})
    cause, effect = await stage.report(
        problem("cause", device_ip=UPSTREAM, is_cutting=True), problem("effect", device_ip=DOWNSTREAM)
    )
    await go_away(stage, outage)
    root: Any = (await operator.get(f"/alerts/{cause.id}")).data
    assert [each["title"] for each in root["consequences"]] == ["effect"]
    assert (root["history"], root["raw_data"], root["impacted"]) == ([], {}, 1)
    reply = await operator.get(f"/alerts/{effect.id}/why")
    shown: Any = reply.data
    assert (shown["status"], shown["cause"]["title"]) == ("suppressed", "cause")
    assert shown["correlation_rule"]
    assert meta(reply)["source"] == "engine"
    closed: Any = (await operator.get(f"/alerts/{gone.id}")).data
    assert closed["status"] == "resolved"
    unknown = await operator.get("/alerts/0198c5a2-7d3e-7c1b-9a77-2f6d1f0c9b11")
    assert (unknown.status, unknown.headers["Retry-After"]) == (503, "5")


async def test_after_the_outage_the_past_is_there_again(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """In between the database answers but is behind: lists are live, history is what it has."""
    (old,) = await stage.report(problem("old"))
    (ended,) = await stage.report(problem("ended", device_ip="10.1.1.3"))
    await operator.post(f"/alerts/{ended.id}/resolve", {})
    await go_away(stage, outage)
    (new,) = await stage.report(problem("new", device_ip="10.1.1.1"))
    outage.end()
    await stands(stage, "behind")
    reply = await operator.get("/alerts?status=active&sort=title")
    assert titles(reply) == ["new", "old"]
    assert (meta(reply)["source"], meta(reply)["database"]) == ("engine", "behind")
    detail: Any = (await operator.get(f"/alerts/{old.id}")).data
    assert [entry["action"] for entry in detail["history"]] == ["created"]
    assert detail["raw_data"]["text"] == "as received"
    fresh: Any = (await operator.get(f"/alerts/{new.id}")).data
    assert (fresh["title"], fresh["history"]) == ("new", [])
    past = await operator.get("/alerts?status=resolved,expired")
    assert (titles(past), meta(past)["source"]) == (["ended"], "database")
    async with draining(stage):
        await stands(stage, "connected")
        reply = await operator.get("/alerts?status=active&sort=title")
        assert titles(reply) == ["new", "old"]
        assert (meta(reply)["source"], meta(reply)["database"]) == ("engine", "connected")
        assert "since" not in meta(reply)
        fresh = (await operator.get(f"/alerts/{new.id}")).data
        assert [entry["action"] for entry in fresh["history"]] == ["created"]


async def test_a_server_that_hangs_delays_no_request_for_long(
    stage: Stage, operator: Caller, postgres: Cluster
) -> None:
    """No request waits for a frozen server longer than its limit; afterwards none waits at all."""
    await stage.report(problem("old"))
    with frozen(postgres):
        first = await asyncio.gather(*(timed(operator, "/alerts?status=active") for _ in range(12)))
        assert {titles(reply)[0] for reply, _ in first} == {"old"}
        assert max(seconds for _, seconds in first) < BOUNDED_S
        await stands(stage, "away")
        await stage.report(problem("new", device_ip="10.1.1.1"))
        reply, seconds = await timed(operator, "/alerts?status=active&sort=title")
        assert titles(reply) == ["new", "old"]
        assert seconds < AT_ONCE_S
    async with draining(stage):
        await stands(stage, "connected")
        reply = await operator.get("/alerts?status=active&sort=title")
        assert (titles(reply), meta(reply)["database"]) == (["new", "old"], "connected")


async def test_a_locked_table_is_answered_around_and_its_queries_end(
    stage: Stage, operator: Caller, pool: asyncpg.Pool
) -> None:
    """When the server works but one table does not answer, only the past is missing; nothing piles up."""
    (old,) = await stage.report(problem("old"))
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
        reply, seconds = await timed(operator, "/alerts?status=active")
        assert (titles(reply), meta(reply)["database"]) == (["old"], "connected")
        assert seconds < AT_ONCE_S
        reply, seconds = await timed(operator, f"/alerts/{old.id}")
        detail: Any = reply.data
        assert (detail["title"], detail["history"], meta(reply)["database"]) == ("old", [], "busy")
        assert seconds < BOUNDED_S
        async with asyncio.timeout(10):
            while await other.fetchval(WAITING_FOR_LOCKS):
                await asyncio.sleep(0.1)
    reply = await operator.get(f"/alerts/{old.id}")
    detail = reply.data
    assert (len(detail["history"]), meta(reply)["database"]) == (1, "connected")


# Coming in ---------------------------------------------------------------------------------------


async def test_who_was_seen_lately_stays_and_others_come_later(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """Known keys and sessions work; an unseen key, good or not, is answered 503."""
    unseen = Caller(operator.http, operator.url, await create_key(stage.pool, name="unseen", role="viewer"))
    login = await operator.ask("POST", "/session", json={"key": operator.key})
    cookie = login.headers["Set-Cookie"].split(";")[0]
    browser = Caller(operator.http, operator.url, None)
    assert (await browser.get("/session", headers={"Cookie": cookie})).status == 200
    await go_away(stage, outage)
    assert (await operator.get("/session")).status == 200
    assert (await browser.get("/alerts?status=active", headers={"Cookie": cookie})).status == 200
    for someone in (unseen, Caller(operator.http, operator.url, "ops_00000000_guess")):
        reply = await someone.get("/alerts")
        assert (reply.status, reply.error["code"]) == (503, "unavailable")
        assert reply.headers["Retry-After"] == "5"
        assert (await someone.get("/system/health")).data == {"status": "ok"}
    assert (await Caller(operator.http, operator.url, None).get("/alerts")).status == 401
    assert (await unseen.ask("POST", "/session", json={"key": unseen.key})).status == 503


async def test_a_revoked_key_is_refused_at_once_and_stays_out(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """The memory is not used while the database is there, and a refusal is remembered too."""
    await revoke_key(stage.pool, "the operator")
    assert (await operator.get("/alerts")).status == 401
    await go_away(stage, outage)
    assert (await operator.get("/alerts")).status == 503


async def test_a_session_can_be_left_during_an_outage(stage: Stage, operator: Caller, outage: Outage) -> None:
    """The browser gives its cookie back, and the token is forgotten here."""
    login = await operator.ask("POST", "/session", json={"key": operator.key})
    cookie = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
    browser = Caller(operator.http, operator.url, None)
    assert (await browser.get("/session", headers=cookie)).status == 200
    await go_away(stage, outage)
    left = await browser.ask("DELETE", "/session", headers={**cookie, "Content-Type": "application/json"})
    assert left.status == 200
    assert 'opsconductor_session=""' in left.headers["Set-Cookie"]
    assert (await browser.get("/session", headers=cookie)).status == 503


async def test_keys_work_on_a_database_that_takes_no_changes(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """Read-only is enough to check a key; its use cannot be recorded then."""
    key = await create_key(stage.pool, name="new", role="viewer")
    outage.read_only()
    await stands(stage, "connected")
    assert (await Caller(operator.http, operator.url, key).get("/alerts")).status == 200
    outage.writable()


# Acting ------------------------------------------------------------------------------------------


async def test_commands_go_through_the_engine_and_the_spool(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """Acknowledge, note, assign, resolve during an outage: answered, and each in history once afterwards."""
    (alert,) = await stage.report(problem())
    await go_away(stage, outage)
    for name, body in (
        ("acknowledge", {"notes": "on it"}),
        ("notes", {"notes": "fibre cut"}),
        ("assign", {"assigned_to": "anna"}),
        ("resolve", {}),
    ):
        reply = await operator.post(f"/alerts/{alert.id}/{name}", body)
        assert reply.status == 200, name
        assert meta(reply)["database"] == "away"
    again = await operator.post(f"/alerts/{alert.id}/resolve", {})
    assert (again.status, again.error["code"]) == (409, "conflict")
    outage.end()
    async with draining(stage):
        await stands(stage, "connected")
    detail: Any = (await operator.get(f"/alerts/{alert.id}")).data
    assert [entry["action"] for entry in detail["history"]] == [
        "created", "acknowledged", "noted", "assigned", "resolved",
    ]  # fmt: skip
    assert (detail["status"], detail["resolved_by"], detail["assigned_to"]) == (
        "resolved", "the operator", "anna",
    )  # fmt: skip


async def test_a_command_that_cannot_be_stored_is_answered_too(
    stage: Stage, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When neither database nor spool takes the change, the operator gets that answer instead of waiting."""

    async def never(_command: Command) -> Alert:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(commands, "TIMEOUT_S", 0.05)
    monkeypatch.setattr(stage, "command", never)
    (alert,) = await stage.report(problem())
    reply = await operator.post(f"/alerts/{alert.id}/acknowledge", {})
    assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "unsettled", "15")


# Following ---------------------------------------------------------------------------------------


async def test_the_feed_reports_the_database_and_goes_on(
    stage: Stage, operator: Caller, outage: Outage
) -> None:
    """Followers get that it is away, then new alerts, then that it is back."""
    headers = {"Authorization": f"Bearer {operator.key}"}
    async with (
        operator.http.get(f"{operator.url}/api/v1/alerts/stream", headers=headers) as feed,
        draining(stage),
    ):

        async def received(wanted: bytes) -> None:
            async with asyncio.timeout(10):
                while wanted not in await feed.content.readline():
                    pass

        outage.begin()
        await received(b'"database": "away"')
        await stage.report(problem("meanwhile"))
        await received(b'"title":"meanwhile"')
        outage.end()
        await received(b'"database": "connected"')


async def test_an_outage_is_two_lines_in_the_log(
    stage: Stage, operator: Caller, outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """However many ask meanwhile, the log has once that it is away and once that it is back."""
    caplog.set_level(logging.INFO, "opsconductor")
    await go_away(stage, outage)
    for _ in range(20):
        await operator.get("/alerts")
        await Caller(operator.http, operator.url, "ops_00000000_guess").get("/alerts")
    outage.end()
    await stands(stage, "connected")
    logged = [record.message for record in caplog.records if record.name.startswith("opsconductor")]
    assert logged == [
        "database does not answer, requests get open alerts without their history",
        "database answers requests again",
    ]  # fmt: skip
