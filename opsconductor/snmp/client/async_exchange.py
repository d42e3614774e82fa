"""Sends one question over a socket and waits for the answer on the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from gufo.snmp import SnmpDecodeError, SnmpError

_T = TypeVar("_T")


async def exchange(fd: int, send: Callable[[], object], receive: Callable[[], _T], timeout_s: float) -> _T:
    """Send once and wait for the answer.

    Args:
        receive: Reads a datagram; raises BlockingIOError for one that is no answer to this question, and
            RuntimeError or an error of gufo_snmp for one that cannot be decoded.

    Raises:
        TimeoutError: None came, or the kernel was told that nobody listens; its text says which.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def read() -> None:
        if outcome.done():
            return
        try:
            outcome.set_result(receive())
        except BlockingIOError:
            return  # an answer to what was asked before
        except (TimeoutError, ConnectionRefusedError):
            outcome.set_exception(TimeoutError("is there, but nobody listens on that port"))
        except RuntimeError as error:  # gufo_snmp, of an answer to many questions that it cannot decode
            outcome.set_exception(SnmpDecodeError(str(error)))
        except (SnmpError, OSError) as error:
            outcome.set_exception(error)

    def give_up() -> None:
        if not outcome.done():
            outcome.set_exception(TimeoutError(f"does not answer within {timeout_s:g} s"))

    try:
        send()
    except ConnectionRefusedError:
        raise TimeoutError("is there, but nobody listens on that port") from None
    loop.add_reader(fd, read)
    timer = loop.call_later(timeout_s, give_up)
    try:
        return await outcome
    finally:
        timer.cancel()
        loop.remove_reader(fd)
