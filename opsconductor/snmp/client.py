"""Asks devices by SNMP v1, v2c and v3, with the core of gufo_snmp: a tenth of pysnmp's CPU time a question.

The core's sockets are used themselves, not gufo's own session: that one takes the kernel's word that
nobody listens for a time-out, and does not notice a device that answers in circles.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from gufo.snmp import NoSuchInstance, SnmpAuthError, SnmpDecodeError, User
from gufo.snmp._fast import GetIter, SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket
from gufo.snmp.protocol import SnmpClientSocketProtocol
from gufo.snmp.typing import ValueType
from gufo.snmp.utils import format_sock_addr

from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp import tlv
from opsconductor.snmp.access import SnmpAccess, SnmpVersion
from opsconductor.snmp.async_exchange import exchange
from opsconductor.snmp.client_keys import gufo_user
from opsconductor.snmp.exchange import Exchange, Patience
from opsconductor.snmp.get_next import Following, GetNext
from opsconductor.snmp.notice_v3 import VoiceV3
from opsconductor.snmp.values import json_of

Value = int | float | str | bytes
"""What a device has: numbers; OIDs and IP addresses as text; OCTET STRINGs as bytes."""

MOST_AT_ONCE = 24
"""Values a question asks for: an answer stays below the 1472 bytes that fit into one packet, mostly."""
ROWS_AT_ONCE = 25
FEWER_ROWS = 4
"""For tables of long texts: gufo_snmp takes 4,080 bytes of an answer."""
MOST_ROWS = 100_000

_OPAQUE_NUMBER = b"\x9f"
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
        self._socket: SnmpClientSocketProtocol | None = None
        self._is_unproven = False

    async def __aenter__(self) -> Self:
        try:
            self._socket = self._open()
        except OSError as error:
            raise Rejected(f"{self.name} is no IP address and port") from error
        if self._user and isinstance(self._socket, SnmpV3ClientSocket):
            await self._meet(self._socket, self._user)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket = None

    async def get(self, oids: Sequence[str]) -> Mapping[str, Value | None]:
        """Read values; None: the device does not have it.

        Raises:
            Unreachable: No answer in time, or nobody listens there.
            Rejected: The device says no: to the user of v3, or to the question.
        """
        found: dict[str, Value | None] = {}
        asked = list(dict.fromkeys(oids))
        for start in range(0, len(asked), MOST_AT_ONCE):
            found.update(await self._get_some(asked[start : start + MOST_AT_ONCE]))
        return found

    async def walk(self, oid: str) -> AsyncIterator[tuple[str, Value]]:
        """Read all that stands below an OID; raises as `get`, also for an error in the middle.

        It ends where the device leaves what was asked for, or comes back to where it was before. Where the
        device or the decoder does not bear so many rows at once, it goes on with fewer.
        """
        seen: set[str] = set()
        at, at_once = oid, 1 if self._access.version is SnmpVersion.V1 else ROWS_AT_ONCE
        while True:
            rows = await self._rows_after(at, at_once)
            if not rows:
                if await self._has_nothing_after(at):
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
                if (plain := _plain(value)) is not None:
                    yield at, plain

    async def _rows_after(self, oid: str, at_once: int) -> Mapping[str, ValueType]:
        """Read the next values in their order; none: there are none, or an error, or it cannot be read."""
        sock = self._open_socket()
        send = sock.send_get_next if at_once == 1 else sock.send_get_bulk
        try:
            return await self._ask(partial(send, GetIter(oid, at_once)), sock.recv_get_many)
        except SnmpDecodeError:
            return {}

    async def _has_nothing_after(self, oid: str) -> bool:
        """Make sure that an empty answer was the end of all that the device has.

        Raises:
            Rejected: The device answers with an error.
        """
        if self._access.version is SnmpVersion.V3:
            following = await self._following_v3(oid)
        else:
            following = await self._following(oid)
        if following is Following.ERROR:
            raise Rejected(f"{self.name} answers to what follows {oid} with an error")
        return following is Following.NONE

    async def _following_v3(self, oid: str) -> Following:
        sock = self._open_socket()
        try:
            value = await self._ask(partial(sock.send_get_next, GetIter(oid)), sock.recv_get)
        except NoSuchInstance:
            return Following.NONE
        except SnmpDecodeError:
            return Following.THERE
        return Following.ERROR if value is None else Following.THERE

    async def _following(self, oid: str) -> Following:
        question = GetNext(
            version=0 if self._access.version is SnmpVersion.V1 else 1,
            community=self._access.community.get_secret_value().encode(),
            oid=oid,
        )
        with socket.socket(fileno=os.dup(self._open_socket().get_fd())) as same:
            return await self._ask(partial(same.send, question.message()), partial(question.receive, same))

    async def _get_some(self, oids: Sequence[str]) -> Mapping[str, Value | None]:
        """Ask for all at once, or by halves where the device or the decoder does not bear them together.

        With v1 one missing value spoils the whole answer; others answer tooBig.
        """
        if len(oids) == 1:
            return {oids[0]: await self._get_one(oids[0])}
        sock = self._open_socket()
        try:
            found = await self._ask(partial(sock.send_get_many, list(oids)), sock.recv_get_many)
        except SnmpDecodeError:
            found = {}
        if found:
            return {oid: _plain(found.get(oid)) for oid in oids}
        middle = len(oids) // 2
        return {**await self._get_some(oids[:middle]), **await self._get_some(oids[middle:])}

    async def _get_one(self, oid: str) -> Value | None:
        sock = self._open_socket()
        try:
            value = await self._ask(partial(sock.send_get, oid), sock.recv_get)
        except NoSuchInstance:
            return None
        except SnmpDecodeError as error:
            raise Rejected(f"{self.name} answers to {oid} what cannot be read") from error
        if value is None and self._access.version is not SnmpVersion.V1:
            raise Rejected(f"{self.name} answers to {oid} with an error")
        return _plain(value)

    async def _ask(self, send: Callable[[], object], receive: Callable[[], _T]) -> _T:
        """Send a question until an answer comes, as often as is allowed."""
        async with self._turn, self._permits:
            for attempt in range(1 + self._access.retries):
                try:
                    answer = await exchange(self._open_socket().get_fd(), send, receive, self._timeout_s)
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
        await self._ask(sock.send_refresh, sock.recv_refresh)
        keys = user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key()
        sock.set_keys(user.name, *keys)
        self._is_unproven = is_encrypted = user.priv_key is not None
        if user.require_auth():
            await self._ask(sock.send_refresh, sock.recv_refresh)
        self._is_unproven = is_encrypted  # some tell their clock before they decrypt

    def _open(self) -> SnmpClientSocketProtocol:
        access = self._access
        if access.version is SnmpVersion.V3:
            nobody = User.default()
            return SnmpV3ClientSocket(
                self.name,
                b"",
                nobody.name,
                nobody.get_auth_alg(),
                b"",
                nobody.get_priv_alg(),
                b"",
                0,
                0,
                0,
                0,
            )
        kind = SnmpV1ClientSocket if access.version is SnmpVersion.V1 else SnmpV2cClientSocket
        return kind(self.name, access.community.get_secret_value(), 0, 0, 0, 0)

    def _open_socket(self) -> SnmpClientSocketProtocol:
        assert self._socket is not None, "to be used as async with"
        return self._socket


def _refusal(where: tuple[str, int], access: SnmpAccess) -> str:
    """Find out why, with v3 by asking once more by our own means: gufo_snmp tells only that it refuses."""
    if access.snmpv3_user is None:
        return "does not let this community read that"
    patience = Patience(timeout_s=access.timeout.total_seconds(), retries=0)
    try:
        with Exchange(*where) as exchange:
            why = VoiceV3(access.snmpv3_user.as_usm_user()).refusal(exchange, patience)
    except Unreachable:
        return ""
    return why.removeprefix("the receiver ")


def _plain(value: ValueType) -> Value | None:
    """Read the numbers that net-snmp wraps into Opaque; all else is as it should be."""
    if isinstance(value, bytes) and value.startswith(_OPAQUE_NUMBER):
        number = json_of(tlv.OPAQUE, value)
        return number if isinstance(number, int | float) else value
    return value
