"""Measured values are sent, listed and read over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import cramjam
import pytest
from aiohttp import ClientSession
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from opsconductor.model.row_filter import RowFilter
from opsconductor.series.formats.remote_write import LabelledSamples, compressed, encode
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.keys import NewKey, add_key
from tests.support.api.api_stage import Caller, Stage, caller, problem, serving
from tests.support.daemons.terminal import Terminal
from tests.support.series.measured import open_store

pytest_plugins = ["tests.integration.api_fixtures"]

NOW = datetime.now(UTC).replace(microsecond=0)
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}


@pytest.fixture
async def series(stage: Stage) -> SeriesStore:
    """Provide a store of series; it runs with the API."""
    device_id = await stage.pool.fetchval(
        "INSERT INTO devices (ip_address, name, site) VALUES ('192.0.2.1', 'ups-1', 'lyon') RETURNING id"
    )
    stage.inventory = InventorySnapshot(
        [Device(id=device_id, ip_address="192.0.2.1", name="ups-1", site="lyon")]
    )
    stage.engine.reconfigure(EngineSettings(settle_time=timedelta(0)), stage.inventory, (), NOW)
    return await open_store(stage.pool, stage.inventory)


@pytest.fixture
async def url(stage: Stage, series: SeriesStore) -> AsyncIterator[str]:
    """Serve the API with series."""
    async with serving(stage, series=series) as address:
        yield address


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client with all permissions."""
    return await caller(stage, http, url, "admin")


