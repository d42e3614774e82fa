"""PostgreSQL takes connections and answers nothing, as with a disk that hangs."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from opsconductor.store.postgres import postmaster
from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.acceptance.outages.test_live_state import cluster, daemon, health, stored
from tests.benchmarks.load.processes import descendants
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running

__all__ = ["cluster", "daemon"]


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Stop all processes of the server with SIGSTOP while the context lasts."""
    found = postmaster.find(cluster.folder / "data")
    assert found is not None
    pids = [found.pid, *descendants(found.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def hanging(daemon: Daemon, cluster: Cluster) -> Daemon:
    """Yield a daemon that is stopped quickly."""
    (database,) = cluster.sql("SELECT datname FROM pg_database WHERE datname ~ '^t[0-9]+$'").split()
    limits = {"commit_timeout": "1s", "shutdown_time": "1s"}
    daemon.write_settings({"database": {"url": cluster.url(database)}, "limits": limits})
    return daemon


async def test_a_stop_does_not_wait_for_a_database_that_hangs(hanging: Daemon, cluster: Cluster) -> None:
    """The daemon ends in time, also during a reload; what it has answered is there after the next start."""
    daemon = hanging
    async with running(daemon):
        with frozen(cluster):
            await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
            assert (await health(daemon))["database"] == "away"
            assert daemon.process is not None
            daemon.process.send_signal(signal.SIGHUP)
            async with asyncio.timeout(10):
                while '"reloading"' not in daemon.log.read_text():
                    await asyncio.sleep(0.05)
            assert await daemon.stop() == 0
        await daemon.start()
        await daemon.database_is_back()
        found = stored(cluster, "SELECT resource FROM alerts WHERE source_system = 'snmp_trap'")
        assert found == [["ifIndex=1"]]
