"""Devices and dependencies in the API: lists, single ones, graphs, previews, exports."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.app.configuring.loading import read_inventory
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.model.enums import Severity
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

CORE, EDGE, LEAF, UPS = "10.0.0.1", "10.0.1.1", "10.0.2.1", "10.9.0.1"


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> Stage:
    """A leaf behind an edge behind a core, powered by a UPS, as a database has them."""
    await pool.execute("""
        INSERT INTO devices (ip_address, name, site, role, status, tags, auto_discovered, found_by,
                             netbox_url, provisioned_from)
        VALUES ('10.0.0.1', 'core-1', 'north', 'core', 'active', '{backbone}', true, 'netbox',
                'https://netbox.example/1', NULL),
               ('10.0.1.1', 'edge-1', 'north', 'access', 'active', '{}', false, NULL, NULL, '/etc/net.yaml'),
               ('10.0.2.1', 'leaf-1', 'south', 'access', 'offline', '{a,b}', false, NULL, NULL, NULL),
               (NULL, 'ups-south', 'south', 'ups', 'active', '{}', false, NULL, NULL, NULL)""")
    await pool.execute("""
        INSERT INTO dependencies (device_ip, depends_on_ip, dependency_type, via_resources, description,
                                  auto_discovered, created_by, provisioned_from)
        VALUES ('10.0.1.1', '10.0.0.1', 'network', '{ifIndex=7}', '=cable 4711', true, 'netbox', NULL),
               ('10.0.2.1', '10.0.1.1', 'network', '{}', NULL, false, 'anna', NULL),
               ('10.0.2.1', 'ups-south', 'power', '{}', NULL, false, NULL, '/etc/net.yaml')""")
    found = Stage(pool)
    found.inventory = await read_inventory(pool)
    found.engine = Engine(EngineSettings(settle_time=timedelta(0)), found.inventory, ())
    return found


def names(rows: Any) -> list[str]:
    """List the names of devices."""
    return [row["name"] for row in rows]


async def test_devices_are_listed_by_name_or_urgency_and_found_by_what_people_know(
    stage: Stage, operator: Caller
) -> None:
    """Search in names and addresses, properties, state; pages follow one another by cursor."""
    await stage.report(
        problem(device_ip=LEAF, severity=Severity.MINOR),
        problem(device_ip=LEAF, severity=Severity.MAJOR, resource="ifIndex=8"),
        problem(device_ip=CORE, severity=Severity.MAJOR),
    )
    every = await operator.get("/devices")
    assert names(every.data) == ["core-1", "edge-1", "leaf-1", "ups-south"]
    leaf = every.data[2]  # type: ignore[index]
    assert (leaf["severity"], leaf["alert_status"], leaf["alerts"]) == ("major", "active", 2)
    assert leaf["last_heard_at"] is not None
    for query, expected in (
        ("search=LEAF", ["leaf-1"]),
        ("search=10.0.%201.1", ["core-1", "edge-1", "leaf-1"][1:2]),
        ("site=south&role=ups,access", ["leaf-1", "ups-south"]),
        ("tag=a&tag=backbone", ["core-1", "leaf-1"]),
        ("status=offline", ["leaf-1"]),
        ("alerting=false", ["edge-1", "ups-south"]),
        ("severity=major", ["core-1", "leaf-1"]),
        ("sort=severity", ["leaf-1", "core-1", "edge-1", "ups-south"]),
    ):
        assert names((await operator.get(f"/devices?{query}")).data) == expected, query
    for sort, size in (("name", 3), ("severity", 3), ("severity", 2), ("severity", 1)):
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = await operator.get(f"/devices?sort={sort}&per_page={size}&cursor={cursor}")
            seen += names(page.data)
            meta: Any = page.body["meta"]
            cursor = meta["next_cursor"]
            assert meta["total"] == 4
        assert len(seen) == len(set(seen)) == 4
    for wrong in ("x", "bnVsbA", "WyJuYW1lIiwxXQ"):
        assert (await operator.get(f"/devices?cursor={wrong}")).status == 409
    facets: Any = (await operator.get("/inventory/facets")).data
    assert facets["site"] == {"north": 2, "south": 2}
    assert facets["tag"] == {"a": 1, "b": 1, "backbone": 1}


async def test_a_device_is_shown_with_alerts_dependencies_maintenance_and_origin(
    stage: Stage, operator: Caller
) -> None:
    """By name, address or id; a cut-off device names the cause; an unlisted device has its alerts alone."""
    (cause,) = await stage.report(
        problem(device_ip=CORE, severity=Severity.CRITICAL, resource="", is_cutting=True)
    )
    await stage.report(problem(device_ip=LEAF, resource=""))
    now = datetime.now(UTC)
    silence = {"conditions": {"site": "south"}, "lasts": "2h", "reason": "works"}
    assert (await operator.post("/maintenance", silence)).status == 200
    leaf: Any = (await operator.get("/devices/leaf-1")).data
    assert leaf["id"] == (await operator.get(f"/devices/{leaf['id']}")).data["id"]  # type: ignore[index]
    assert (leaf["upstream"], leaf["downstream"], leaf["dependents"]) == (2, 0, 0)
    assert leaf["open_alerts"][0]["status"] == leaf["alert_status"] == "suppressed"
    assert leaf["cut_off"] == [{"dependency_type": "network", "causes": [str(cause.id)]}]
    (window,) = leaf["maintenance"]
    assert (window["reason"], window["is_partial"]) == ("works", False)
    assert window["until"] > now.isoformat()
    assert leaf["origin"]["kind"] == "own"
    core: Any = (await operator.get(f"/devices/{CORE}")).data
    assert (core["dependents"], core["maintenance"], core["cut_off"]) == (2, [], [])
    assert core["origin"]["kind"] == "inventory"
    assert core["origin"]["url"] == "https://netbox.example/1"
    assert (await operator.get("/devices/EDGE-1")).data["origin"]["file"] == "/etc/net.yaml"  # type: ignore[index]
    await stage.report(problem(device_ip="192.0.2.7"))
    unlisted: Any = (await operator.get("/devices/192.0.2.7")).data
    assert (unlisted["is_listed"], unlisted["alerts"], unlisted["origin"]) == (False, 1, None)
    assert (await operator.get("/devices/unknown")).status == 404
    assert (await operator.get("/devices/%2F%3Cb%3E")).status == 404
    await operator.post(f"/alerts/{cause.id}/resolve")
    past: Any = (await operator.get("/devices/core-1/alerts")).data
    assert [(each["id"], each["status"]) for each in past] == [(str(cause.id), "resolved")]
    assert (await operator.get("/devices/core-1/alerts?status=active")).data == []


async def test_dependencies_are_listed_walked_and_drawn(stage: Stage, operator: Caller) -> None:
    """Direct and transitive ones with their distance; the graph shows cut-off devices and omissions."""
    await stage.report(problem(device_ip=CORE, resource="", severity=Severity.CRITICAL, is_cutting=True))
    rows: Any = (await operator.get("/dependencies")).data
    assert [(each["device_name"], each["depends_on_name"], each["kind"]) for each in rows] == [
        ("edge-1", "core-1", "inventory"),
        ("leaf-1", "edge-1", "own"),
        ("leaf-1", "ups-south", "file"),
    ]
    assert rows[0]["description"] == "=cable 4711"
    one: Any = (await operator.get("/dependencies?device=leaf-1&type=power")).data
    assert [each["depends_on"] for each in one] == ["ups-south"]
    assert len((await operator.get("/dependencies?site=south&per_page=1")).data) == 1  # type: ignore[arg-type]
    up: Any = (await operator.get("/devices/leaf-1/upstream?depth=9")).data
    assert [(each["name"], each["depth"]) for each in up] == [("edge-1", 1), ("ups-south", 1), ("core-1", 2)]
    down = await operator.get("/devices/core-1/downstream")
    assert names(down.data) == ["edge-1"]
    graph: Any = (await operator.get("/devices/edge-1/graph")).data
    assert {node["name"]: node["depth"] for node in graph["nodes"]} == {
        "edge-1": 0,
        "core-1": -1,
        "leaf-1": 1,
    }
    assert {node["name"] for node in graph["nodes"] if node["is_cut_off"]} == {"edge-1", "leaf-1"}
    assert [edge["is_cut"] for edge in graph["edges"] if edge["device"] == EDGE] == [True]
    assert [node["hidden_upstream"] for node in graph["nodes"] if node["name"] == "leaf-1"] == [1]
    short = await operator.get("/devices/core-1/graph?limit=2")
    assert (len(short.data["nodes"]), short.body["meta"]["left_out"]) == (2, 1)  # type: ignore[index,call-overload]
    site: Any = (await operator.get("/inventory/sites/south/graph")).data
    assert {node["name"] for node in site["nodes"]} == {"leaf-1", "ups-south", "edge-1"}
    assert (await operator.get("/inventory/sites/nowhere/graph")).status == 404


async def test_previews_show_suppression_before_anything_is_saved(stage: Stage, operator: Caller) -> None:
    """A failure of the core; a dependency that is new; the removal of one that suppresses."""
    (hot,) = await stage.report(problem("Hot", device_ip=LEAF, alert_type="environment_temperature"))
    failure: Any = (await operator.get("/devices/core-1/failure")).data
    assert [(each["name"], each["dependency_types"]) for each in failure["cut_off"]] == [
        ("edge-1", ["network"]),
        ("leaf-1", ["network"]),
    ]
    assert [alert["id"] for alert in failure["suppressed"]] == [str(hot.id)]
    other = "10.7.0.1"
    await stage.report(problem(device_ip=other, resource="", severity=Severity.CRITICAL, is_cutting=True))
    new = {"device_ip": "leaf-1", "depends_on_ip": other, "dependency_type": "service"}
    preview: Any = (await operator.post("/dependencies/preview", new)).data
    assert [alert["id"] for alert in preview["suppressed"]] == [str(hot.id)]
    assert preview["remarks"] == [f"{other} is not in the inventory"]
    assert (preview["exists"], names(preview["cut_off"])) == (False, ["leaf-1"])
    unsure: Any = (await operator.post("/dependencies/preview", {**new, "confidence": 0.1})).data
    assert unsure["alerts_suppressed"] == 0
    assert "suppresses nothing" in unsure["remarks"][1]
    await stage.report(problem(device_ip=CORE, resource="", severity=Severity.CRITICAL, is_cutting=True))
    gone = {"device_ip": EDGE, "depends_on_ip": CORE, "remove": True}
    removal: Any = (await operator.post("/dependencies/preview", gone)).data
    assert [alert["id"] for alert in removal["released"]] == [str(hot.id)]
    assert names(removal["freed"]) == ["edge-1", "leaf-1"]
    circle: Any = (
        await operator.post("/dependencies/preview", {"device_ip": CORE, "depends_on_ip": LEAF})
    ).data
    assert any("circle" in remark for remark in circle["remarks"])
    itself = await operator.post("/dependencies/preview", {"device_ip": CORE, "depends_on_ip": "core-1"})
    assert itself.data["remarks"] == ["a device cannot need itself"]  # type: ignore[index,call-overload]
    assert stage.engine.get(hot.id).status == "suppressed"  # type: ignore[union-attr]


async def test_dependencies_are_exported_as_csv(operator: Caller, http: ClientSession) -> None:
    """All of them with their origin; what a spreadsheet would calculate is text."""
    headers = {"Authorization": f"Bearer {operator.key}"}
    async with http.get(f"{operator.url}/api/v1/dependencies/export", headers=headers) as response:
        assert response.content_type == "text/csv"
        lines = (await response.text()).splitlines()
    assert lines[0].startswith(
        "device_ip,depends_on_ip,dependency_type,via_resources,description,confidence,"
    )
    assert lines[1:] == [
        "10.0.1.1,10.0.0.1,network,ifIndex=7,'=cable 4711,1,inventory,,netbox,",
        "10.0.2.1,10.0.1.1,network,,,1,own,,anna,",
        "10.0.2.1,ups-south,power,,,1,file,/etc/net.yaml,,",
    ]


async def test_dependencies_are_imported_from_csv_all_or_none(
    stage: Stage, http: ClientSession, url: str
) -> None:
    """An export changes nothing; faults name line and column; what files declare needs to be taken over."""
    admin = await caller(stage, http, url, "admin")

    async def send(text: str, query: str = "") -> Any:
        answer = await admin.ask(
            "POST", f"/dependencies/import{query}", data=text.encode(), headers={"Content-Type": "text/csv"}
        )
        return answer.body if answer.status == 200 else (answer.status, answer.error["details"])

    headers = {"Authorization": f"Bearer {admin.key}"}
    async with http.get(f"{url}/api/v1/dependencies/export", headers=headers) as response:
        exported = await response.text()
    same = (await send(exported))["data"]
    assert (same["rows"], same["added"], same["changed"], same["unchanged"]) == (3, 0, 0, 3)
    wrong = (
        "device_ip,depends_on_ip,dependency_type,confidence\n"
        "edge-1,unknown,network,1\n"
        "leaf-1,core-1,radio,7\n"
        '10.7.0.1,"core-1\n",power,0.5\n'
        "leaf-1,10.0.0.1,radio,\n"
    )
    status, faults = await send(wrong)
    assert (status, faults[0]["name"], faults[0]["found"]) == (422, "line 2: depends_on_ip", '"unknown"')
    of_values = ["line 3: dependency_type", "line 3: confidence"]
    assert [fault["name"] for fault in faults] == [
        "line 2: depends_on_ip",
        *of_values,
        "line 6: dependency_type",
    ]
    status, faults = await send(wrong.replace("unknown", "core-1"))
    assert status == 422
    assert [fault["name"] for fault in faults] == [*of_values, "line 6: dependency_type"]
    many = "".join(f"edge-{number},unknown,radio\n" for number in range(100))
    status, faults = await send(f"device_ip,depends_on_ip,dependency_type\n,core-1,radio\n{many}")
    assert [fault["name"] for fault in faults[:2]] == ["line 2: device_ip", "line 2: dependency_type"]
    assert faults[-1]["name"].startswith("line 102: ")
    assert {fault["name"].partition(": ")[2] for fault in faults} == {
        "device_ip",
        "depends_on_ip",
        "dependency_type",
    }
    status, faults = await send("device_ip,colour\nedge-1,red\n")
    assert [fault["found"] for fault in faults] == ["colour", "nothing"]
    good = (
        "device_ip;depends_on_ip;via_resources;description\n"
        '"leaf-1";core-1;"ifIndex=1; ifIndex=2";second way\n'
        "edge-1;core-1;;by hand\n"
    )
    tried = (await send(good, "?dry_run=true"))["data"]
    assert (tried["is_applied"], tried["added"], tried["changed"], tried["taken_over"]) == (False, 1, 1, 1)
    assert await stage.pool.fetchval("SELECT count(*) FROM dependencies") == 3
    done = (await send(good))["data"]
    assert (done["is_applied"], done["is_in_force"], done["added"]) == (True, True, 1)
    up: Any = (await admin.get("/dependencies?device=leaf-1&type=network")).data
    assert [(one["depends_on_name"], one["description"], one["kind"]) for one in up] == [
        ("core-1", "second way", "own"),
        ("edge-1", None, "own"),
    ]
    assert up[0]["via_resources"] == ["ifIndex=1", "ifIndex=2"]
    edge: Any = (await admin.get("/dependencies?device=edge-1")).data
    assert (edge[0]["kind"], edge[0]["via_resources"]) == ("own", [])
    declared = "device_ip,depends_on_ip,dependency_type,description\nleaf-1,ups-south,power,new\n"
    assert (await send(declared))[0] == 409
    assert (await send(declared, "?take_over=true"))["data"]["changed"] == 1


async def test_the_command_line_shows_devices_and_moves_dependencies(
    stage: Stage, terminal: Terminal
) -> None:
    """Lists, one device, trees and previews in words; an import says what it does, and names faults."""
    await ensure_local_token(stage.pool, terminal.folder)
    await stage.report(problem("Down", device_ip=CORE, resource="", severity=Severity.MAJOR, is_cutting=True))
    listed = await terminal.run("devices", "list", "--site", "north")
    assert "major 1" in listed
    assert "2 of 2 devices" in listed
    shown = await terminal.run("devices", "show", "core-1")
    assert "2, 1 of them directly" in shown
    assert "  major    Down  active since" in shown
    assert "Down" in await terminal.run("devices", "alerts", CORE)
    tree = (await terminal.run("devices", "graph", "core-1")).splitlines()
    assert [line.rstrip() for line in tree] == [
        "core-1  major 1",
        "  edge-1   cut cut off",
        "    leaf-1   cut off",
    ]
    assert "ups-south" in await terminal.run("devices", "graph", "--site", "south")
    assert "0 devices would be cut off" in await terminal.run("devices", "failure", "edge-1")
    assert json.loads(await terminal.run("devices", "list", "--json"))[0]["name"] == "core-1"
    preview = await terminal.run("dependencies", "preview", "core-1", "leaf-1")
    assert f"note: {LEAF} needs {CORE} already" in preview
    assert "3 of 3 dependencies" in await terminal.run("dependencies", "list")
    file = terminal.folder / "dependencies.csv"
    await terminal.run("dependencies", "export", "--output", str(file))
    again = await terminal.run("dependencies", "import", str(file))
    assert "0 added, 0 changed, 3 unchanged of 3 rows; in force" in again
    file.write_text("device_ip,depends_on_ip\nleaf-1,core-1\n")
    assert "nothing was changed" in await terminal.run("dependencies", "import", str(file), "--dry-run")
    file.write_text("device_ip,depends_on_ip\nleaf-1,elsewhere\n")
    refused = await terminal.run("dependencies", "import", str(file), fails=True)
    assert 'line 2: depends_on_ip: found "elsewhere"' in refused
    assert "there is no device" in await terminal.run("devices", "show", "unknown", fails=True)
