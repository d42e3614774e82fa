"""Polling of one UPS or rack PDU."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from connectors.eaton.config import UpsTarget
from connectors.eaton.document import MOST_ROWS, Answers
from connectors.eaton.mibs import SIGNS, Mib, mib_of
from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message.plausible import Answer

LONGEST_POLL_S = 60
MOST_ASKED_AGAIN = 10
NOT_OURS = "supports neither XUPS-MIB, UPS-MIB nor EATON-EPDU-MIB: not a UPS or PDU, or its view lacks them"


Known = Mapping[str, Collection[str]]
"""Instances that each column had at the last poll."""


async def ask(target: UpsTarget, permits: asyncio.Semaphore, known: Known) -> Answers:
    """Return all values of a device.

    Raises:
        Unreachable: It does not answer, or not completely in time.
        Rejected: It denies access, or is neither UPS nor PDU.
    """
    try:
        async with asyncio.timeout(LONGEST_POLL_S), _client(target, permits) as client:
            reader = _Reader(client, known)
            mib = await _recognized(reader)
            await reader.read_scalars(mib.scalars)
            await reader.read_columns(mib.alarm_columns)
            if await _are_missing(reader, mib):
                reader.unread.append(mib.alarm_columns[0])
            await reader.read_columns(mib.tables)
            return Answers(
                mib=mib,
                scalars=reader.scalars,
                rows=reader.rows,
                unread=reader.unread,
                temperature_unit=target.temperature_unit,
            )
    except TimeoutError as error:
        raise Unreachable(f"{target.ip} does not answer completely within {LONGEST_POLL_S} s") from error


async def recognize(target: UpsTarget, permits: asyncio.Semaphore) -> Mib:
    """Return the kind of a device; raises as `ask`."""
    async with _client(target, permits) as client:
        return await _recognized(_Reader(client, {}))


def _client(target: UpsTarget, permits: asyncio.Semaphore) -> SnmpClient:
    return SnmpClient(str(target.ip), target.port, target, permits)


async def _recognized(reader: "_Reader") -> Mib:
    await reader.read_scalars(SIGNS)
    mib = mib_of(reader.scalars)
    if mib is None:
        raise Rejected(f"{reader.client.name} {NOT_OURS}")
    return mib


async def _are_missing(reader: "_Reader", mib: Mib) -> bool:
    """Return True if the alarm table has fewer rows than the device counts alarms.

    The count is read again, because an alarm may have ended between the two requests.
    """
    if not mib.alarm_count or mib.alarm_columns[0] in reader.unread:
        return False
    found = len(reader.rows[mib.alarm_columns[0]])
    if not _is_more(reader.scalars.get(mib.alarm_count), found):
        return False
    await reader.read_scalars([mib.alarm_count])
    return _is_more(reader.scalars[mib.alarm_count], found)


def _is_more(count: object, found: int) -> bool:
    return isinstance(count, int) and count > found


class _Reader:
    """Reads the values that a device provides; after a timeout in a table no further table is requested.

    Attributes:
        unread: Scalars and columns that were not answered, or not completely.
    """

    def __init__(self, client: SnmpClient, known: Known) -> None:
        self.client = client
        self.scalars: dict[str, Answer | None] = {}
        self.rows: dict[str, dict[str, Answer]] = {}
        self.unread: list[str] = []
        self._known = known
        self._is_silent = False

    async def read_scalars(self, oids: Sequence[str]) -> None:
        """Read values; one that the device answers with an error is unread, the others are kept."""
        try:
            self.scalars.update(await self.client.get(oids))
        except Rejected:
            if len(oids) == 1:
                self.scalars[oids[0]] = None
                self.unread.append(oids[0])
                return
            for oid in oids:
                await self.read_scalars([oid])

    async def read_columns(self, columns: Sequence[str]) -> None:
        """Walk columns, one after another."""
        for column in columns:
            try:
                is_whole = not self._is_silent and await self._is_whole(column)
            except Unreachable:
                self._is_silent, is_whole = True, False
            except Rejected:
                is_whole = False
            if not is_whole:
                self.unread.append(column)

    async def _is_whole(self, column: str) -> bool:
        """Walk one column; return False if a part of it is missing.

        An error in its middle raises, but some devices loop, or end a column too early. Instances that were
        there at the last poll and are missing now are therefore requested by name.
        """
        rows = self.rows[column] = {}
        async for name, value in self.client.walk(column):
            if len(rows) == MOST_ROWS:
                return False
            rows[name[len(column) + 1 :]] = value
        gone = [instance for instance in self._known.get(column, ()) if instance not in rows]
        if not gone:
            return True
        found = await self.client.get([f"{column}.{instance}" for instance in gone[:MOST_ASKED_AGAIN]])
        return all(value is None for value in found.values())
