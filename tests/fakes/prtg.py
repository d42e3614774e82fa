"""A PRTG server as its clients meet it: tables, actions, API v2, its notifications, and its ways to fail.

It behaves as PRTG's documentation and recorded answers show: GET only, credentials in every URL, 500 rows
unless asked for more, `_raw` twins, mixed types, dates in days since 1899 UTC, HTML in messages, unknown
columns as `Not found`, errors as 401 with HTML, as 400 with XML, as a redirect to error.htm, or as a page
with HTTP 200.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote, quote_plus

from aiohttp import web

VERSION = "24.1.92.1554"
TOKEN = "TOKENTOKENTOKENTOKEN234567===="
USER, PASSHASH = "monitor", "1234567890"
OLE_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
DEFAULT_ROWS = 500
MOST_OF_V2 = 3_000
CODES = {
    0: "None", 1: "Unknown", 2: "Collecting", 3: "Up", 4: "Warning", 5: "Down", 6: "No Probe",
    7: "Paused  (Paused by user)", 8: "Paused  (Paused by dependency)", 9: "Paused  (Paused by schedule)",
    10: "Unusual", 11: "Paused  (Paused by license)", 12: "Paused  (Paused until)",
    13: "Down  (Acknowledged)", 14: "Down  (Partial)",
}  # fmt: skip
V2_WORDS = {
    0: "NONE", 1: "UNKNOWN", 2: "COLLECTING", 3: "UP", 4: "WARNING", 5: "DOWN", 6: "NO_PROBE",
    7: "PAUSED_BY_USER", 8: "PAUSED_BY_DEPENDENCY", 9: "PAUSED_BY_SCHEDULE", 10: "UNUSUAL",
    11: "PAUSED_BY_LICENSE", 12: "PAUSED_UNTIL", 13: "DOWN_ACKNOWLEDGED", 14: "DOWN_PARTIAL",
}  # fmt: skip
SOFT_ERROR = (
    '<div class="errormsg"><h3>Error message: Sorry, the selected object cannot be used here.</h3>'
    "<p>Please go back and try again.</p></div>"
)
LOGIN_PAGE = (
    "<!doctype html><html><head><title>Welcome | PRTG Network Monitor</title></head>"
    '<body><form action="/public/checklogin.htm"><input name="loginurl"></form></body></html>'
)
UNAUTHORIZED = "<HTML><HEAD><TITLE>Unauthorized</TITLE></HEAD><BODY>Unauthorized</BODY></HTML>"
NO_OBJECT = "Sorry, there is no object with the specified id."


def ole(moment: datetime) -> float:
    """Write a date as PRTG's raw columns do."""
    return (moment - OLE_EPOCH) / timedelta(days=1)


@dataclass(slots=True)
class FakeDevice:
    """A device as PRTG knows it."""

    id: int
    name: str
    host: str
    group: str = "Servers"
    probe: str = "Local Probe"


@dataclass(slots=True)
class FakeSensor:
    """A sensor; times are those of the server."""

    id: int
    name: str
    device: FakeDevice
    status: int = 3
    message: str = "OK"
    kind: str = "ping"
    tags: str = "pingsensor"
    priority: int = 3
    last_up: datetime | None = None
    last_check: datetime | None = None
    acknowledged_with: str = ""

    def column(self, name: str) -> Mapping[str, object]:
        """Write one column and its raw twin, in the types that PRTG uses."""
        plain = {
            "objid": self.id, "sensor": self.name, "name": self.name, "device": self.device.name,
            "group": self.device.group, "probe": self.device.probe, "parentid": self.device.id,
            "tags": self.tags,
        }  # fmt: skip
        if name in plain:
            return {name: plain[name], f"{name}_raw": plain[name]}
        if name in ("lastup", "lastcheck"):
            moment = self.last_up if name == "lastup" else self.last_check
            text = f'{moment:%d.%m.%Y %H:%M:%S} <span class="percent">[51 s ago]</span>' if moment else "-"
            return {name: text, f"{name}_raw": ole(moment) if moment else ""}
        wrapped = f'<div class="status">{escape(self.message)}<div class="moreicon"></div></div>'
        twins: dict[str, tuple[object, object]] = {
            "status": (CODES.get(self.status, "?") + " ", self.status),
            "message": (wrapped, self.message),
            "type": ("Ping" if self.kind == "ping" else self.kind.upper(), self.kind),
            "priority": (str(self.priority), self.priority),
            "lastvalue": ("12 msec", "12.0000" if self.id % 2 else 12.0),
        }
        if name not in twins:
            return {"Not found": "_raw"}
        return {name: twins[name][0], f"{name}_raw": twins[name][1]}

    def object(self, include: str) -> Mapping[str, object]:
        """Write the sensor as API v2 does."""
        path = [
            {"id": "0", "name": "Root", "type": "REFERENCED_ROOT"},
            {"id": "1", "name": self.device.probe, "type": "REFERENCED_PROBE"},
            {"id": "50", "name": self.device.group, "type": "REFERENCED_GROUP"},
            {"id": str(self.device.id), "name": self.device.name, "type": "REFERENCED_DEVICE"},
            {"id": str(self.id), "name": self.name, "type": "REFERENCED_SENSOR"},
        ]
        since = self.last_up or self.last_check
        return {
            "id": str(self.id), "name": self.name, "status": V2_WORDS[self.status], "path": path,
            "favorite": False, "priority": self.priority, "message": self.message, "sensor_kind": self.kind,
            "status_since": since.isoformat().replace("+00:00", "Z") if since else None,
            **({"tags": self.tags.split()} if "tags" in include else {}),
        }  # fmt: skip


