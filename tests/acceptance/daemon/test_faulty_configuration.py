"""Inactive configuration, and ports that cannot be opened, are shown wherever an operator looks."""

import asyncio
import os
import socket
from typing import Any

import pytest

from tests.support.daemons.daemon import Daemon, running

FAULTY = "application_configuration_faulty"
DOWN = "application_connector_down"


async def ended(daemon: Daemon, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit status and output."""
    return await daemon.ended(*arguments, COLUMNS="400")


async def health(daemon: Daemon) -> Any:
    """Read the daemon's health."""
    return (await daemon.api("/system/health"))["data"]


@pytest.fixture
def watched(daemon: Daemon, database_url: str) -> Daemon:
    """Yield a daemon that checks itself often."""
    daemon.write_settings({"database": {"url": database_url}, "self_watch": {"every": "0.2s"}})
    return daemon


def break_file(daemon: Daemon) -> None:
    """Write a provisioning file with a fault on its third line."""
    path = daemon.provision / "broken.yaml"
    path.write_text("connectors:\n  - name: other\n    typ: snmp_trap\n")


async def test_a_faulty_file_at_the_start_stands_everywhere(watched: Daemon) -> None:
    """Status, doctor, health and an alert name file, line and remedy; after the correction all is good."""
    daemon = watched
    break_file(daemon)
    async with running(daemon):
        await daemon.troubles_when(lambda found: (FAULTY, "active") in found)
        (alert,) = [each for each in await daemon.alerts(on_itself=True) if each["alert_type"] == FAULTY]
        assert "broken.yaml:3: connectors[0].typ: found an unknown key" in str(alert["message"])
        assert "opsconductor reload" in str(alert["message"])
        state = await health(daemon)
        assert state["status"] == "degraded"
        faults = state["configuration"]["faults"]
        assert (3, "connectors[0].typ") in [(fault["line"], fault["key"]) for fault in faults]
        code, output = await ended(daemon, "doctor")
        assert code == 1
        assert "broken.yaml:3: connectors[0].typ: found an unknown key, expected one of name, type" in output
        assert "-> correct it, then: opsconductor reload" in output
        code, output = await ended(daemon, "connectors", "status")
        assert code == 1
        assert "no connectors: the configuration that declares them has faults" in output
        assert "broken.yaml:3" in output
        (daemon.provision / "broken.yaml").unlink()
        assert await ended(daemon, "reload") == (0, "reloaded\n")
        await daemon.troubles_when(lambda found: (FAULTY, "resolved") in found)
        assert (await health(daemon))["status"] == "ok"
        assert (await ended(daemon, "connectors", "status"))[0] == 0


async def test_a_reload_with_faults_fails_and_what_was_in_force_stays(watched: Daemon) -> None:
    """`opsconductor reload` names the faults and exits with 2; traps are received; doctor reports it."""
    daemon = watched
    async with running(daemon):
        assert (await health(daemon))["status"] == "ok"
        break_file(daemon)
        code, output = await ended(daemon, "reload")
        assert code == 2
        assert "broken.yaml:3: connectors[0].typ: found an unknown key" in output
        assert "nothing was changed" in output
        assert (await health(daemon))["status"] == "degraded"
        await daemon.trap("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7")
        await daemon.alerts_when(lambda found: len(found) == 1)
        assert (await ended(daemon, "doctor"))[0] == 1


async def test_a_port_that_is_taken_stands_everywhere(watched: Daemon) -> None:
    """The connector is in error with reason and remedy; a reload that starts such a one fails."""
    daemon = watched
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with running(daemon):
            config = {"listen": [f"127.0.0.1:{port}"], "communities": ["x"]}
            daemon.declare("second", connectors=[{"name": "second", "type": "snmp_trap", "config": config}])
            code, output = await ended(daemon, "reload")
            assert code == 1
            assert f"connector second does not work: cannot listen on 127.0.0.1:{port}" in output
            assert "stop the program that uses the port" in output
            await daemon.troubles_when(lambda found: (DOWN, "active") in found)
            state = await health(daemon)
            assert state["status"] == "degraded"
            assert "stop the program" in state["connectors"]["second"]["error"]
            code, output = await ended(daemon, "connectors", "status")
            assert code == 1
            assert "stop the program that uses the port" in output
            code, output = await ended(daemon, "doctor")
            assert code == 1
            assert "stop the program that uses the port" in output


async def test_the_banner_says_what_is_wrong(watched: Daemon) -> None:
    """With a faulty file the output has neither "is taking alerts" nor "declare a connector"."""
    daemon = watched
    break_file(daemon)
    daemon.log.touch()
    with daemon.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *daemon.command("run"),
            stdout=log,
            stderr=log,
            cwd=daemon.code,
            env={name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"},
        )
        try:
            async with asyncio.timeout(60):
                while "  data " not in daemon.log.read_text():
                    assert process.returncode is None, daemon.log.read_text()
                    await asyncio.sleep(0.1)
        finally:
            process.terminate()
            await process.wait()
    output = daemon.log.read_text()
    assert "runs, but not as configured:" in output
    assert "broken.yaml:3: connectors[0].typ" in output
    assert "reload" in output
    assert "is taking alerts" not in output
    assert "Nothing listens yet" not in output