def at(minutes_ago: int) -> str:
    """Return a time."""
    return (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")


async def listed_by(caller: Caller, **wanted: str) -> list[dict[str, Any]]:
    """List the series that a caller sees."""
    return cast("list[dict[str, Any]]", (await caller.get("/series", params=wanted)).data)


async def test_values_are_sent_listed_read_and_deleted(admin: Caller, stage: Stage) -> None:
    """As JSON with partial acceptance, repeated ids, points as JSON and CSV; a device by its name."""
    body = [
        {"device": "ups-1", "metric": "temperature", "value": 20 + n, "at": at(10 - n), "unit": "Cel"}
        for n in range(5)
    ]
    faulty = [
        {"device": "ups-1", "metric": "temperature"},
        {**body[0], "at": "2030-01-01T00:00:00Z"},
        {**body[0], "value": True},
    ]
    taken = await admin.post("/metrics", [*body, *faulty])
    assert (taken.status, taken.data["accepted"], taken.data["refused"]) == (200, 5, 3)
    assert {each["name"] for each in taken.data["errors"]} == {"point 6: value", "point 7", "point 8: value"}
    again = {"headers": {"Idempotency-Key": "k-1"}}
    assert (await admin.post("/metrics", body, **again)).data["accepted"] == 5
    assert (await admin.post("/metrics", body, **again)).data["repeated"] == 5
    listed = await admin.get("/series", params={"device": "ups", "metric": "temp"})
    (found,) = listed.data
    assert (found["device"], found["device_name"], found["unit"]) == ("192.0.2.1", "ups-1", "Cel")
    assert found["last_at"] == at(6)
    points = (await admin.get(f"/series/{found['id']}/points")).data
    assert points["points"] == [[at(10 - n), 20.0 + n] for n in range(5)]
    step = {"start": at(60), "step": "7200", "aggregate": "max"}
    assert (await admin.get(f"/series/{found['id']}/points", params=step)).data["points"][-1][1] == 24
    csv = await admin.http.get(
        f"{admin.url}/api/v1/series/{found['id']}/points?format=csv",
        headers={"Authorization": f"Bearer {admin.key}"},
    )
    assert (await csv.text()).splitlines()[:2] == ["at,value", f"{at(10)},20.0"]
    assert (await admin.ask("DELETE", f"/series/{found['id']}")).status == 200
    assert (await admin.get(f"/series/{found['id']}")).status == 404
    assert await stage.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'series.delete'") == 1


async def test_csv_and_lines_are_read_with_their_faults(admin: Caller) -> None:
    """By line; nothing valid is refused as a whole, and so is an unknown column."""
    csv = f"device,metric,value,at\na,load,1.5,{NOW.timestamp()}\na,load,high,\nb,load,2,\n"
    taken = await admin.ask("POST", "/metrics", data=csv, headers=CSV)
    assert (taken.data["accepted"], taken.data["errors"][0]["name"]) == (2, "line 3: value")
    lines = "\n".join(
        json.dumps({"device": "c", "metric": "load", "value": n, "at": at(n)}) for n in range(3)
    )
    media = {"Content-Type": "application/x-ndjson"}
    assert (await admin.ask("POST", "/metrics", data=lines, headers=media)).data["accepted"] == 3
    assert (await admin.ask("POST", "/metrics", data="device,speed\na,1\n", headers=CSV)).status == 422
    assert (await admin.post("/metrics", {"device": "a"})).status == 422
    page = await admin.get("/series", params={"per_page": "2"})
    rest = await admin.get("/series", params={"per_page": "2", "cursor": page.body["meta"]["next_cursor"]})
    assert [each["device"] for each in [*page.data, *rest.data]] == ["a", "b", "c"]


async def test_prometheus_writes_remotely(admin: Caller) -> None:
    """Samples of two series; counters by their names; a body that would expand without end is refused."""
    millis = int(NOW.timestamp() * 1000)
    written = encode(
        [
            LabelledSamples(
                labels=[("__name__", "node_load1"), ("instance", "192.0.2.1:9100"), ("job", "node")],
                samples=[(millis - 1000, 0.5), (millis, 0.75)],
            ),
            LabelledSamples(
                labels=[("__name__", "http_requests_total"), ("instance", "web:80"), ("code", "200")],
                samples=[(millis, 7), (millis + 1, float("nan"))],
            ),
        ]
    )
    path = "/metrics/prometheus"
    headers = {**PROTOBUF, "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0"}
    taken = await admin.ask("POST", path, data=compressed(written), headers=headers)
    assert taken.status == 204
    found = await listed_by(admin)
    assert [(each["device"], each["metric"], each["resource"], each["kind"]) for each in found] == [
        ("192.0.2.1", "node_load1", "job=node", "gauge"),
        ("web", "http_requests_total", "code=200", "counter"),
    ]
    bomb = bytes(cramjam.snappy.compress_raw(bytes(40_000_000)))[:15_000]
    assert (await admin.ask("POST", path, data=bomb, headers=headers)).body["error"]["code"] == "too_large"
    assert (await admin.ask("POST", path, data=b"\xff\xff", headers=headers)).status == 400


async def test_opentelemetry_exports(admin: Caller) -> None:
    """Gauges, cumulative sums and histograms; a delta sum is refused and reported."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    host = resource.resource.attributes.add(key="host.name")
    host.value.string_value = "app-1"
    metrics = resource.scope_metrics.add().metrics
    gauge = metrics.add(name="memory.usage", unit="By")
    gauge.gauge.data_points.add(as_int=1024, time_unix_nano=int(NOW.timestamp() * 1e9))
    delta = metrics.add(name="jobs")
    delta.sum.aggregation_temporality = 1
    delta.sum.data_points.add(as_int=1, time_unix_nano=int(NOW.timestamp() * 1e9))
    total = metrics.add(name="requests")
    total.sum.aggregation_temporality, total.sum.is_monotonic = 2, True
    total.sum.data_points.add(as_double=5, time_unix_nano=int(NOW.timestamp() * 1e9))
    answer = await admin.http.post(
        f"{admin.url}/api/v1/metrics/otlp",
        data=request.SerializeToString(),
        headers={**PROTOBUF, "Authorization": f"Bearer {admin.key}"},
    )
    response = ExportMetricsServiceResponse.FromString(await answer.read())
    assert response.partial_success.rejected_data_points == 1
    found = await listed_by(admin, device="app-1")
    assert [(each["metric"], each["unit"], each["kind"]) for each in found] == [
        ("memory.usage", "By", "gauge"),
        ("requests", "", "counter"),
    ]
    assert (await admin.ask("POST", "/metrics/otlp", data=b"\xff", headers=PROTOBUF)).status == 400


async def test_row_filters_and_permissions_hold(stage: Stage, admin: Caller, viewer: Caller) -> None:
    """A caller sees the series of its own devices only; who may only read sends nothing."""
    body = [{"device": name, "metric": "load", "value": 1} for name in ("ups-1", "foreign")]
    assert (await viewer.post("/metrics", body)).status == 403
    await admin.post("/metrics", body)
    rows = RowFilter(site=("lyon",))
    key = await add_key(stage.pool, NewKey(name="lyon", scopes=("alerts:read",), rows=rows), DAEMON)
    lyon = Caller(admin.http, admin.url, key)
    assert [each["device_name"] for each in await listed_by(lyon)] == ["ups-1"]
    assert "all" not in cast("dict[str, Any]", (await lyon.get("/series")).body["meta"])
    by_device = {each["device"]: each["id"] for each in await listed_by(viewer)}
    assert (await lyon.get(f"/series/{by_device['foreign']}")).status == 404
    assert (await lyon.get(f"/series/{by_device['foreign']}/points")).status == 404
    assert (await lyon.get(f"/series/{by_device['192.0.2.1']}/points")).status == 200
    assert (await viewer.ask("DELETE", f"/series/{by_device['foreign']}")).status == 403


async def test_the_command_line_imports_and_exports(admin: Caller, terminal: Terminal) -> None:
    """A file with a fault, reported with its line; imported values are listed, shown and exported."""
    environment = {"OPSCONDUCTOR_TOKEN": admin.key or "", "OPSCONDUCTOR_URL": admin.url}
    shell = Terminal(terminal.folder, environment)
    file = terminal.folder / "points.csv"
    rows = [f"ups-1,voltage,{230 + n},{at(30 - n)},V" for n in range(20)]
    file.write_text("\n".join(["device,metric,value,at,unit", *rows, "ups-1,voltage,none,,V"]) + "\n")
    output = await shell.run("series", "import", str(file), fails=True)
    assert "20 points stored, 0 known, 1 refused" in output
    assert "line 22: value found none, expected a number" in output
    (listed,) = json.loads(await shell.run("series", "list", "--metric", "volt", "--json"))
    number = str(listed["id"])
    assert "voltage (gauge of api:the admin)" in await shell.run("series", "show", number)
    exported = await shell.run("series", "export", number)
    assert exported.splitlines()[1] == f"{at(30)},230.0"
    assert "is deleted" in await shell.run("series", "delete", number, "--yes")


async def test_the_state_of_a_device_at_a_time(stage: Stage, admin: Caller) -> None:
    """The alerts of that time as they were then, the last values before it; rows of others are hidden."""
    body = [{"device": "ups-1", "metric": "load", "value": n, "at": at(9 - n), "unit": "%"} for n in range(5)]
    assert (await admin.post("/metrics", body)).data["accepted"] == 5
    (alert,) = await stage.report(problem("On battery", device_ip="192.0.2.1", resource=""))
    opened = datetime.now(UTC)
    await stage.report(problem("over", device_ip="192.0.2.1", resource="", is_clear=True))
    now: Any = (await admin.get("/devices/ups-1/state", params={"at": written(datetime.now(UTC))})).data
    assert (now["source"], now["alerts"]) == ("history", [])
    then: Any = (await admin.get("/devices/ups-1/state", params={"at": written(opened)})).data
    assert [(each["id"], each["status"], each["severity"]) for each in then["alerts"]] == [
        (str(alert.id), "active", "major")
    ]
    assert [(each["metric"], each["value"], each["unit"]) for each in then["values"]] == [("load", 4.0, "%")]
    before: Any = (await admin.get("/devices/192.0.2.1/state", params={"at": at(7)})).data
    assert ([each["value"] for each in before["values"]], before["alerts"]) == ([2.0], [])
    future = await admin.get("/devices/ups-1/state", params={"at": "2999-01-01T00:00:00Z"})
    assert future.status == 422
    rows = RowFilter(site=("paris",))
    key = await add_key(stage.pool, NewKey(name="paris", scopes=("alerts:read",), rows=rows), DAEMON)
    hidden = await Caller(admin.http, admin.url, key).get(
        "/devices/ups-1/state", params={"at": written(opened)}
    )
    assert hidden.status == 404


def written(moment: datetime) -> str:
    """Return a time as the API takes it."""
    return moment.isoformat().replace("+00:00", "Z")
