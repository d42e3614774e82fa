"""What an earlier life of the daemon has committed is answered by the next one, and not counted again."""

import asyncio
import socket
from pathlib import Path

import pytest

from connectors.snmp_trap.informs import KEPT_S, Earlier
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.ids import time_ordered_id
from tests.daemon import free_port
from tests.outbox_rows import NOW
from tests.trap_listener import Listening, NetSnmp, listening, until

USER = {
    "username": "noc",
    "auth_protocol": "SHA-256",
    "auth_password": "authentic pass",
    "priv_protocol": "AES",
    "priv_password": "private pass",
}
SIGNED = ["-l", "authPriv", "-a", "SHA-256", "-A", "authentic pass", "-x", "AES", "-X", "private pass"]
WAYS = {"v2c": ["-v2c", "-c", "public"], "v3": ["-v3", "-u", "noc", *SIGNED]}


def archived(listener: Listening, event: RawEvent) -> ArchivedEvent:
    """Keep an event as the archive does."""
    return ArchivedEvent(
        id=time_ordered_id(event.received_at),
        connector=event.connector,
        received_at=event.received_at,
        peer=event.peer,
        payload=listener.source.record(event),
    )


@pytest.mark.parametrize("version", WAYS)
async def test_an_inform_committed_and_not_answered_is_not_taken_twice(tmp_path: Path, version: str) -> None:
    """The daemon dies between commit and answer; the tool sends again and ends well, without a new event."""
    tool = NetSnmp(tmp_path / "net-snmp")
    port = free_port(socket.SOCK_DGRAM)
    config = {"listen": [f"127.0.0.1:{port}"], "snmpv3_users": [USER]}
    patience = ("-r", "20", "-t", "0.5")
    async with listening(tmp_path, **config) as first:
        first.intake.is_committing = False
        asking = asyncio.create_task(
            tool.snmpinform(*patience, *WAYS[version], target="127.0.0.1", port=port)
        )
        await until(lambda: bool(first.intake.events))
        earlier = [archived(first, event) for event in first.intake.events]
    async with listening(tmp_path, earlier=earlier, **config) as second:
        ended = await asking
        assert ended.code == 0, ended.output
        assert second.intake.events == []
        assert second.intake.counts["duplicate", "earlier_life"] == 1
        again = await tool.snmpinform(*WAYS[version], target="127.0.0.1", port=port)
        assert again.code == 0
        assert len(second.intake.events) == 1


def test_the_earlier_life_is_forgotten_when_nobody_sends_again_any_more() -> None:
    """Sender and every byte count; after some minutes nothing is looked up any more."""
    earlier = Earlier()
    row = ArchivedEvent(
        id=time_ordered_id(NOW), connector="t", received_at=NOW, peer="192.0.2.1", payload=b"a"
    )
    earlier.remember([row, ArchivedEvent(id=row.id, connector="t", received_at=NOW, sampled_count=3)], 10.0)
    assert earlier.knows("192.0.2.1", lambda: b"a", 11.0)
    assert not earlier.knows("192.0.2.2", lambda: b"a", 11.0)
    assert not earlier.knows("192.0.2.1", lambda: b"b", 11.0)
    assert not earlier.knows("192.0.2.1", lambda: b"a", 10.0 + KEPT_S)
    assert len(earlier) == 0
