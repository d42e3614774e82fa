"""The daemon reports its losses, its faults, and whether its notifications work."""

import asyncio
import json
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from opsconductor.ledger.equations import LedgerEntry, balance
from opsconductor.snmp.notice import SenderV2c, SnmpNotice
from tests.acceptance.daemon.test_first_hour import HOOK_SECRET, LINK_DOWN
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.ports import free_port
from tests.support.store.ledger_runs import read_run, read_runs

FAST = {"every": "0.2s", "quiet_time": "2s"}
SMALLEST_BUFFER = 64 * 1024
STORM = 2_000
GOOD, REFUSED, UNDECODABLE = 300, 20, 10


async def diagnosis(daemon: Daemon, *options: str) -> tuple[int, str]:
    """Run `opsconductor doctor`; return exit status and output."""
    return await daemon.ended("doctor", *options)


def trap(community: bytes = b"public", request: int = 0) -> bytes:
    """Write the message of a trap; none is like another."""
    return SenderV2c(community=community).trap(SnmpNotice(trap_oid=LINK_DOWN, uptime=request))


def send(daemon: Daemon, *messages: bytes) -> None:
    """Send datagrams to the trap port, as fast as possible."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for message in messages:
            sock.sendto(message, ("127.0.0.1", daemon.trap_port))


async def eventually(condition: Callable[[], bool], within_s: float = 15) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.1)


@dataclass(slots=True)
class Outside:
    """A web server for webhooks and heartbeats; `status` is what it answers to webhooks."""

    url: str
    status: int = 204
    received: Counter[str] = field(default_factory=Counter)
    beats: int = 0

    async def take_hook(self, request: web.Request) -> web.Response:
        """Count the messages to each hook, by alert type."""
        body = await request.json()
        self.received[f"{request.match_info['hook']} {body['alert']['alert_type']}"] += 1
        return web.Response(status=self.status)

    async def take_beat(self, _request: web.Request) -> web.Response:
        """Count heartbeats."""
        self.beats += 1
        return web.Response()


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """Run the web server."""
    number = free_port()
    server = Outside(f"http://127.0.0.1:{number}")
    app = web.Application()
    app.router.add_post("/hook/{hook}", server.take_hook)
    app.router.add_get("/beat", server.take_beat)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", number).start()
    yield server
    await runner.cleanup()


@pytest.fixture
def listener(daemon: Daemon, database_url: str) -> Daemon:
    """Configure the daemon with a database of the tests' server, frequent checks, and a tiny buffer."""
    connector = daemon.trap_connector(receive_buffer_bytes=SMALLEST_BUFFER)
    daemon.declare("traps", connectors=[connector])
    daemon.write_settings(
        {"database": {"url": database_url}, "self_watch": FAST, "engine": {"settle_time": "0s"}}
    )
    return daemon


async def runs_balance(database_url: str) -> tuple[list[object], Counter[str]]:
    """Add up the ledger of the latest run in the database; return its gaps and sums by stage."""
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=1)
    (run,) = await read_runs(pool, 1)
    sums = await read_run(pool, run.id)
    await pool.close()
    stages: Counter[str] = Counter()
    for entry in sums:
        if entry.connector == "snmp_trap":
            stages[entry.stage] += entry.amount
    return list(balance(LedgerEntry(*entry) for entry in sums)), stages


async def test_drops_raise_an_alert_that_clears_and_the_ledger_closes(
    listener: Daemon, database_url: str
) -> None:
    """Kernel drops raise an alert; good, refused and undecodable messages are all accounted for."""
    daemon = listener
    async with running(daemon):
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGSTOP)
        send(daemon, *(trap(request=n) for n in range(STORM)))
        daemon.process.send_signal(signal.SIGCONT)
        await daemon.troubles_when(lambda found: ("application_kernel_drops", "active") in found)
        for start in range(0, GOOD, 50):
            send(daemon, *(trap(request=STORM + n) for n in range(start, start + 50)))
            await asyncio.sleep(0.1)
        send(
            daemon, *(trap(b"guess") for _ in range(REFUSED)), *(b"\x30\x80junk" for _ in range(UNDECODABLE))
        )
        await daemon.troubles_when(lambda found: ("application_kernel_drops", "resolved") in found)
        status, shown = await diagnosis(daemon)
        assert status == 0, shown
        assert "the kernel dropped" in shown
        assert f"refused community {REFUSED}" in shown
        assert "accepts well-known communities: 'public'" in shown
        assert "junk" not in shown
        gaps, stages = await runs_balance(database_url)
        assert gaps == []
        assert stages["received"] + stages["kernel_drop"] == STORM + GOOD + REFUSED + UNDECODABLE
        assert stages["kernel_drop"] > 0
        assert (stages["refused"], stages["undecodable"]) == (REFUSED, UNDECODABLE)
        assert stages["committed"] == stages["received"] - REFUSED - UNDECODABLE


