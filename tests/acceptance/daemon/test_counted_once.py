"""Acknowledged and committed events are recognized after kill -9, whatever the raw event archive keeps."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.soak.packets import INFORM
from tests.soak.stage import ARCHIVES, FILL_ARCHIVE, FULL_ROWS
from tests.support.api.webhook_posts import TOKEN, posted
from tests.support.snmp.trap_site import Site, running

INFORMS = 20

# COMMIT takes a while, so that the daemon can be stopped in the middle of it
SLOW_COMMIT = """
CREATE FUNCTION wait_a_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(1);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON alerts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_a_moment();
"""
# once the daemon is dead: stopped, it may hold a lock on the table
USUAL_COMMIT = "DROP TRIGGER slow_commit ON alerts; DROP FUNCTION wait_a_moment"
IS_COMMITTING = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')
"""


@asynccontextmanager
async def connected(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the site's database."""
    connection = await asyncpg.connect(site.url)
    try:
        yield connection
    finally:
        await connection.close()


async def when(connection: asyncpg.Connection, question: str, *, is_so: bool) -> None:
    """Wait until PostgreSQL answers a question so."""
    async with asyncio.timeout(60):
        while await connection.fetchval(question) is not is_so:
            await asyncio.sleep(0.1)


async def killed_before_the_answer(site: Site) -> None:
    """Kill the daemon when PostgreSQL has committed and the daemon does not know it yet."""
    process = site.daemon.process
    assert process is not None
    async with connected(site) as connection:
        await connection.execute(SLOW_COMMIT)
        site.send(1, pdu=INFORM)
        await when(connection, IS_COMMITTING, is_so=True)
        process.send_signal(signal.SIGSTOP)
        await when(connection, IS_COMMITTING, is_so=False)
        await when(connection, "SELECT count(*) > 0 FROM alerts", is_so=True)
        await site.daemon.end(signal.SIGKILL)
        await connection.execute(USUAL_COMMIT)
    assert not site.is_answered()


@pytest.mark.parametrize("archive", ["off", "sampled", "full"])
async def test_an_inform_committed_and_not_answered_counts_once(
    tmp_path: Path, database_url: str, archive: str
) -> None:
    """Killed between commit and answer; the device repeats to the next daemon: answered, counted once."""
    async with running(tmp_path, database_url, is_lent=True, archive=ARCHIVES[archive]) as site:
        if archive == "full":
            async with connected(site) as connection:
                await connection.execute(FILL_ARCHIVE, FULL_ROWS // 10)
        await killed_before_the_answer(site)
        asking = asyncio.create_task(site.ask(1))
        await site.daemon.come_up()
        assert await asking == 1
        assert await site.ask(2) == 2
        assert await site.counts() == {1: (1, "active"), 2: (1, "active")}


@pytest.mark.parametrize("archive", ["off", "sampled"])
async def test_informs_whose_answers_were_lost_count_once(
    tmp_path: Path, database_url: str, archive: str
) -> None:
    """All events of one device are recognized, also those beyond the archive's sample."""
    async with running(tmp_path, database_url, is_lent=True, archive=ARCHIVES[archive]) as site:
        for _ in range(2):
            for port in range(1, INFORMS + 1):
                assert await site.ask(port) == port
            await site.daemon.end(signal.SIGKILL)
            await site.daemon.come_up()
        assert await site.counts() == dict.fromkeys(range(1, INFORMS + 1), (1, "active"))


async def test_informs_in_the_spool_count_once(tmp_path: Path, database_url: str) -> None:
    """PostgreSQL takes nothing, the spool does; after a kill the next daemon knows the spool's content."""
    async with running(tmp_path, database_url, is_lent=True, archive={"enabled": False}) as site:
        async with connected(site) as connection:
            await connection.execute("BEGIN; LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
            for port in (1, 2, 3):
                assert await site.ask(port) == port
            await site.daemon.end(signal.SIGKILL)
        await site.daemon.come_up()
        for port in (1, 2, 3, 4):
            assert await site.ask(port) == port
        assert await site.counts() == dict.fromkeys((1, 2, 3, 4), (1, "active"))


async def killed_before_the_post_is_answered(
    site: Site, connection: asyncpg.Connection, posting: Awaitable[object]
) -> None:
    """Kill the daemon when PostgreSQL has committed the post, before the daemon knows it."""
    await connection.execute(SLOW_COMMIT)
    asking = asyncio.ensure_future(posting)
    await when(connection, IS_COMMITTING, is_so=True)
    assert site.daemon.process is not None
    site.daemon.process.send_signal(signal.SIGSTOP)
    await when(connection, IS_COMMITTING, is_so=False)
    await site.daemon.end(signal.SIGKILL)
    await connection.execute(USUAL_COMMIT)
    assert isinstance((await asyncio.wait({asking}))[0].pop().exception(), OSError)


async def test_a_report_with_a_key_counts_once(tmp_path: Path, database_url: str) -> None:
    """The key of a reported event is committed with it, so that a kill before the answer is harmless."""
    event = {
        "id": str(uuid.uuid4()),
        "device": "backup-1",
        "alert_type": "application_backup_failed",
        "severity": "major",
    }
    off: dict[str, object] = {"enabled": False}
    async with (
        running(tmp_path, database_url, is_lent=True, archive=off) as site,
        connected(site) as connection,
    ):
        await killed_before_the_post_is_answered(site, connection, site.daemon.api("/events", event))
        await site.daemon.come_up()
        answer = await site.daemon.api("/events", event)
        assert answer["data"] == {"accepted": 1, "repeated": 1}
        counts = "SELECT occurrence_count FROM alerts WHERE device_name = 'backup-1'"
        assert await connection.fetchval(counts) == 1


@pytest.mark.parametrize(
    ("headers", "config"), [({"Idempotency-Key": "post-1"}, {}), ({}, {"idempotency_key": "$.delivery.id"})]
)
async def test_a_post_with_a_key_counts_once(
    tmp_path: Path, database_url: str, headers: dict[str, str], config: dict[str, object]
) -> None:
    """A sender repeats a post that was committed before a kill; its key, by header or in the body, is known.

    The same key for another document is refused, without a key a repeat counts.
    """
    mapping = {"device": "$.host", "alert_type": "application_job_failed"}
    hook = {"name": "jobs", "type": "webhook_in"}
    keys = {"format": "json", "token": TOKEN, "mapping": mapping, **config}
    off: dict[str, object] = {"enabled": False}
    body = {"host": "batch1", "delivery": {"id": "17"}}
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        running(tmp_path, database_url, is_lent=True, archive=off) as site,
        connected(site) as connection,
    ):

        async def post(document: object, more: Mapping[str, str] = headers) -> tuple[int, object]:
            status, answer = await posted(site.daemon.api_port, "jobs", document, {**bearer, **more})
            return status, answer.get("data", answer.get("error", {}).get("code"))  # type: ignore[attr-defined]

        site.daemon.declare("hooks", connectors=[{**hook, "config": keys}])
        reloaded = await site.daemon.api("/system/reload", {})
        assert reloaded["data"] == {"ok": True, "faults": [], "error": "", "failed": {}}
        await killed_before_the_post_is_answered(site, connection, post(body))
        await site.daemon.come_up()
        assert await post(body) == (200, {"events": 0})
        counts = "SELECT occurrence_count FROM alerts WHERE device_name = 'batch1'"
        assert await connection.fetchval(counts) == 1
        assert await post({**body, "host": "batch2"}) == (409, "key_reused")
        assert await post({"host": "batch1"}, {}) == (200, {"events": 1})
        assert await connection.fetchval(counts) == 2
