"""PostgreSQL stays away for a while: operators see the live state and act, and all of it is stored later."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opsconductor.store.postgres import cluster as embedded_files
from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.benchmarks.load.traps import link_down
from tests.conftest import LASTING, Cluster
from tests.support.daemons.daemon import Daemon, running

MIB = 1024 * 1024
PACKETS_AT_ONCE = 400
MOST_PACKETS = 40_000


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL of the test's own, which it may crash and start again."""
    cluster = Cluster(embedded_files.programs(), LASTING)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def daemon(cluster: Cluster, tmp_path: Path) -> Iterator[Daemon]:
    """Provide a daemon that works on it."""
    made = Daemon(tmp_path)
    limits = {"commit_timeout": "1s", "spool_bytes": MIB}
    made.write_settings({"database": {"url": cluster.url(cluster.create())}, "limits": limits})
    yield made
    made.clean_up()


async def health(daemon: Daemon) -> dict[str, Any]:
    """Read the state of the daemon."""
    data: Any = (await daemon.api("/system/health"))["data"]
    assert isinstance(data, dict)
    return data


def stored(cluster: Cluster, query: str) -> list[list[Any]]:
    """Read rows from the daemon's database directly."""
    (database,) = cluster.sql("SELECT datname FROM pg_database WHERE datname ~ '^t[0-9]+$'").split()
    found = cluster.sql(f"SELECT coalesce(json_agg(to_json(row)), '[]') FROM ({query}) AS row", database)  # noqa: S608
    return [list(row.values()) for row in json.loads(found)]


async def test_people_see_and_act_while_the_database_is_away(daemon: Daemon, cluster: Cluster) -> None:
    """New alerts are listed from the engine, informs and commands answered; afterwards all is stored once."""
    async with running(daemon):
        await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
        (first,) = await daemon.alerts()
        await asyncio.to_thread(cluster.crash)
        for index in range(2, 7):
            await daemon.trap(LINK_DOWN, *port(index), tool="snmpinform")
        await daemon.trap(LINK_DOWN, *port(6), tool="snmpinform")
        async with asyncio.timeout(10):
            while (await health(daemon))["database"] != "away":
                await asyncio.sleep(0.1)
        listed: Any = await daemon.api("/alerts?source_system=snmp_trap&status=active")
        assert listed["meta"]["total"] == 6
        assert (listed["meta"]["source"], listed["meta"]["database"]) == ("engine", "away")
        done: Any = await daemon.api(f"/alerts/{first['id']}/acknowledge", {"notes": "on it"})
        assert done["success"]
        assert done["meta"]["database"] == "away"
        state = await health(daemon)
        assert (state["status"], state["database"]) == ("degraded", "away")
        assert state["spool"]["entries"] > 0
        assert state["spool"]["bytes"] > 0
        assert state["spool"]["oldest_age_s"] >= 0
        printed = await daemon.run("alerts", "list")
        assert "ifIndex=6" in printed
        assert "database away since" in printed
        await asyncio.to_thread(cluster.resume)
        await daemon.database_is_back()
        listed = await daemon.api("/alerts?source_system=snmp_trap")
        assert (listed["meta"]["total"], listed["meta"]["source"]) == (6, "database")
        assert (await health(daemon))["spool"]["entries"] == 0
    found = stored(
        cluster,
        "SELECT resource, occurrence_count, status FROM alerts WHERE source_system = 'snmp_trap'",
    )
    assert sorted(found) == [
        ["ifIndex=1", 1, "acknowledged"],
        *([f"ifIndex={index}", 1, "active"] for index in range(2, 6)),
        ["ifIndex=6", 2, "active"],
    ]
    assert stored(
        cluster,
        "SELECT action, count(*) FROM alert_history JOIN alerts ON alerts.id = alert_id "
        "WHERE source_system = 'snmp_trap' AND action IN ('created', 'acknowledged') "
        "GROUP BY action ORDER BY action",
    ) == [["acknowledged", 1], ["created", 6]]


async def test_health_fails_only_when_nothing_takes_changes(daemon: Daemon, cluster: Cluster) -> None:
    """With database and spool unavailable health is failing, HTTP 503; the database alone repairs it."""
    async with running(daemon):
        await asyncio.to_thread(cluster.crash)
        sent = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while (state := await health(daemon))["status"] != "failing":
                assert sent < MOST_PACKETS, state
                for index in range(sent, sent + PACKETS_AT_ONCE):
                    out.sendto(link_down(index, index), ("127.0.0.1", daemon.trap_port))
                sent += PACKETS_AT_ONCE
                await asyncio.sleep(0.1)
        assert state["database"] == "away"
        assert state["spool"]["entries"] > 0
        listed: Any = await daemon.api("/alerts?status=active&per_page=1")
        assert listed["meta"]["total"] > 1
        await asyncio.to_thread(cluster.resume)
        await daemon.database_is_back(60)
        assert (await health(daemon))["status"] == "ok"
    log = daemon.log.read_text()
    # it may be full once more while the database comes back
    assert log.count("changes are durable again") == log.count("the spool is full") >= 1
