"""Two daemons must never write into one database."""

import signal
import socket

import pytest

from tests.support.daemons.daemon import Daemon, running
from tests.support.ports import free_port


async def test_second_daemon_on_a_database_refuses_to_start(daemon: Daemon) -> None:
    """The second reports the fault and the remedy in one line, and ends with 1; the first goes on."""
    async with running(daemon):
        listen = f"127.0.0.1:{free_port()}"
        status, output = await daemon.ended("run", OPSCONDUCTOR__API__LISTEN=listen)
        assert status == 1
        assert "another OpsConductor daemon uses this database" in output
        assert await daemon.alerts() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_next_daemon_takes_over_at_once(daemon: Daemon, how: signal.Signals) -> None:
    """A daemon that was killed leaves no lock behind."""
    async with running(daemon):
        await daemon.stop(how)
        await daemon.start()
        assert await daemon.alerts() == []


async def test_taken_api_port_is_reported_in_one_line(daemon: Daemon) -> None:
    """When another program has the API's port, the daemon ends with 1 and names the setting to change."""
    with socket.create_server(("127.0.0.1", daemon.api_port)):
        status, output = await daemon.ended("run")
    assert status == 1
    assert f"api.listen 127.0.0.1:{daemon.api_port} cannot be opened" in output
    assert "Traceback" not in output
