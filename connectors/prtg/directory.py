"""Cache of sensor properties besides their state: type, tags, device, host. They identify the alert."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from connectors.prtg.listing import AT_ONCE, Listing
from connectors.prtg.sensor import Row, device_id_of, id_of
from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import BoundedMap

REMEMBERED = 50_000
"""Sensors; five times as many as Paessler recommends for one server."""
AT_A_STRETCH = 500
"""Rows stored before other tasks get to run: some milliseconds."""
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
    """Caches sensors and the hosts of devices; requests unknown ones in batches."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._sensors: BoundedMap[int, Row] = BoundedMap(REMEMBERED)
        self._hosts: dict[int, str] = {}
        self._waiting: dict[int, asyncio.Future[Row | None]] = {}
        self._asking = asyncio.Lock()

    async def learn(self, rows: Sequence[Row]) -> list[Row]:
        """Store sensors and return their rows, completed with the host of the device.

        Raises:
            Unreachable: The devices cannot be read.
            Rejected: As above.
        """
        devices = {device for row in rows if not row.get("host") and (device := device_id_of(row))}
        unknown = devices - self._hosts.keys()
        if unknown:
            self._hosts |= dict.fromkeys(unknown, "") | await self._listing.hosts(unknown)
        known: list[Row] = []
        for start in range(0, len(rows), AT_A_STRETCH):
            for row in rows[start : start + AT_A_STRETCH]:
                whole = self._with_host(row)
                known.append(whole)
                self._remember(whole)
            await asyncio.sleep(0)
        return known

    def forget_hosts(self) -> None:
        """Expire the hosts of devices: they may have been changed."""
        self._hosts.clear()

    async def find(self, sensor_id: int, *, now: bool) -> Row | None:
        """Return the row of a sensor; None: PRTG has no such sensor.

        Args:
            now: The current state is needed, so PRTG is asked even if the sensor is cached.

        Raises:
            Unreachable: PRTG does not answer.
            Rejected: As above.
        """
        if not now and sensor_id in self._sensors:
            return self._sensors[sensor_id]
        answer = self._waiting.setdefault(sensor_id, asyncio.get_running_loop().create_future())
        async with self._asking:
            while not answer.done():
                await self._ask()
        return answer.result()

    async def _ask(self) -> None:
        """Request all waiting sensors in one batch; later ones go into the next batch."""
        asked = list(islice(self._waiting, AT_ONCE))
        error: Unreachable | Rejected | None = None
        rows: list[Row] = []
        try:
            rows = await self.learn(await self._listing.sensors(asked))
        except (Unreachable, Rejected) as failure:
            error = failure
        found = {id_of(row): row for row in rows}
        for each in asked:
            answer = self._waiting.pop(each)
            if error is None:
                answer.set_result(found.get(each))
            else:
                answer.set_exception(error)
                answer.exception()  # retrieved, so that asyncio does not log it

    def _remember(self, row: Row) -> None:
        number = id_of(row)
        if number is None:
            return
        self._sensors[number] = {name: row[name] for name in row.keys() - PASSING}

    def _with_host(self, row: Row) -> Row:
        device = device_id_of(row)
        if row.get("host") or device is None or not self._hosts.get(device):
            return row
        return {**row, "host": self._hosts[device]}
