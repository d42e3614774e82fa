"""One request over a UDP socket on the event loop."""

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

from opsconductor.errors import DecodeError
from opsconductor.snmp.client.exchange import LARGEST

_T = TypeVar("_T")


async def exchange(
    sock: socket.socket, message: bytes, read: Callable[[bytes], _T | None], timeout_s: float
) -> _T:
    """Send once and return the answer.

    Args:
        sock: Connected, non-blocking.
        read: Reads an answer from a datagram; None or DecodeError: not an answer to this message.

    Raises:
        TimeoutError: No answer came, or ICMP reported a closed port; the text says which.
        OSError: The network refuses the message.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def give_up() -> None:
        if not outcome.done():
            outcome.set_exception(TimeoutError(f"does not answer within {timeout_s:g} s"))

    try:
        sock.send(message)
    except ConnectionRefusedError:
        raise _refused() from None
    loop.add_reader(sock.fileno(), _receive, sock, read, outcome)
    timer = loop.call_later(timeout_s, give_up)
    try:
        return await outcome
    finally:
        timer.cancel()
        loop.remove_reader(sock.fileno())


def _receive(sock: socket.socket, read: Callable[[bytes], _T | None], outcome: asyncio.Future[_T]) -> None:
    if outcome.done():
        return
    try:
        answer = read(sock.recv(LARGEST))
    except (BlockingIOError, DecodeError):
        return
    except ConnectionRefusedError:
        outcome.set_exception(_refused())
    except OSError as error:
        outcome.set_exception(error)
    else:
        if answer is not None:
            outcome.set_result(answer)


def _refused() -> TimeoutError:
    return TimeoutError("is reachable, but the port is closed")