Trouble = Callable[[web.Request], web.StreamResponse | None]
"""Answers in place of the server; None: the server answers itself."""


@dataclass(slots=True)
class FakePrtg:
    """The server.

    Attributes:
        trouble: What is wrong with it; None: nothing.
        knows_host: The table of sensors has a column `host`; that of devices always has.
        changes: How many sensors appear while a list is read, one after each page.
        adds_rows: By how much `treesize` is larger than the rows that come.
        asked: Paths with their parameters, in order, without credentials.
        let_go: Ends the waiting of those who are kept waiting.
    """

    sensors: dict[int, FakeSensor] = field(default_factory=dict)
    devices: dict[int, FakeDevice] = field(default_factory=dict)
    trouble: Trouble | None = None
    knows_host: bool = True
    is_reader: bool = False
    changes: int = 0
    adds_rows: int = 0
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    def device(self, name: str = "core-sw1", host: str = "10.0.0.1") -> FakeDevice:
        """Add a device."""
        number = 2_000 + len(self.devices)
        self.devices[number] = FakeDevice(number, name, host)
        return self.devices[number]

    def sensor(self, name: str = "Ping", device: FakeDevice | None = None, **values: object) -> FakeSensor:
        """Add a sensor."""
        number = 3_000 + len(self.sensors)
        on = device or next(iter(self.devices.values()), None) or self.device()
        self.sensors[number] = FakeSensor(number, name, on, **values)  # type: ignore[arg-type]
        return self.sensors[number]

    def asked_for(self, path: str) -> list[dict[str, list[str]]]:
        """List the parameters of all questions for a path."""
        return [parameters for asked, parameters in self.asked if asked.endswith(path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer as PRTG would."""
        if request.method != "GET":
            return web.Response(status=405)
        secrets = {"apitoken", "username", "passhash", "password"}
        parameters = {key: request.query.getall(key) for key in request.query if key not in secrets}
        self.asked.append((request.path, parameters))
        answer = self.trouble(request) if self.trouble else None
        if answer is HANG:
            self.waiting.set()
            await self.let_go.wait()
            answer = None
        if answer is not None:
            return answer
        if "/api/v2/" in request.path:
            return self._v2(request)
        if not self._lets_in(request):
            return web.Response(status=401, text=UNAUTHORIZED, content_type="text/html")
        handlers = {
            "table.json": self._table,
            "getstatus.htm": self._status,
            "acknowledgealarm.htm": self._acknowledge,
        }
        handler = handlers.get(request.path.rpartition("/")[2])
        return handler(request) if handler else web.Response(status=404)

    def _lets_in(self, request: web.Request) -> bool:
        query = request.query
        return query.get("apitoken") == TOKEN or (query.get("username"), query.get("passhash")) == (
            USER,
            PASSHASH,
        )

    def _table(self, request: web.Request) -> web.StreamResponse:
        query, content = request.query, request.query.get("content", "")
        if content not in ("sensors", "devices"):
            text = '<?xml version="1.0" encoding="UTF-8" ?><prtg><error>Unknown content</error></prtg>'
            return web.Response(status=400, text=text, content_type="text/xml")
        columns = [name for name in query.get("columns", "objid").split(",") if name]
        found = [row for row in self._rows(content) if _fits(row, request)]
        count = query.get("count", str(DEFAULT_ROWS))
        start = int(query.get("start", "0"))
        end = len(found) if count == "*" else start + int(count)
        rows = [self._row(each, columns) for each in found[start:end]]
        document = {"prtg-version": VERSION, "treesize": len(found) + self.adds_rows, content: rows}
        if self.changes:
            self.changes -= 1
            self.sensor("New", status=5)
        return web.json_response(document)

    def _rows(self, content: str) -> Iterator[FakeSensor | FakeDevice]:
        yield from self.sensors.values() if content == "sensors" else self.devices.values()

    def _row(self, each: FakeSensor | FakeDevice, columns: Sequence[str]) -> dict[str, object]:
        row: dict[str, object] = {}
        for name in columns:
            if isinstance(each, FakeDevice):
                value = {"objid": each.id, "device": each.name, "host": each.host}.get(name, "")
                row |= {name: value, f"{name}_raw": value}
            elif name == "host":
                host = each.device.host
                row |= {"host": host, "host_raw": host} if self.knows_host else {"Not found": "_raw"}
            else:
                row |= each.column(name)
        return row

    def _status(self, request: web.Request) -> web.StreamResponse:
        del request
        alarms = sum(sensor.status == 5 for sensor in self.sensors.values())
        return web.json_response({
            "Version": f"{VERSION}+", "Alarms": str(alarms or ""), "UserTimeZone": "UTC+01:00",
            "ReadOnlyUser": "1" if self.is_reader else "", "ReadOnlyAllowAcknowledge": "",
        })  # fmt: skip

    def _acknowledge(self, request: web.Request) -> web.StreamResponse:
        if self.is_reader:
            return web.Response(status=403, text="<title>Forbidden</title>", content_type="text/html")
        sensors = [self.sensors.get(int(each)) for each in request.query.get("id", "0").split(",")]
        if None in sensors:
            raise web.HTTPFound(f"/error.htm?errormsg={quote(NO_OBJECT)}&errorurl={quote(request.path_qs)}")
        for sensor in sensors:
            assert sensor is not None
            if sensor.status not in (5, 13, 14):
                return web.Response(text=SOFT_ERROR, content_type="text/html")
            sensor.status, sensor.acknowledged_with = 13, request.query.get("ackmsg", "")
        raise web.HTTPFound(f"/sensor.htm?id={request.query['id']}")

    def _v2(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _v2_error(401, "AUTH_FAILED", "Authentication failed")
        kind = request.path.rpartition("/")[2]
        fits = _v2_filter(request.query.get("filter", ""))
        if fits is None:
            return _v2_error(400, "INVALID_FILTER", "The filter cannot be read")
        include = request.query.get("include", "")
        if kind == "sensors":
            found = [each.object(include) for each in self.sensors.values()]
        elif kind == "devices":
            found = [
                {"id": str(each.id), "name": each.name, "status": "UP", "path": [], "host": each.host}
                for each in self.devices.values()
            ]
        else:
            return _v2_error(404, "NOT_FOUND", "There is no such endpoint")
        found = [each for each in found if fits(each)]
        offset = int(request.query.get("offset", "0"))
        limit = min(int(request.query.get("limit", "100")) or MOST_OF_V2, MOST_OF_V2)
        rows = found[offset : offset + limit]
        headers = {"X-Total-Count": str(len(found)), "X-Result-Count": str(len(rows))}
        return web.json_response(rows, headers=headers)


HANG = web.Response(status=599)
"""Stands for no answer until the test lets go."""


def _fits(row: FakeSensor | FakeDevice, request: web.Request) -> bool:
    """Return whether a row passes the filters: one column repeated is OR, several columns are AND."""
    held = {"filter_objid": row.id, "filter_status": getattr(row, "status", 3)}
    return all(
        name not in request.query or held[name] in {int(value) for value in request.query.getall(name)}
        for name in held
    )


def _v2_filter(text: str) -> Callable[[Mapping[str, object]], bool] | None:
    """Read the small part of the filter grammar that is needed; None: it cannot be read."""
    if not text:
        return lambda _: True
    terms = [re.fullmatch(r'(\w+) (=|!=) "?(\w+)"?', term) for term in text.split(" or ")]
    if None in terms:
        return None
    wanted = [(term[1], term[2] == "=", term[3].casefold()) for term in terms if term]
    return lambda row: any((str(row.get(name)).casefold() == value) is same for name, same, value in wanted)


def _v2_error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": "42"}, status=status)


def page(text: str, *, status: int = 200) -> Trouble:
    """Answer everything with a page of HTML."""
    return lambda _: web.Response(status=status, text=text, content_type="text/html")


def body(text: str) -> Trouble:
    """Answer everything with this JSON, however broken."""
    return lambda _: web.Response(text=text, content_type="application/json")


def redirect(location: str) -> Trouble:
    """Redirect all requests."""
    return lambda _: web.Response(status=302, headers={"Location": location})


def hang(_: web.Request) -> web.StreamResponse:
    """Do not answer."""
    return HANG


TEMPLATE = (
    "sensorid=%sensorid&deviceid=%deviceid&device=%device&host=%host&group=%group&probe=%probe&sensor=%name"
    "&status=%status&laststatus=%laststatus&message=%message&priority=%priority&lastvalue=%lastvalue"
)
"""The payload field that the README shows to operators, without the secret."""


def notification(sensor: FakeSensor, template: str = TEMPLATE, *, status: str | None = None) -> bytes:
    """Fill a payload as PRTG does for a sensor: every value URL-encoded, unknown placeholders unchanged."""
    values = {
        "sensorid": sensor.id, "deviceid": sensor.device.id, "device": sensor.device.name,
        "host": sensor.device.host, "group": sensor.device.group, "probe": sensor.device.probe,
        "name": sensor.name,
        "status": status or CODES[sensor.status], "laststatus": status or CODES[sensor.status],
        "message": sensor.message, "priority": "*" * sensor.priority, "lastvalue": "12 msec",
    }  # fmt: skip
    return re.sub(r"%([a-z]+)", lambda found: _filled(found, values), template).encode()


def _filled(found: re.Match[str], values: Mapping[str, object]) -> str:
    return quote_plus(str(values[found[1]])) if found[1] in values else found[0]


@asynccontextmanager
async def serving(fake: FakePrtg) -> AsyncIterator[int]:
    """Run the server on a free port of localhost; yield the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        fake.let_go.set()
        await runner.cleanup()
