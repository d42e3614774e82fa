"""Reads values by SNMP v1 and v2c over a socket of its own."""

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from opsconductor.errors import Rejected
from opsconductor.snmp.client.question import (
    AUTHORIZATION_ERROR,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ACCESS,
    NO_ERROR,
    NO_SUCH_NAME,
    Question,
    Response,
)
from opsconductor.snmp.message.plausible import Answer

Result = TypeVar("Result")


class CommunityRequest(Protocol):
    """Sends a question until an answer comes."""

    def __call__(
        self, fd: int, send: Callable[[], object], receive: Callable[[], Result]
    ) -> Awaitable[Result]:
        """Return what `receive` has read; raises Unreachable or Rejected."""


class CommunityReader:
    """Asks one device.

    Args of the constructor:
        name: The device, for messages of errors.
        sock: Connected to it, non-blocking.
        is_v1: By v1 one missing value spoils the whole answer, and there is no GETBULK.
    """

    def __init__(
        self, name: str, sock: socket.socket, community: bytes, ask: CommunityRequest, *, is_v1: bool
    ) -> None:
        self._name = name
        self._socket = sock
        self._community = community
        self._ask = ask
        self._is_v1 = is_v1

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Ask for all at once, or by halves where the device does not bear them together.

        Raises:
            Rejected: It answers with an error to one of them alone.
        """
        response = await self._put(GET, oids)
        if response.status == NO_ERROR:
            found = response.values
            return {oid: found.get(oid) for oid in oids}
        if len(oids) > 1:
            middle = len(oids) // 2
            return {**await self.get(oids[:middle]), **await self.get(oids[middle:])}
        if not self._is_v1:
            raise Rejected(f"{self._name} answers to {oids[0]} with an error")
        return {oids[0]: None}

    async def rows_after(self, oid: str, at_once: int) -> Mapping[str, Answer | None]:
        """Read the next values in their order; none: there are none, or an error."""
        response = await (self._put(GET_NEXT, [oid]) if at_once == 1 else self._put(GET_BULK, [oid], at_once))
        return response.rows

    async def has_nothing_after(self, oid: str) -> bool:
        """Make sure that an empty answer was the end of all that the device has.

        Devices that have grown up with v1 say noSuchName at the end with v2c, too.

        Raises:
            Rejected: The device answers with an error.
        """
        response = await self._put(GET_NEXT, [oid])
        if response.status == NO_SUCH_NAME:
            return True
        if response.status != NO_ERROR:
            raise Rejected(f"{self._name} answers to what follows {oid} with an error")
        return not response.rows

    async def _put(self, kind: int, oids: Sequence[str], at_once: int = 0) -> Response:
        question = Question(
            version=0 if self._is_v1 else 1,
            community=self._community,
            kind=kind,
            oids=oids,
            at_once=at_once,
        )
        response = await self._ask(
            self._socket.fileno(),
            partial(self._socket.send, question.message()),
            partial(question.receive, self._socket),
        )
        if response.status in (NO_ACCESS, AUTHORIZATION_ERROR):
            raise Rejected(f"{self._name} does not let this community read that")
        return response
