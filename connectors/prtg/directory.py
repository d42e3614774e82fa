"""What is known of sensors beside their state: type, tags, device, host. By them an alert is known again."""

import asyncio
from collections.abc import Iterable
from itertools import islice

from connectors.prtg.listing import AT_ONCE, Listing
from connectors.prtg.reading import text_of
from connectors.prtg.sensor import Row, device_id_of, id_of

REMEMBERED = 50_000
"""Sensors; five times as many as PRTG's maker advises for one server."""
PASSING = frozenset(
    {
        "status",
        "status_raw",
        "message",
        "message_raw",
        "lastvalue",
        "lastcheck_raw",
        "lastup_raw",
        "status_since",
    }
)


class Directory:
    """Remembers sensors and the hosts of devices; asks for those it does not know, many in one question."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._sensors: dict[int, Row] = {}
        self._hosts: dict[int, str] = {}
        self._wanted: dict[int, None] = {}
        self._asking = asyncio.Lock()

    async def learn(self, rows: Iterable[Row]) -> list[Row]:
        """Remember sensors; gives their rows with the host of the device, where they do not tell it.

        Raises:
            Unreachable: The devices cannot be read.
            Rejected: As above.
        """
        rows = list(rows)
        devices = {device for row in rows if not text_of(row.get("host")) and (device := device_id_of(row))}
        unknown = devices - self._hosts.keys()
        if unknown:
            self._hosts |= await self._listing.hosts(unknown)
        known = [self._with_host(row) for row in rows]
        for row in known:
            number = id_of(row)
            if number is not None:
                self._sensors.pop(number, None)
                self._sensors[number] = {name: row[name] for name in row.keys() - PASSING}
        while len(self._sensors) > REMEMBERED:
            del self._sensors[next(iter(self._sensors))]
        return known

    def forget_hosts(self) -> None:
        """Have the hosts of devices asked for anew: somebody may have changed them."""
        self._hosts.clear()

    async def find(self, sensor_id: int, *, now: bool) -> Row | None:
        """Tell what is known of a sensor; None: PRTG knows no such sensor.

        Args:
            now: Its state is wanted too, so PRTG is asked in any case.

        Raises:
            Unreachable: PRTG cannot be asked.
            Rejected: As above.
        """
        if not now and sensor_id in self._sensors:
            return self._sensors[sensor_id]
        self._wanted[sensor_id] = None
        async with self._asking:
            if not now and sensor_id in self._sensors:
                return self._sensors[sensor_id]
            self._wanted.pop(sensor_id, None)
            ids = [sensor_id, *islice(self._wanted, AT_ONCE - 1)]
            for each in ids:
                self._wanted.pop(each, None)
            found = await self.learn(await self._listing.sensors(ids))
        return next((row for row in found if id_of(row) == sensor_id), None)

    def _with_host(self, row: Row) -> Row:
        device = device_id_of(row)
        if text_of(row.get("host")) or device is None or not self._hosts.get(device):
            return row
        return {**row, "host": self._hosts[device]}
