"""Refused senders, undecodable messages, and kernel drops: all counted by reason."""

import logging
import socket
from pathlib import Path

import pytest

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message import encode
from tests.support.snmp.trap_listener import LINK_DOWN, Listening, listening, until

TRAP = encode.pdu(encode.TRAP_V2, 1, encode.notification_varbinds(LINK_DOWN, 100, ()))
PUBLIC, PRIVATE = (encode.message_v2c(community, TRAP) for community in (b"public", b"private"))
SMALLEST_BUFFER = 64 * 1024
UNSUPPORTED_MODEL = bytes.fromhex("3020020103300f02020100020300ffe304010002010204003008040004000403a000")


def send(listener: Listening, *datagrams: bytes, source: str = "127.0.0.1") -> None:
    """Send datagrams from an address of this host."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", listener.port))


async def test_communities(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Other communities are refused, counted, and logged once an hour without the community itself."""
    async with listening(tmp_path, communities=["public", "other"]) as listener:
        send(listener, PRIVATE, PUBLIC, PRIVATE)
        await until(lambda: listener.intake.counts["received", ""] == 3)
    assert len(listener.intake.events) == 1
    assert listener.intake.counts["refused", "community"] == 2
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert (warning.__dict__["address"], warning.__dict__["reason"]) == ("127.0.0.1", "community")
    assert "private" not in caplog.text


@pytest.mark.parametrize(("communities", "let_in"), [([], 0), (["*"], 2)], ids=["none", "all"])
async def test_no_community_and_every_community(tmp_path: Path, communities: list[str], let_in: int) -> None:
    """An empty list lets no v1 or v2c in, `*` lets all in."""
    async with listening(tmp_path, communities=communities) as listener:
        send(listener, PRIVATE, PUBLIC)
        await until(lambda: listener.intake.counts["received", ""] == 2)
    assert len(listener.intake.events) == let_in


async def test_networks(tmp_path: Path) -> None:
    """Senders outside the networks are refused before anything is decoded."""
    async with listening(tmp_path, networks=["127.0.0.8/29", "::1/128"]) as listener:
        send(listener, PUBLIC, source="127.0.0.9")
        send(listener, PUBLIC, b"no snmp", source="127.0.0.1")
        await until(lambda: listener.intake.counts["received", ""] == 3)
    assert [event.peer for event in listener.intake.events] == ["127.0.0.9"]
    assert listener.intake.counts["refused", "network"] == 2


async def test_undecodable_messages_are_kept(tmp_path: Path) -> None:
    """Undecodable messages are counted by reason; the beginnings of the latest five are kept."""
    async with listening(tmp_path) as listener:
        send(listener, *(bytes((number,)) * 1000 for number in range(8)), PUBLIC[:-3], PUBLIC)
        await until(lambda: len(listener.intake.events) == 1)
        kept = listener.source.samples.by_reason()
        counts = listener.intake.counts
    assert counts["undecodable", "bad_tag"] == 8
    assert counts["undecodable", "truncated"] == 1
    assert [sample.first_bytes for sample in kept["bad_tag"]] == [bytes((n,)) * 256 for n in range(3, 8)]
    assert kept["truncated"][0].peer == "127.0.0.1"


async def test_another_security_model_is_reported_apart(tmp_path: Path) -> None:
    """A v3 message of another security model than USM is refused as such."""
    async with listening(tmp_path) as listener:
        send(listener, UNSUPPORTED_MODEL)
        await until(lambda: listener.intake.counts["refused", "unsupported_security_model"] == 1)


async def test_kernel_drops_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a full intake the kernel keeps what fits and drops the rest: sent = received + dropped."""
    caplog.set_level(logging.INFO)
    async with listening(tmp_path, receive_buffer_bytes=SMALLEST_BUFFER) as listener:
        intake = listener.intake
        intake.has_room.clear()
        send(listener, PUBLIC)
        await until(lambda: intake.counts["received", ""] > 0)  # the first look at the counter is over
        send(listener, *[PUBLIC] * 5000)
        await until(lambda: intake.counts["kernel_drop", ""] > 0)
        intake.has_room.set()
        await until(lambda: intake.counts["received", ""] + intake.counts["kernel_drop", ""] == 5001)
    assert len(intake.events) == intake.counts["received", ""] > 1
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.__dict__["remedy"] == "raise receive_buffer_bytes and net.core.rmem_max"


async def test_drops_while_a_lent_socket_was_not_served(tmp_path: Path) -> None:
    """Drops of a socket of systemd before the start are counted separately."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lent:
        lent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lent.setblocking(False)  # noqa: FBT003 - Python's own signature
        lent.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(100):
                sender.sendto(PUBLIC, lent.getsockname())
        async with listening(tmp_path, sockets=[lent]) as listener:
            intake = listener.intake
            await until(
                lambda: intake.counts["received", ""] + intake.counts["kernel_drop", "before_start"] == 100
            )


@pytest.mark.parametrize("is_running", [False, True], ids=["stopped", "running"])
async def test_check_shows_what_the_kernel_grants(tmp_path: Path, *, is_running: bool) -> None:
    """The check shows addresses and granted buffers, running or not."""
    config = {"receive_buffer_bytes": 2**30}
    if is_running:
        async with listening(tmp_path, **config) as listener:
            check = await listener.source.check()
    else:
        check = await stopped(tmp_path, {"listen": ["127.0.0.1:0"], **config}).check()
    assert check.ok
    (granted,) = check.details["receive_buffer_bytes"].values()  # type: ignore[attr-defined]
    assert (granted < 2**30) == ("grants less" in check.message)
    what = "listens on" if is_running else "can listen on"
    assert check.message.startswith(f"{what} 127.0.0.1:")


async def test_check_reports_why_a_port_cannot_be_opened(tmp_path: Path) -> None:
    """A taken port makes the check fail with its address and the reason."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        check = await stopped(tmp_path, {"listen": [f"127.0.0.1:{port}"]}).check()
    assert not check.ok
    assert check.message.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
    assert f"ss -lunp 'sport = :{port}'" in check.message


def stopped(data_dir: Path, config: dict[str, object]) -> SnmpTrapSource:
    """Build a listener without running it."""
    context = ConnectorContext(
        name="traps",
        data_dir=data_dir,
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_: None,
    )
    return SnmpTrapSource(SnmpTrapConfig.model_validate(config), context)
