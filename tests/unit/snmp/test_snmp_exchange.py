"""One question on the event loop: whatever the decoder raises reaches who has asked, and nobody else."""

import asyncio
import socket

import pytest
from gufo.snmp import SnmpDecodeError

from opsconductor.snmp.client.async_exchange import exchange


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("PySnmpDecodeError: invalid data"), SnmpDecodeError),
        (SnmpDecodeError("invalid data"), SnmpDecodeError),
        (ConnectionRefusedError(), TimeoutError),
    ],
)
async def test_errors_of_the_decoder_do_not_escape(error: Exception, expected: type[Exception]) -> None:
    """gufo_snmp raises RuntimeError for many values at once; none gets to the loop's exception handler."""
    escaped: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: escaped.append(context))
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with here, there:

        def receive() -> None:
            here.recv(100)
            raise error

        with pytest.raises(expected):
            await exchange(here.fileno(), lambda: there.send(b"answer"), receive, 5.0)
    assert escaped == []


async def test_what_is_no_answer_is_waited_past() -> None:
    """A stray datagram in front of the answer does not end the waiting."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with here, there:

        def receive() -> bytes:
            found = here.recv(100)
            if found != b"answer":
                raise BlockingIOError
            return found

        def send() -> None:
            for datagram in (b"stray", b"other", b"answer"):
                there.send(datagram)

        assert await exchange(here.fileno(), send, receive, 5.0) == b"answer"
