"""Informs: answered only after the commit, counted once however often they are sent."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from opsconductor.snmp.message import encode
from tests.support.snmp.trap_listener import LINK_DOWN, NetSnmp, commit, listening, until

USER = {
    "username": "noc",
    "auth_protocol": "SHA-256",
    "auth_password": "authentic pass",
    "priv_protocol": "AES",
    "priv_password": "private pass",
}
V3 = [
    "-v3",
    "-u",
    "noc",
    "-l",
    "authPriv",
    "-a",
    "SHA-256",
    "-A",
    "authentic pass",
    "-x",
    "AES",
    "-X",
    "private pass",
]
WAYS = {"v2c": ["-v2c", "-c", "public"], "v3": V3}

VARBINDS = encode.notification_varbinds(LINK_DOWN, 100, ())
INFORM, NEXT_INFORM = (
    encode.message_v2c(b"public", encode.pdu(encode.INFORM, number, VARBINDS)) for number in (1, 2)
)


@pytest.fixture
def net_snmp(tmp_path: Path) -> NetSnmp:
    """net-snmp's commands."""
    return NetSnmp(tmp_path / "net-snmp")


async def received(sender: socket.socket) -> bytes:
    """Receive an answer, or give up after five seconds."""
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sender, 65_535), 5)


@pytest.mark.parametrize("version", WAYS)
async def test_the_answer_waits_for_the_commit(tmp_path: Path, net_snmp: NetSnmp, version: str) -> None:
    """The sender waits, sends again, and ends with success as soon as the event is committed: one event."""
    async with listening(tmp_path, snmpv3_users=[USER]) as listener:
        intake = listener.intake
        intake.is_committing = False
        inform = asyncio.create_task(
            net_snmp.snmpinform("-t0.3", "-r60", *WAYS[version], target="127.0.0.1", port=listener.port)
        )
        await until(lambda: intake.counts["duplicate", ""] >= 2)
        assert not inform.done()
        assert len(intake.events) == 1
        commit(intake.events)
        ended = await inform
    assert ended.code == 0, ended.output
    assert len(intake.events) == 1
    assert intake.traps[0].is_inform


async def test_an_inform_sent_again_after_its_answer_is_answered_again(tmp_path: Path) -> None:
    """When the answer got lost, the resent inform is answered at once and is no second event."""
    expected = encode.message_v2c(b"public", encode.pdu(encode.RESPONSE, 1, VARBINDS))
    async with listening(tmp_path) as listener:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", listener.port))
            sender.setblocking(False)  # noqa: FBT003 - Python's own signature
            for _ in range(3):
                sender.send(INFORM)
                assert await received(sender) == expected
            sender.send(NEXT_INFORM)
            assert await received(sender) != expected
        counts = listener.intake.counts
    assert len(listener.intake.events) == 2
    assert (counts["received", ""], counts["duplicate", ""]) == (4, 2)


def wildcard(family: socket.AddressFamily) -> socket.socket:
    """Open a socket on all addresses, as systemd does: with IPv6, IPv4 comes in too."""
    opened = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    opened.setblocking(False)  # noqa: FBT003 - Python's own signature
    opened.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
    return opened


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["ipv4", "both in one"])
async def test_the_answer_leaves_from_the_address_that_was_asked(
    tmp_path: Path, family: socket.AddressFamily
) -> None:
    """On a host with several addresses a sender that listens to the one it asked is answered too."""
    with wildcard(family) as lent, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        async with listening(tmp_path, sockets=[lent]) as listener:
            sender.bind(("127.0.0.1", 0))
            sender.connect(("127.0.0.7", listener.port))  # the kernel drops what comes from elsewhere
            sender.setblocking(False)  # noqa: FBT003 - Python's own signature
            sender.send(INFORM)
            await until(lambda: len(listener.intake.events) == 1)
            sender.send(NEXT_INFORM)
            assert encode.integer(2) in await received(sender)


async def test_answers_over_ipv6(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """Informs that come over IPv6 are answered over IPv6, the first one and those after it."""
    async with listening(tmp_path, listen=["[::]:0"]) as listener:
        for _ in range(2):
            ended = await net_snmp.snmpinform(*WAYS["v2c"], target=f"udp6:[::1]:{listener.port}")
            assert ended.code == 0, ended.output


async def test_an_answer_after_the_end_harms_nobody(tmp_path: Path) -> None:
    """An event that is committed after its socket is closed is counted as unanswered."""
    async with listening(tmp_path) as listener:
        intake = listener.intake
        intake.is_committing = False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(INFORM, ("127.0.0.1", listener.port))
        await until(lambda: bool(intake.events))
    commit(intake.events)
    assert intake.counts["unanswered", "send_failed"] == 1


async def test_our_engine_keeps_its_id_and_counts_its_starts(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """Informs work across a restart, with the same engine ID and one boot more (RFC 3414 2.2)."""
    kept = tmp_path / "snmp" / "traps.json"
    states = []
    for _ in range(2):
        async with listening(tmp_path, snmpv3_users=[USER]) as listener:
            ended = await net_snmp.snmpinform(*V3, target="127.0.0.1", port=listener.port)
            assert ended.code == 0, ended.output
        states.append(json.loads(kept.read_text()))
    assert states[0]["engine_id"] == states[1]["engine_id"]
    assert [state["boots"] for state in states] == [1, 2]


async def test_a_sender_with_our_old_clock_is_put_right(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """A sender that knows our clock from before our restart gets the new one, and is then accepted."""
    kept = tmp_path / "snmp" / "traps.json"
    kept.parent.mkdir()
    kept.write_text('{"engine_id": "80007ed90501020304050607", "boots": 41}')
    async with listening(tmp_path, snmpv3_users=[USER]) as listener:
        ended = await net_snmp.snmpinform("-Z", "41,5000", *V3, target="127.0.0.1", port=listener.port)
        counts = listener.intake.counts
    assert ended.code == 0, ended.output
    assert len(listener.intake.events) == 1
    assert counts["refused", "not_in_time_window"] == 1
