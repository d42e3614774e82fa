"""PostgreSQL dies under a running daemon: it is started again, and nothing acknowledged is lost."""

import os
import signal
from pathlib import Path

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.benchmarks.load.processes import postmaster_of
from tests.support.daemons.daemon import Daemon, running


async def test_killed_postgresql_is_started_again(daemon: Daemon) -> None:
    """After kill -9 of its postmaster the embedded PostgreSQL comes back; informs sent meanwhile count."""
    async with running(daemon):
        await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
        before = postmaster_of(daemon.folder / "var")
        os.kill(before, signal.SIGKILL)
        for index in (2, 3, 4):
            await daemon.trap(LINK_DOWN, *port(index), tool="snmpinform")
        await daemon.database_is_back()
        found = await daemon.alerts()
        assert len(found) == 4
        assert {alert["occurrence_count"] for alert in found} == {1}
        assert postmaster_of(daemon.folder / "var") != before


async def test_what_is_in_the_spool_is_in_the_database_after_the_next_start(
    daemon: Daemon, tmp_path: Path
) -> None:
    """Killed while PostgreSQL is away, the daemon brings the spool to the database before it goes on."""
    daemon.write_settings({"limits": {"commit_timeout": "1s"}})
    async with running(daemon):
        postmaster = postmaster_of(daemon.folder / "var")
        os.kill(postmaster, signal.SIGSTOP)
        for child in (
            (Path("/proc") / str(postmaster) / "task" / str(postmaster) / "children").read_text().split()
        ):
            os.kill(int(child), signal.SIGSTOP)
        await daemon.trap(LINK_DOWN, *port(5), tool="snmpinform")
        assert (tmp_path / "var" / "spool" / "mark").exists()
        await daemon.stop(signal.SIGKILL)
        for child in (
            (Path("/proc") / str(postmaster) / "task" / str(postmaster) / "children").read_text().split()
        ):
            os.kill(int(child), signal.SIGCONT)
        os.kill(postmaster, signal.SIGCONT)
        await daemon.start()
        (alert,) = await daemon.alerts()
        assert (alert["resource"], alert["occurrence_count"]) == ("ifIndex=5", 1)
