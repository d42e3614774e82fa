"""A data directory that cannot be written is shown before it is needed, and again when it is."""

import asyncio

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.acceptance.outages.test_live_state import cluster, daemon, health
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.daemons.unwritable import unwritable

__all__ = ["cluster", "daemon"]

UNWRITABLE = "application_disk_unwritable"


async def health_when(daemon: Daemon, status: str) -> dict[str, object]:
    """Wait until the daemon's health has a status; return its health."""
    async with asyncio.timeout(20):
        while (found := await health(daemon))["status"] != status:
            await asyncio.sleep(0.1)
    return found


async def test_a_read_only_data_directory_stands_everywhere(daemon: Daemon, cluster: Cluster) -> None:
    """While the database answers it is an alert; without the database all say why nothing is acknowledged."""
    (database,) = cluster.sql("SELECT datname FROM pg_database WHERE datname ~ '^t[0-9]+$'").split()
    daemon.write_settings({"database": {"url": cluster.url(database)}, "self_watch": {"every": "0.2s"}})
    async with running(daemon):
        with unwritable(daemon.folder / "var"):
            await daemon.troubles_when(lambda found: (UNWRITABLE, "active") in found)
            code, output = await daemon.ended("doctor", COLUMNS="400")
            assert code == 1
            assert f"{daemon.folder}/var cannot be written" in output
            await asyncio.to_thread(cluster.crash)
            waiting = asyncio.create_task(daemon.trap(LINK_DOWN, *port(1), tool="snmpinform"))
            spool = (await health_when(daemon, "failing"))["spool"]
            assert isinstance(spool, dict)
            assert f"{daemon.folder}/var/spool" in spool["error"]
            code, output = await daemon.ended("doctor", COLUMNS="400")
            assert code == 1
            assert "it accepts nothing more, senders wait for their acknowledgement" in output
            assert not waiting.done()
            await asyncio.to_thread(cluster.resume)
            await waiting
            await daemon.database_is_back()
        await daemon.troubles_when(lambda found: (UNWRITABLE, "resolved") in found)
        assert (await health_when(daemon, "ok"))["spool"]["error"] is None  # type: ignore[index]
