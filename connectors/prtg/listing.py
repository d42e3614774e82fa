"""Paged reading of PRTG's lists; a list that changes meanwhile is read again, a partial one is an error."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from connectors.prtg.client import Parameters, PrtgClient
from connectors.prtg.config import PrtgConfig
from connectors.prtg.reading import int_of
from connectors.prtg.sensor import Row, id_of
from connectors.prtg.state import ASKED_CODES, PAUSED_CODES
from opsconductor.errors import Rejected, Unreachable

TABLE = "/api/table.json"
COLUMNS = (
    "objid,sensor,device,parentid,host,group,probe,type,tags,"
    "status,message,priority,lastvalue,lastcheck,lastup"
)
_KEPT = """
objid sensor name device parentid parentid_raw host group probe type type_raw tags status status_raw message
message_raw priority priority_raw lastvalue lastcheck_raw lastup_raw
id path sensor_kind kind_name status_since
"""
KEPT = frozenset(_KEPT.split())
"""Columns that are kept of a row."""
MOST_ROWS = 100_000
ATTEMPTS = 3
AT_ONCE = 50
"""Ids per request, as in other clients of PRTG."""


class SensorPage(NamedTuple):
    """Some rows of a list, and the total number; None: the server does not report it."""

    rows: Sequence[Row]
    total: int | None


class Listing:
    """Reads sensors and devices of one server through the configured API."""

    def __init__(self, config: PrtgConfig, client: PrtgClient) -> None:
        self._config = config
        self._client = client

    async def problems(self) -> list[Row]:
        """Return all sensors that are not Up; with v1, paused ones only if they are needed.

        Raises:
            Unreachable: No answer, or no complete one.
            Rejected: The server refuses.
        """
        if self._config.api == "v2":
            return await self._objects("sensors", "status != Up")
        codes = ASKED_CODES + (PAUSED_CODES if self._config.wants_paused else ())
        return await self._table("sensors", COLUMNS, [("filter_status", str(code)) for code in codes])

    async def sensors(self, ids: Sequence[int]) -> list[Row]:
        """Return some sensors in any state; those that PRTG does not have are missing."""
        if self._config.api == "v2":
            return await self._objects("sensors", _any_of("id", ids))
        return await self._table("sensors", COLUMNS, [("filter_objid", str(each)) for each in ids])

    async def hosts(self, device_ids: Iterable[int]) -> dict[int, str]:
        """Return the address or name of some devices."""
        wanted = sorted(set(device_ids))
        hosts: dict[int, str] = {}
        for start in range(0, len(wanted), AT_ONCE):
            ids = wanted[start : start + AT_ONCE]
            if self._config.api == "v2":
                rows = await self._objects("devices", _any_of("id", ids))
            else:
                filters = [("filter_objid", str(each)) for each in ids]
                rows = await self._table("devices", "objid,device,host", filters)
            hosts |= {found: str(row.get("host") or "") for row in rows if (found := id_of(row)) is not None}
        return hosts

    async def _table(self, content: str, columns: str, filters: Parameters) -> list[Row]:
        size = self._config.page_size
        fixed = [("content", content), ("columns", columns), ("count", str(size)), ("sortby", "objid")]

        async def ask(start: int) -> SensorPage:
            document = await self._client.document(TABLE, [*fixed, *filters, ("start", str(start))])
            rows, total = document.get(content), int_of(document.get("treesize"))
            if not isinstance(rows, list) or total is None:
                raise Rejected(f"{self._config.place} answers without {content} or treesize: it is not PRTG")
            return SensorPage(rows, total)

        return await whole(ask, self._config.place)

    async def _objects(self, kind: str, filters: str) -> list[Row]:
        size = self._config.page_size

        async def ask(start: int) -> SensorPage:
            parameters = [
                ("filter", filters), ("offset", str(start)), ("limit", str(size)), ("include", "host,tags")
            ]  # fmt: skip
            return SensorPage(*await self._client.objects(f"/experimental/{kind}", parameters))

        return await whole(ask, self._config.place)


async def whole(ask: Callable[[int], Awaitable[SensorPage]], place: str) -> list[Row]:
    """Read all pages of a list; start again when it changes meanwhile.

    Raises:
        Unreachable: It changes at every attempt, or has fewer rows than announced.
        Rejected: It is too long, or has rows without id.
    """
    for _ in range(ATTEMPTS):
        rows = await _read_once(ask, place)
        if rows is not None:
            return rows
    raise Unreachable(f"{place} answers with a list that changes while it is read, {ATTEMPTS} times in a row")


async def _read_once(ask: Callable[[int], Awaitable[SensorPage]], place: str) -> list[Row] | None:
    """Read all pages once; None: the list has changed meanwhile."""
    found: dict[int, Row] = {}
    start, total = 0, None
    while True:
        page = await ask(start)
        if start and page.total != total:
            return None
        total = page.total
        if (total or 0) > MOST_ROWS or start > MOST_ROWS:
            raise Rejected(f"{place} has {total or start} rows, more than {MOST_ROWS}")
        for row in page.rows:
            number = id_of(row) if isinstance(row, dict) else None
            if number is None:
                raise Rejected(f"{place} answers with rows that have no id")
            found[number] = {name: value for name, value in row.items() if name in KEPT}
        start += len(page.rows)
        if len(found) != start:  # a row that has moved to the next page; another may have slipped through
            return None
        if not page.rows or start == total:
            break
    if total is not None and start != total:
        raise Unreachable(f"{place} answers with {start} of {total} rows")
    return list(found.values())


def _any_of(name: str, ids: Sequence[int]) -> str:
    return " or ".join(f'{name} = "{each}"' for each in ids)