async def test_a_kill_is_known_and_the_doctor_works_without_daemon_and_database(
    listener: Daemon, postgres: Cluster, database_url: str
) -> None:
    """After kill -9 there is a span of unknown time, and an alert; doctor reports a daemon that is down."""
    daemon = listener
    async with running(daemon):
        send(daemon, trap())
        await daemon.alerts_when(lambda found: len(found) == 1)
        assert await daemon.stop(signal.SIGKILL) < 0
        status, shown = await diagnosis(daemon)
        assert status == 1
        assert "no answer from http://127.0.0.1" in shown
        assert "PostgreSQL 18" in shown
        await daemon.start()
        await daemon.troubles_when(lambda found: ("application_unclean_stop", "active") in found)
        report = json.loads((await diagnosis(daemon, "--json"))[1])
        assert report["ledger"]["unknown_s"] >= 1
        await daemon.troubles_when(lambda found: ("application_unclean_stop", "resolved") in found)
        name = database_url.split("/")[3].partition("?")[0]
        postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
        send(daemon, trap(request=2))
        status, shown = await diagnosis(daemon)
        assert status == 1
        assert "runs since" in shown
        assert "PostgreSQL does not answer" in shown
        postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await daemon.database_is_back()
    assert (await runs_balance(database_url))[0] == []


def with_canary(daemon: Daemon, outside: Outside, database_url: str) -> None:
    """Configure canary, heartbeat, the canary's hook, and one for everything else."""
    hooks = [
        {
            "name": name,
            "type": "webhook",
            "config": {"url": f"{outside.url}/hook/{name}", "secret": HOOK_SECRET},
        }
        for name in ("canary", "noc")
    ]
    daemon.declare(
        "noc",
        connectors=hooks,
        notification_rules=[{"name": "everything", "conditions": {}, "channels": [{"channel": "noc"}]}],
    )
    daemon.write_settings(
        {
            "database": {"url": database_url},
            "self_watch": FAST,
            "engine": {"settle_time": "0s"},
            "canary": {"every": "1s", "channel": "canary", "within": "2s"},
            "heartbeat": {"url": f"{outside.url}/beat", "every": "0.2s"},
        }
    )


async def metric(daemon: Daemon, name: str) -> float:
    """Read a metric without labels."""

    def read() -> bytes:
        with socket.create_connection(("127.0.0.1", daemon.api_port)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: x\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    (line,) = [
        each for each in (await asyncio.to_thread(read)).splitlines() if each.startswith(name.encode())
    ]
    return float(line.split()[-1])


async def test_canary_and_heartbeat_show_whether_notifications_work(
    daemon: Daemon, outside: Outside, database_url: str
) -> None:
    """A test trap goes to its own hook alone; when it is lost, there is an alert and no heartbeat."""
    with_canary(daemon, outside, database_url)
    async with running(daemon):
        await eventually(lambda: outside.received["canary application_canary"] >= 2 and outside.beats >= 2)
        assert 0 <= await metric(daemon, "opsconductor_canary_latency_seconds") < 30
        outside.status = 500
        await daemon.troubles_when(lambda found: ("application_canary_lost", "active") in found)
        await eventually(lambda: "withheld" in daemon.log.read_text())
        beats = outside.beats
        status, shown = await diagnosis(daemon)
        assert status == 1
        assert "not delivered by canary within 2 s" in shown
        assert outside.beats <= beats + 1
        outside.status = 204
        await daemon.troubles_when(lambda found: ("application_canary_lost", "resolved") in found)
        await eventually(lambda: outside.beats > beats + 2)
    received: dict[str, Any] = dict(outside.received)
    assert set(received) - {"noc application_connector_down"} == {
        "canary application_canary",
        "noc application_canary_lost",
    }
