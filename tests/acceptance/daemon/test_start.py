"""A start that waits for its database can be stopped and asked; it fails at once when waiting cannot help."""

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from opsconductor.store.postgres import migrate
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon
from tests.support.daemons.forking import ForkedProcess, forked
from tests.support.ports import free_port

WITHIN_S = 20.0


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Return a daemon whose database does not answer, not started yet."""
    daemon = Daemon(tmp_path)
    daemon.write_settings({"database": {"url": f"postgresql://me:secret@127.0.0.1:{free_port()}/ops"}})
    yield daemon
    daemon.clean_up()


async def launch(daemon: Daemon) -> ForkedProcess:
    """Start the daemon without waiting until it is ready."""
    with daemon.log.open("ab") as log:
        process = await forked(daemon.arguments("run"), daemon.code, dict(os.environ), log.fileno())
    daemon.process = process
    return process


def health_of(daemon: Daemon, key: str = "") -> tuple[int, dict[str, str]]:
    """Ask for the health; return the status of the answer and its data."""
    url = f"http://127.0.0.1:{daemon.api_port}/api/v1/system/health"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - of this machine
            return response.status, json.load(response)["data"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["data"]


async def answers(daemon: Daemon) -> tuple[int, dict[str, str]]:
    """Wait until the API's port answers."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                return await asyncio.to_thread(health_of, daemon)
            except OSError:
                await asyncio.sleep(0.1)


async def test_health_answers_and_a_stop_works_while_the_database_is_away(waiting: Daemon) -> None:
    """Health says `failing`, to the local key also why; SIGTERM ends the wait at once, with status 0."""
    var = waiting.folder / "var"
    var.mkdir()
    (var / "cli.token").write_text("ops_local_key")
    process = await launch(waiting)
    assert await answers(waiting) == (503, {"status": "failing"})
    async with asyncio.timeout(WITHIN_S):
        while "refused" not in health_of(waiting, "ops_local_key")[1]["reason"].lower():
            await asyncio.sleep(0.1)
    assert "secret" not in waiting.log.read_text()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(WITHIN_S):
        assert await process.wait() == 0
    assert "asked to stop before the start was complete" in waiting.log.read_text()


@pytest.mark.parametrize("account", ["unknown-account", "postgres"])
async def test_what_waiting_cannot_help_ends_the_start(
    waiting: Daemon, postgres: Cluster, account: str
) -> None:
    """An unknown account or database is reported at once, long before `limits.database_wait`."""
    host = postgres.url("x").partition("host=")[2]
    waiting.write_settings({"database": {"url": f"postgresql://{account}@/no-such-database?host={host}"}})
    process = await launch(waiting)
    async with asyncio.timeout(WITHIN_S):
        assert await process.wait() == 1
    assert "does not exist" in waiting.log.read_text()


async def test_health_and_doctor_name_the_step_of_an_upgrade(waiting: Daemon, database_url: str) -> None:
    """With the local key, while a migration waits for a lock on its table."""
    await migrate.downgrade(database_url, "0050")
    waiting.write_settings({"database": {"url": database_url}})
    var = waiting.folder / "var"
    var.mkdir()
    (var / "cli.token").write_text("ops_local_key")
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute("LOCK TABLE alerts IN ACCESS SHARE MODE")
        process = await launch(waiting)
        assert await answers(waiting) == (503, {"status": "failing"})
        async with asyncio.timeout(WITHIN_S):
            while "0051 plain documents" not in health_of(waiting, "ops_local_key")[1]["reason"]:
                await asyncio.sleep(0.1)
        status, doctor = await waiting.ended("doctor")
        assert status == 1
        assert "the daemon is starting: changing the schema of the database from revision 0050" in doctor
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(WITHIN_S):
            assert await process.wait() == 0
    await other.close()
    assert await migrate.current_of(database_url) == "0050"
