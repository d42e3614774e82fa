"""One message on the event loop: errors reach the one who has asked, and what is no answer is waited past."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp.client.async_exchange import exchange

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Connect two sockets; what the second sends is there before anybody waits."""
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
    """They are raised here; none gets to the loop's exception handler."""
    escaped: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: escaped.append(context))

    def read(_: bytes) -> bytes:
        raise error

    pair[1].send(b"answer")
    with pytest.raises(expected):
        await exchange(pair[0], b"question", read, 5.0)
    assert escaped == []


async def test_what_is_no_answer_is_waited_past(pair: Pair) -> None:
    """Datagrams to other questions, and those that cannot be decoded, do not end the waiting."""

    def read(datagram: bytes) -> bytes | None:
        if datagram == b"damaged":
            raise DecodeError("truncated")
        return datagram if datagram == b"answer" else None

    for datagram in (b"stray", b"damaged", b"answer"):
        pair[1].send(datagram)
    assert await exchange(pair[0], b"question", read, 5.0) == b"answer"
    assert pair[1].recv(100) == b"question"
