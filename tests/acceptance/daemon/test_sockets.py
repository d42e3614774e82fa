"""The trap port from systemd: real socket activation, and traps kept over a restart."""

import asyncio
import os
import signal

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.support.daemons.daemon import Daemon


async def test_port_from_systemd_is_taken_over(daemon: Daemon) -> None:
    """Started by systemd-socket-activate, the daemon reads the trap that woke it up from that socket."""
    listen = f"--listen=127.0.0.1:{daemon.trap_port}"
    starting = asyncio.create_task(
        daemon.start("systemd-socket-activate", "--datagram", listen, "--setenv=NOTIFY_SOCKET")
    )
    while not starting.done():
        await daemon.trap(LINK_DOWN, *port(7))
        await asyncio.wait({starting}, timeout=0.5)
    await starting
    found = await daemon.alerts_when(lambda all_: len(all_) == 1)
    assert found[0]["resource"] == "ifIndex=7"
    assert await daemon.stop(signal.SIGTERM) == 0


def test_nothing_of_systemd_leaks_into_children() -> None:
    """The test process itself was not started by systemd, so that the case above proves something."""
    assert "LISTEN_FDS" not in os.environ
