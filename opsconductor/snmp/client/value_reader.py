"""Reading values and tables by whole requests, the same for every version of SNMP."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from opsconductor.errors import Rejected
from opsconductor.snmp.client.question import (
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ERROR,
    NO_SUCH_NAME,
    Question,
    Response,
)
from opsconductor.snmp.message.plausible import Answer

Ask = Callable[[Question], Awaitable[Response]]
"""Sends a request until a response comes; raises Unreachable or Rejected."""


class ValueReader:
    """Reads values of one device.

    Args of the constructor:
        name: The device, for error messages.
        is_v1: In v1 one missing value makes the whole response an error, and there is no GETBULK.
    """

    def __init__(self, name: str, ask: Ask, *, is_v1: bool) -> None:
        self._name = name
        self._ask = ask
        self._is_v1 = is_v1

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Request all values together, or in halves if the device cannot return them in one response.

        Raises:
            Rejected: It answers with an error to a single value.
        """
        response = await self._ask(Question(kind=GET, oids=oids))
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
        """Return the next values in order; empty: there are none, or the device answers with an error."""
        question = (
            Question(kind=GET_NEXT, oids=[oid])
            if at_once == 1
            else Question(kind=GET_BULK, oids=[oid], at_once=at_once)
        )
        return (await self._ask(question)).rows

    async def has_nothing_after(self, oid: str) -> bool:
        """Check that an empty response was the end of the MIB view.

        Agents derived from v1 answer noSuchName at the end in v2c, too.

        Raises:
            Rejected: The device answers with an error.
        """
        response = await self._ask(Question(kind=GET_NEXT, oids=[oid]))
        if response.status == NO_SUCH_NAME:
            return True
        if response.status != NO_ERROR:
            raise Rejected(f"{self._name} answers to GETNEXT after {oid} with an error")
        return not response.rows
