"""The syslog channel against receivers over UDP, TCP and TLS: messages, and results of failures."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.syslog_out.channel import SyslogOutChannel
from connectors.syslog_out.config import SyslogOutConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Unreachable
from opsconductor.model.notifications.notification import Notification
from tests.support.certificates import make_certificates
from tests.support.notify.notices import notice

NOTICE = notice(
    facts={"severity": "critical", "device_name": "core sw1", "resource": 'a"b]c\\d', "status": "active"},
    subject="[CRITICAL] Zürich down",
)
HEADER = (
    r"<130>1 2026-03-04T05:06:07.000\+00:00 core_sw1 opsconductor - problem "
    r'\[opsconductor@32473 id="[0-9a-f-]{36}" alert="[0-9a-f-]{36}" rule="everything" severity="critical" '
    r'status="active" device_name="core sw1" resource="a\\"b\\]c\\\\d"\] '
)


def channel(port: int, **config: Any) -> SyslogOutChannel:
    """Make a channel to a receiver of this machine."""
    checked = SyslogOutConfig.model_validate({"host": "localhost", "port": port, **config})
    return SyslogOutChannel(checked, ConnectorContext(name="siem", data_dir=Path("/nowhere")))


class Datagrams(asyncio.DatagramProtocol):
    """Keeps its datagrams."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep a datagram."""
        del addr
        self.received.put_nowait(data)


@asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, asyncio.Queue[bytes]]]:
    """Run a receiver that reads each connection to its end."""
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.put_nowait(await reader.read())
        writer.close()

    server = await asyncio.start_server(take, "localhost", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], received


async def test_a_datagram_holds_one_message() -> None:
    """Over UDP, with everything of the device escaped."""
    loop = asyncio.get_running_loop()
    transport, kept = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
    await channel(transport.get_extra_info("sockname")[1], host="127.0.0.1").send(NOTICE)
    async with asyncio.timeout(5):
        message = (await kept.received.get()).decode()
    transport.close()
    assert re.fullmatch(HEADER + "\ufeff" + r"\[CRITICAL\] Zürich down", message)


@pytest.mark.parametrize("framing", ["octet_counting", "newline"])
async def test_a_stream_has_the_configured_framing(framing: str) -> None:
    """Over TCP, with the length before the message, or a newline after it."""
    async with receiver() as (port, received), asyncio.timeout(5):
        await channel(port, transport="tcp", framing=framing).send(NOTICE)
        data = await received.get()
    if framing == "newline":
        assert data.startswith(b"<130>1 ")
        assert data.endswith(b"down\n")
    else:
        length, _, rest = data.partition(b" ")
        assert int(length) == len(rest)


async def test_tls_counts_octets_and_trusts_the_configured_authority(tmp_path: Path) -> None:
    """With the private authority it arrives; without, the certificate is not trusted."""
    certificates = make_certificates(tmp_path)
    async with receiver(certificates.server_context()) as (port, received), asyncio.timeout(5):
        await channel(port, transport="tls", ca_file=certificates.ca_file).send(NOTICE)
        length, _, rest = (await received.get()).partition(b" ")
        assert int(length) == len(rest)
        with pytest.raises(Unreachable, match="not trusted"):
            await channel(port, transport="tls").send(NOTICE)


async def test_a_closed_port_is_tried_again() -> None:
    """Over TCP it is noticed; the check reports it, too."""
    async with receiver() as (port, _):
        pass
    closed = channel(port, transport="tcp")
    with pytest.raises(Unreachable, match="cannot be connected"):
        await closed.send(NOTICE)
    found = await closed.check()
    assert not found.ok


async def test_a_long_message_is_cut_behind_the_structured_data() -> None:
    """A datagram has at most 2,048 bytes and ends with the mark, within no character."""
    loop = asyncio.get_running_loop()
    transport, kept = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
    long: Notification = notice(
        subject="ü" * 3_000, facts=dict.fromkeys(("severity", "resource", "site"), "]" * 500)
    )
    await channel(transport.get_extra_info("sockname")[1], host="127.0.0.1").send(long)
    async with asyncio.timeout(5):
        message = await kept.received.get()
    transport.close()
    assert len(message) <= 2_048
    assert message.decode().endswith("(shortened)")
