"""Blocking requests to one target over UDP, for the command line."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from opsconductor.errors import DecodeError, Unreachable

LARGEST = 65_535

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTimeouts:
    """Time to wait for an answer before a retry, and the number of retries."""

    timeout_s: float = 1.0
    retries: int = 5


class Exchange:
    """A connected datagram socket."""

    def __init__(self, host: str, port: int) -> None:
        """Resolve and connect.

        Raises:
            Unreachable: The name cannot be resolved or there is no route.
        """
        self._place = f"{host}:{port}"
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, where = found[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.connect(where)
        except OSError as error:
            raise Unreachable(f"{self._place}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def local_address(self) -> str:
        """Return the local address of the socket."""
        return str(self._socket.getsockname()[0])

    def send(self, message: bytes) -> None:
        """Send once, without delivery confirmation.

        Raises:
            Unreachable: The network refuses it, or the port is closed.
        """
        try:
            self._socket.send(message)
        except OSError as error:
            raise Unreachable(f"{self._place}: {error.strerror or error}") from error

    def ask(
        self, message: bytes, read: Callable[[bytes], Answer | None], timeouts: ExchangeTimeouts
    ) -> Answer | None:
        """Send, and retry after each timeout, until a valid answer comes.

        Args:
            read: Reads an answer from a datagram; None or DecodeError: not an answer to this message.

        Returns:
            The result of `read`; None: no answer came.

        Raises:
            Unreachable: ICMP reported a closed port.
        """
        for _ in range(timeouts.retries + 1):
            self.send(message)
            answer = self._wait(read, time.monotonic() + timeouts.timeout_s)
            if answer is not None:
                return answer
        return None

    def _wait(self, read: Callable[[bytes], Answer | None], until_s: float) -> Answer | None:
        while (left_s := until_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                answer = read(self._socket.recv(LARGEST))
            except (TimeoutError, DecodeError):
                continue
            except OSError as error:
                raise Unreachable(f"{self._place}: {error.strerror or error}") from error
            if answer is not None:
                return answer
        return None
