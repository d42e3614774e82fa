"""Reads values by SNMPv3, with the core of gufo_snmp: a tenth of pysnmp's CPU time a question.

The core's socket is used itself, not gufo's own session: that one takes the kernel's word that nobody
listens for a time-out, and does not notice a device that answers in circles.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from gufo.snmp import NoSuchInstance, SnmpDecodeError
from gufo.snmp._fast import GetIter, SnmpV3ClientSocket
from gufo.snmp.typing import ValueType

from opsconductor.errors import Rejected
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.plausible import Answer, NoValue
from opsconductor.snmp.message.values import json_of

UNREADABLE = NoValue("the device answers with a value that cannot be read")

_OPAQUE_NUMBER = b"\x9f"
Result = TypeVar("Result")


class UserRequest(Protocol):
    """Sends a question until an answer comes."""

    def __call__(self, send: Callable[[], object], receive: Callable[[], Result]) -> Awaitable[Result]:
        """Return what `receive` has read; raises Unreachable, Rejected or SnmpDecodeError."""


class UserReader:
    """Asks one device whose engine ID and clock are known.

    Args of the constructor:
        name: The device, for messages of errors.

    Attributes:
        socket: What the questions go through.
    """

    def __init__(self, name: str, sock: SnmpV3ClientSocket, ask: UserRequest) -> None:
        self._name = name
        self.socket = sock
        self._ask = ask

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Ask for all at once, or by halves where device or decoder do not bear them together.

        Raises:
            Rejected: The device answers with an error to one of them alone.
        """
        if len(oids) == 1:
            return {oids[0]: await self._get_one(oids[0])}
        try:
            found = await self._ask(partial(self.socket.send_get_many, list(oids)), self.socket.recv_get_many)
        except SnmpDecodeError:
            found = {}
        if found:
            return {oid: _plain(found.get(oid)) for oid in oids}
        middle = len(oids) // 2
        return {**await self.get(oids[:middle]), **await self.get(oids[middle:])}

    async def rows_after(self, oid: str, at_once: int) -> Mapping[str, Answer | None]:
        """Read the next values in their order; none: there are none, or an error, or it cannot be read."""
        send = self.socket.send_get_next if at_once == 1 else self.socket.send_get_bulk
        try:
            found = await self._ask(partial(send, GetIter(oid, at_once)), self.socket.recv_get_many)
        except SnmpDecodeError:
            return {}
        return {name: _plain(value) for name, value in found.items()}

    async def has_nothing_after(self, oid: str) -> bool:
        """Make sure that an empty answer was the end of all that the device has.

        Raises:
            Rejected: The device answers with an error.
        """
        try:
            value = await self._ask(partial(self.socket.send_get_next, GetIter(oid)), self.socket.recv_get)
        except NoSuchInstance:
            return True
        except SnmpDecodeError:
            return False
        if value is None:
            raise Rejected(f"{self._name} answers to what follows {oid} with an error")
        return False

    async def _get_one(self, oid: str) -> Answer | None:
        try:
            value = await self._ask(partial(self.socket.send_get, oid), self.socket.recv_get)
        except NoSuchInstance:
            return None
        except SnmpDecodeError:
            return UNREADABLE
        if value is None:
            raise Rejected(f"{self._name} answers to {oid} with an error")
        return _plain(value)


def _plain(value: ValueType) -> Answer | None:
    """Read the numbers that net-snmp wraps into Opaque; all else is as it should be."""
    if isinstance(value, bytes) and value.startswith(_OPAQUE_NUMBER):
        number = json_of(tlv.OPAQUE, value)
        return number if isinstance(number, int | float) else value
    return value
