"""Reads values and tables by questions, each answered as a whole; the same for every version of SNMP."""

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
"""Sends a question until an answer comes; raises Unreachable or Rejected."""


class ValueReader:
    """Asks one device.

    Args of the constructor:
        name: The device, for messages of errors.
        is_v1: By v1 one missing value spoils the whole answer, and there is no GETBULK.
    """

    def __init__(self, name: str, ask: Ask, *, is_v1: bool) -> None:
        self._name = name
        self._ask = ask
        self._is_v1 = is_v1

    async def get(self, oids: Sequence[str]) -> Mapping[str, Answer | None]:
        """Ask for all at once, or by halves where the device does not bear them together.

        Raises:
            Rejected: It answers with an error to one of them alone.
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
        """Read the next values in their order; none: there are none, or an error."""
        question = (
            Question(kind=GET_NEXT, oids=[oid])
            if at_once == 1
            else Question(kind=GET_BULK, oids=[oid], at_once=at_once)
        )
        return (await self._ask(question)).rows

    async def has_nothing_after(self, oid: str) -> bool:
        """Make sure that an empty answer was the end of all that the device has.

        Devices that have grown up with v1 say noSuchName at the end with v2c, too.

        Raises:
            Rejected: The device answers with an error.
        """
        response = await self._ask(Question(kind=GET_NEXT, oids=[oid]))
        if response.status == NO_SUCH_NAME:
            return True
        if response.status != NO_ERROR:
            raise Rejected(f"{self._name} answers to what follows {oid} with an error")
        return not response.rows
