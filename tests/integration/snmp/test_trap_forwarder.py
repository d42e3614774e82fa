"""Traps forwarded by the real snmptrapd: with the device's address when configured, and without."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.snmp.trap_listener import Listening, NetSnmp, listening, until

DEVICE = "127.0.7.9"
CONF = """
disableAuthorization yes
[snmp] noPersistentSave yes
forward default udp:127.0.0.1:{port}
"""


@asynccontextmanager
async def snmptrapd(folder: Path, conf: str) -> AsyncIterator[int]:
    """Run net-snmp's receiver; the port that it listens on."""
    await asyncio.to_thread((folder / "snmptrapd.conf").write_text, conf)
    port = free_port(socket.SOCK_DGRAM)
    process = await asyncio.create_subprocess_exec(
        *("snmptrapd", "-f", "-C", "-c", str(folder / "snmptrapd.conf"), "-Lo", "-On", "-n"),
        f"udp:127.0.0.1:{port}",
        env={"SNMP_PERSISTENT_DIR": str(folder), "MIBS": "", "PATH": "/usr/sbin:/usr/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        while b"NET-SNMP version" not in (line := await process.stdout.readline()):
            assert line, "snmptrapd has ended"
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def forwarded(tmp_path: Path, listener: Listening, more: str) -> tuple[str, str, str]:
    """Send one trap through snmptrapd; return device, forwarder and text of the alert."""
    conf = CONF.format(port=listener.port) + more
    async with snmptrapd(tmp_path, conf) as port:
        sender = NetSnmp(tmp_path / "device")
        trap = ["-v2c", "-c", "public", f"--clientaddr={DEVICE}"]
        ended = await sender.snmptrap(*trap, target="127.0.0.1", port=port)
        assert ended.code == 0, ended.output
        await until(lambda: len(listener.intake.events) == 1)
    (alert,) = listener.source.normalize(listener.intake.events[0])
    return alert.device_ip or "", str(alert.raw_data().get("forwarder", "")), alert.message


async def test_a_forwarder_that_names_the_device_is_believed(tmp_path: Path) -> None:
    """With `addForwarderInfo yes` the device is named, and no warning is logged.

    Here the device is on the forwarder's own host, as its loopback address says.
    """
    async with listening(tmp_path, trusted_forwarders=["127.0.0.1/32"]) as listener:
        device, forwarder, message = await forwarded(tmp_path, listener, "addForwarderInfo yes\n")
        check = await listener.source.check()
    assert [trap.trap_address for trap in listener.intake.traps] == [DEVICE]
    assert (device, forwarder) == ("127.0.0.1", "")
    assert "addForwarderInfo" not in message
    assert check.ok


async def test_a_forwarder_that_names_no_device_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without that line the alert, the log and the check say which line to add."""
    with caplog.at_level(logging.WARNING):
        async with listening(tmp_path, trusted_forwarders=["127.0.0.1/32"]) as listener:
            device, forwarder, message = await forwarded(tmp_path, listener, "")
            check = await listener.source.check()
    assert [each[:2] for each in listener.intake.rejections] == [("127.0.0.1", "forwarder_names_no_device")]
    assert (device, forwarder) == ("127.0.0.1", "")
    assert "addForwarderInfo yes" in message
    assert not check.ok
    assert "addForwarderInfo yes" in check.message
    assert [record.message for record in caplog.records if "forwarder" in record.message] == [
        "a trusted forwarder does not name the device"
    ]
