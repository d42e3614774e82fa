"""Asks devices by SNMP v1, v2c and v3.

Values that cannot be read come as `NoValue` with the reason; they never take others along, and never make
a device unreachable.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from ipaddress import ip_address
from types import TracebackType
from typing import Self, TypeVar

from gufo.snmp import SnmpAuthError, User
from gufo.snmp._fast import SnmpV3ClientSocket
from gufo.snmp.utils import format_sock_addr

from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.async_exchange import exchange
from opsconductor.snmp.client.client_keys import gufo_user
from opsconductor.snmp.client.community_reader import CommunityReader
from opsconductor.snmp.client.exchange import Exchange, ExchangeTimeouts
from opsconductor.snmp.client.user_reader import UserReader
from opsconductor.snmp.message.plausible import Answer
from opsconductor.snmp.notice_v3 import VoiceV3
from opsconductor.snmp.security.access import SnmpAccess, SnmpVersion

MOST_AT_ONCE = 24
"""Values a question asks for: an answer stays below the 1472 bytes that fit into one packet, mostly."""
ROWS_AT_ONCE = 25
FEWER_ROWS = 4
"""For tables of long texts: gufo_snmp takes 4,080 bytes of an answer."""
MOST_ROWS = 100_000

_T = TypeVar("_T")


class SnmpClient:
    """One device, to be used as `async with`; it asks one question at a time.

    Args:
        address: IP address as text.
        permits: Limits how many questions are on their way, over all clients that share it.
    """

    def __init__(
        self, address: str, port: int, access: SnmpAccess, permits: asyncio.Semaphore | None = None
    ) -> None:
        self.name = format_sock_addr(address, port)
        self._where = address, port
        self._access = access
        self._permits = permits or nullcontext()
        self._timeout_s = access.timeout.total_seconds()
        self._turn = asyncio.Lock()
        self._user = gufo_user(access.snmpv3_user.as_usm_user()) if access.snmpv3_user else None
        self._socket: socket.socket | None = None
        self._reader: CommunityReader | UserReader | None = None
        self._is_unproven = False

    async def __aenter__(self) -> Self:
        try:
            self._reader = self._open_user() if self._user else self._open_community()
        except (OSError, ValueError) as error:
            raise Rejected(f"{self.name} is no IP address and port") from error
        if self._user and isinstance(self._reader, UserReader):
            await self._meet(self._reader.socket, self._user)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Read values; None: the device does not have it.

        Raises:
            Unreachable: No answer in time, or nobody listens there.
            Rejected: The device says no: to the user of v3, or to the question.
        """
        found: dict[str, Answer | None] = {}
        asked = list(dict.fromkeys(oids))
        for start in range(0, len(asked), MOST_AT_ONCE):
            found.update(await self._opened.get(asked[start : start + MOST_AT_ONCE]))
        return found

    async def walk(self, oid: str) -> AsyncIterator[tuple[str, Answer]]:
        """Read all that stands below an OID; raises as `get`, also for an error in the middle.

        It ends where the device leaves what was asked for, or comes back to where it was before. Where the
        device or the decoder does not bear so many rows at once, it goes on with fewer.
        """
        seen: set[str] = set()
        at, at_once = oid, 1 if self._access.version is SnmpVersion.V1 else ROWS_AT_ONCE
        while True:
            rows = await self._opened.rows_after(at, at_once)
            if not rows:
                if await self._opened.has_nothing_after(at):
                    return
                if at_once == 1:
                    raise Rejected(f"{self.name} answers below {oid} what cannot be read")
                at_once = FEWER_ROWS if at_once > FEWER_ROWS else 1
            for at, value in rows.items():
                if at in seen or not at.startswith(f"{oid}."):
                    return
                seen.add(at)
                if len(seen) > MOST_ROWS:
                    raise Rejected(f"{self.name} has more than {MOST_ROWS} values below {oid}")
                if value is not None:
                    yield at, value

    async def _ask(self, fd: int, send: Callable[[], object], receive: Callable[[], _T]) -> _T:
        """Send a question until an answer comes, as often as is allowed."""
        async with self._turn, self._permits:
            for attempt in range(1 + self._access.retries):
                try:
                    answer = await exchange(fd, send, receive, self._timeout_s)
                except TimeoutError as error:
                    if attempt == self._access.retries:
                        raise self._silence(error) from error
                except SnmpAuthError as error:
                    why = await asyncio.to_thread(_refusal, self._where, self._access)
                    raise Rejected(f"{self.name} {why or 'does not let the user in'}") from error
                except OSError as error:
                    raise Unreachable(f"{self.name} cannot be reached: {error}") from error
                else:
                    self._is_unproven = False
                    return answer
        raise AssertionError("the last attempt returns or raises")

    def _silence(self, error: TimeoutError) -> Unreachable | Rejected:
        """Judge silence: a device that has just told its engine ID and now says nothing cannot decrypt."""
        if self._is_unproven:
            return Rejected(
                f"{self.name} answers, but to nothing encrypted: check privacy password and protocol"
            )
        return Unreachable(f"{self.name} {error}")

    async def _meet(self, sock: SnmpV3ClientSocket, user: User) -> None:
        """Learn the device's engine ID, then its clock (RFC 3414 section 4)."""
        await self._ask(sock.get_fd(), sock.send_refresh, sock.recv_refresh)
        keys = user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key()
        sock.set_keys(user.name, *keys)
        self._is_unproven = is_encrypted = user.priv_key is not None
        if user.require_auth():
            await self._ask(sock.get_fd(), sock.send_refresh, sock.recv_refresh)
        self._is_unproven = is_encrypted  # some tell their clock before they decrypt

    def _open_user(self) -> UserReader:
        nobody = User.default()
        auth, priv = nobody.get_auth_alg(), nobody.get_priv_alg()
        sock = SnmpV3ClientSocket(self.name, b"", nobody.name, auth, b"", priv, b"", 0, 0, 0, 0)
        return UserReader(self.name, sock, partial(self._ask, sock.get_fd()))

    def _open_community(self) -> CommunityReader:
        family = socket.AF_INET6 if ip_address(self._where[0]).version == 6 else socket.AF_INET  # noqa: PLR2004
        self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.connect(self._where)
        community = self._access.community.get_secret_value().encode()
        is_v1 = self._access.version is SnmpVersion.V1
        return CommunityReader(self.name, self._socket, community, self._ask, is_v1=is_v1)

    @property
    def _opened(self) -> CommunityReader | UserReader:
        assert self._reader is not None, "to be used as async with"
        return self._reader


def _refusal(where: tuple[str, int], access: SnmpAccess) -> str:
    """Find out why, by asking once more by our own means: gufo_snmp tells only that the device refuses."""
    if access.snmpv3_user is None:
        return ""
    patience = ExchangeTimeouts(timeout_s=access.timeout.total_seconds(), retries=0)
    try:
        with Exchange(*where) as exchange:
            why = VoiceV3(access.snmpv3_user.as_usm_user()).refusal(exchange, patience)
    except Unreachable:
        return ""
    return why.removeprefix("the receiver ")
