"""One SNMP exchange on the event loop: errors reach the caller, and foreign datagrams are skipped."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp.client.async_exchange import exchange

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Connect two sockets; datagrams of the second are there before the first waits."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    here.settimeout(0)
    with here, there:
        yield here, there


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ConnectionRefusedError(), TimeoutError), (OSError("no route"), OSError)],
)
async def test_errors_of_the_network_do_not_escape(
    pair: Pair, error: Exception, expected: type[Exception]
) -> None:
    """They are raised here; none reaches the loop's exception handler."""
    escaped: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: escaped.append(context))

    def read(_: bytes) -> bytes:
        raise error

    pair[1].send(b"answer")
    with pytest.raises(expected):
        await exchange(pair[0], b"question", read, 5.0)
    assert escaped == []


async def test_foreign_datagrams_are_skipped(pair: Pair) -> None:
    """Answers to other questions, and undecodable datagrams, do not end the wait."""

    def read(datagram: bytes) -> bytes | None:
        if datagram == b"damaged":
            raise DecodeError("truncated")
        return datagram if datagram == b"answer" else None

    for datagram in (b"stray", b"damaged", b"answer"):
        pair[1].send(datagram)
    assert await exchange(pair[0], b"question", read, 5.0) == b"answer"
    assert pair[1].recv(100) == b"question"
