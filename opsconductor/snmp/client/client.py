"""Asynchronous SNMP client for v1, v2c and v3.

A value that cannot be read is returned as `NoValue` with the reason; it affects no other value and never
makes a device unreachable.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from ipaddress import ip_address
from types import TracebackType
from typing import Self, TypeVar

from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.async_exchange import exchange
from opsconductor.snmp.client.envelope import CommunityEnvelope, Envelope, UserEnvelope
from opsconductor.snmp.client.question import (
    AUTHORIZATION_ERROR,
    NO_ACCESS,
    NO_ERROR,
    Inform,
    Response,
    SnmpRequest,
)
from opsconductor.snmp.client.value_reader import ValueReader
from opsconductor.snmp.message.plausible import Answer
from opsconductor.snmp.notice import SnmpNotice, request_id
from opsconductor.snmp.security.access import SnmpAccess, SnmpVersion
from opsconductor.snmp.security.requester import UsmReport, UsmRequester

MOST_AT_ONCE = 24
"""Values per request: most answers then fit into one packet of 1472 bytes."""
ROWS_AT_ONCE = 25
FEWER_ROWS = 4
"""For tables with long texts, and where more rows in one request cause an error."""
MOST_ROWS = 100_000
_IPV6 = 6

_T = TypeVar("_T")


class SnmpClient:
    """A client for one device, used with `async with`; it sends one request at a time.

    Args:
        address: IP address as text.
        permits: Limits the requests in flight over all clients that share it.
    """

    def __init__(
        self, address: str, port: int, access: SnmpAccess, permits: asyncio.Semaphore | None = None
    ) -> None:
        self.name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._where = address, port
        self._access = access
        self._permits = permits or nullcontext()
        self._timeout_s = access.timeout.total_seconds()
        self._turn = asyncio.Lock()
        user = access.snmpv3_user
        self._usm = UsmRequester(user.as_usm_user()) if user else None
        self._envelope: Envelope = UserEnvelope(usm=self._usm) if self._usm else _community(access)
        self._values = ValueReader(self.name, self._ask, is_v1=access.version is SnmpVersion.V1)
        self._socket: socket.socket | None = None

    async def __aenter__(self) -> Self:
        try:
            self._socket = self._connected()
        except (OSError, ValueError) as error:
            raise Rejected(f"{self.name} is not a valid IP address and port") from error
        with ExitStack() as opened:
            opened.callback(self._close)
            if self._usm:
                await self._discover(self._usm)
            opened.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Return values by OID; None: the device does not have it.

        Raises:
            Unreachable: No answer in time, or the port is closed.
            Rejected: The device refuses the user of v3 or the request.
        """
        found: dict[str, Answer | None] = {}
        asked = list(dict.fromkeys(oids))
        for start in range(0, len(asked), MOST_AT_ONCE):
            found.update(await self._values.get(asked[start : start + MOST_AT_ONCE]))
        return found

    async def walk(self, oid: str) -> AsyncIterator[tuple[str, Answer]]:
        """Return all values below an OID; raises as `get`, also for an error in the middle.

        The walk ends where the device leaves the subtree or repeats an OID. If the device cannot return so
        many rows in one answer, the walk continues with fewer.
        """
        seen: set[str] = set()
        at, at_once = oid, 1 if self._access.version is SnmpVersion.V1 else ROWS_AT_ONCE
        while True:
            rows = await self._values.rows_after(at, at_once)
            if not rows:
                if await self._values.has_nothing_after(at):
                    return
                if at_once == 1:
                    raise Rejected(f"{self.name} returns unreadable values below {oid}")
                at_once = FEWER_ROWS if at_once > FEWER_ROWS else 1
            for at, value in rows.items():
                if at in seen or not at.startswith(f"{oid}."):
                    return
                seen.add(at)
                if len(seen) > MOST_ROWS:
                    raise Rejected(f"{self.name} has more than {MOST_ROWS} values below {oid}")
                if value is not None:
                    yield at, value

    async def inform(self, notice: SnmpNotice) -> None:
        """Send an inform, and return once it is confirmed.

        Raises:
            Unreachable: No answer in time, or the port is closed.
            Rejected: The receiver refuses the user of v3 or the notification.
        """
        answer = await self._ask(Inform(notice=notice))
        if answer.status != NO_ERROR:
            raise Rejected(f"{self.name} answers to the inform with error-status {answer.status}")

    async def _ask(self, question: SnmpRequest) -> Response:
        """Send a request and return the answer; repeat it once if a v3 device corrects our clock."""
        async with self._turn, self._permits:
            answer = await self._answer(question)
            if isinstance(answer, UsmReport) and answer.is_clock_learned:
                answer = await self._answer(question.again())
        if isinstance(answer, UsmReport):
            raise Rejected(f"{self.name} {answer.explanation}")
        if answer.status in (NO_ACCESS, AUTHORIZATION_ERROR):
            raise Rejected(f"{self.name} {self._envelope.no_access}")
        return answer

    async def _answer(self, question: SnmpRequest) -> Response | UsmReport:
        return await self._exchange(
            lambda: self._envelope.message(question, time.monotonic()),
            lambda datagram: self._envelope.read(question, datagram, time.monotonic()),
        )

    async def _discover(self, usm: UsmRequester) -> None:
        """Learn the device's engine ID and clock (RFC 3414 section 4)."""
        number = request_id()
        async with self._turn, self._permits:
            await self._exchange(
                partial(usm.discovery, number),
                lambda datagram: usm.discover(datagram, number, time.monotonic()) or None,
            )

    async def _exchange(self, message: Callable[[], bytes], read: Callable[[bytes], _T | None]) -> _T:
        """Send a message until an answer comes, with the configured number of retries."""
        assert self._socket is not None, "to be used as async with"
        for attempt in range(1 + self._access.retries):
            try:
                return await exchange(self._socket, message(), read, self._timeout_s)
            except TimeoutError as error:
                if attempt == self._access.retries:
                    raise self._silence(error) from error
            except OSError as error:
                raise Unreachable(f"{self.name} cannot be reached: {error}") from error
        raise AssertionError("the last attempt returns or raises")

    def _silence(self, error: TimeoutError) -> Unreachable | Rejected:
        """Return the error for a timeout: a device that answers discovery only cannot decrypt."""
        usm, user = self._usm, self._access.snmpv3_user
        if usm is None or user is None or not usm.engine_id:
            return Unreachable(f"{self.name} {error}")
        if usm.fault:
            return Rejected(f"{self.name} {usm.fault}")
        if user.priv_protocol and not usm.is_proven:
            return Rejected(
                f"{self.name} answers, but not to encrypted requests: check privacy password and protocol"
            )
        return Unreachable(f"{self.name} {error}")

    def _connected(self) -> socket.socket:
        """Open a socket to the device; raises OSError or ValueError."""
        family = socket.AF_INET6 if ip_address(self._where[0]).version == _IPV6 else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            sock.connect(self._where)
        except OSError:
            sock.close()
            raise
        return sock

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _community(access: SnmpAccess) -> CommunityEnvelope:
    version = 0 if access.version is SnmpVersion.V1 else 1
    return CommunityEnvelope(version=version, community=access.community.get_secret_value().encode())
