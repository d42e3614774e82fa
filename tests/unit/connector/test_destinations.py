"""Requests of connectors never reach link-local addresses, however they are named."""

import socket
from collections.abc import Iterator

import pytest

from opsconductor.connector.destinations import permitted_socket, why_refused
from opsconductor.connector.outgoing.web import WebClient, WebOptions


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("169.254.169.254", True),
        ("169.254.0.1", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("::ffff:169.254.169.254", True),
        ("100.100.100.200", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("fd12::1", False),
        ("2001:db8::1", False),
    ],
)
def test_link_local_and_metadata_addresses_are_refused(address: str, is_refused: bool) -> None:  # noqa: FBT001
    """Private networks are where a NOC's servers are; link-local ones are not."""
    assert bool(why_refused(address)) == is_refused


def test_a_permitted_address_gets_a_socket() -> None:
    """It does not block, as asyncio needs it."""
    with permitted_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))) as made:
        assert made.getblocking() is False


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/", "http://metadata.test/"]
)
async def test_a_channel_does_not_connect_there(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By address, by an IPv6 form of it, or by a name that resolves to it; the message says why."""

    def resolve(*_: object, **__: object) -> Iterator[tuple[object, ...]]:
        yield socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80)

    if "metadata" in url:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: list(resolve(*a, **k)))
    client = WebClient(WebOptions(), headers={}, secrets=())
    found = await client.check(url)
    await client.close()
    assert not found.ok
    assert "metadata service" in found.message
