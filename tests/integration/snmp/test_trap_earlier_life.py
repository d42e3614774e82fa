"""Events committed before a restart are answered by the next daemon, and not counted again."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.snmp.trap_listener import NetSnmp, listening, until

USER = {
    "username": "noc",
    "auth_protocol": "SHA-256",
    "auth_password": "authentic pass",
    "priv_protocol": "AES",
    "priv_password": "private pass",
}
SIGNED = ["-l", "authPriv", "-a", "SHA-256", "-A", "authentic pass", "-x", "AES", "-X", "private pass"]
WAYS = {"v2c": ["-v2c", "-c", "public"], "v3": ["-v3", "-u", "noc", *SIGNED]}


@pytest.mark.parametrize("version", WAYS)
async def test_an_inform_committed_and_not_answered_is_not_taken_twice(tmp_path: Path, version: str) -> None:
    """The daemon dies between commit and answer; the repeat of the tool succeeds, without a new event."""
    tool = NetSnmp(tmp_path / "net-snmp")
    port = free_port(socket.SOCK_DGRAM)
    config = {"listen": [f"127.0.0.1:{port}"], "snmpv3_users": [USER]}
    timeouts = ("-r", "20", "-t", "0.5")
    async with listening(tmp_path, **config) as first:
        first.intake.is_committing = False
        asking = asyncio.create_task(
            tool.snmpinform(*timeouts, *WAYS[version], target="127.0.0.1", port=port)
        )
        await until(lambda: bool(first.intake.events))
        earlier = [event.keys for event in first.intake.events]
    async with listening(tmp_path, earlier=earlier, **config) as second:
        ended = await asking
        assert ended.code == 0, ended.output
        assert second.intake.events == []
        assert second.intake.counts["duplicate", "before_restart"] == 1
        again = await tool.snmpinform(*WAYS[version], target="127.0.0.1", port=port)
        assert again.code == 0
        assert len(second.intake.events) == 1


async def test_nothing_is_accepted_before_what_is_acknowledged_is_known(tmp_path: Path) -> None:
    """While the keys cannot be read the kernel keeps incoming traps, and the connector reports no success."""
    tool, known = NetSnmp(tmp_path / "net-snmp"), asyncio.Event()
    port = free_port(socket.SOCK_DGRAM)
    async with listening(tmp_path, known=known, listen=[f"127.0.0.1:{port}"]) as listener:
        await until(lambda: is_bound(port))
        asking = asyncio.create_task(
            tool.snmpinform("-r", "0", "-t", "60", *WAYS["v2c"], target=f"127.0.0.1:{port}")
        )
        await until(lambda: waits_in_kernel(port))
        assert not listener.source.listening
        assert listener.intake.events == []
        known.set()
        assert (await asking).code == 0
        assert len(listener.intake.events) == 1


def of_kernel(port: int) -> list[str]:
    """Read the kernel's state of a UDP port; empty: it is closed."""
    lines = Path("/proc/net/udp").read_text().splitlines()
    return next((line.split() for line in lines if f":{port:04X} " in line), [])


def is_bound(port: int) -> bool:
    """Return whether a UDP port is open."""
    return bool(of_kernel(port))


def waits_in_kernel(port: int) -> bool:
    """Return whether the kernel holds unread datagrams for a UDP port."""
    return int(of_kernel(port)[4].partition(":")[2], 16) > 0
