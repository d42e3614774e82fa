"""Row filters: no caller sees, counts or changes alerts beyond them, in any way."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from opsconductor.api.auth import rows as row_filters
from opsconductor.api.auth.rows import conditions_of
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.routes import ENDPOINTS
from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import DependencyType, Severity, Status
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.row_filter import RowFilter, RowScope
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.keys import NewKey, add_key
from opsconductor.store.access.permissions import PERMISSIONS, Permission, Rows
from opsconductor.store.access.roles import UserRole, create_role
from opsconductor.store.access.users import UserFields, change_user
from opsconductor.store.alerts.rows import RowConditions
from opsconductor.store.commit.commit import commit
from tests.integration.api.http.test_api_stream import following, next_event
from tests.support.api.accounts import BY, browser_of, rows, user_of
from tests.support.api.api_stage import Caller, Reply, Stage, problem
from tests.support.store.stored import a_creation, an_alert

pytest_plugins = ["tests.integration.api_fixtures"]

BERLIN, BERLIN_EDGE, MUNICH, MUNICH_EDGE = "10.1.0.1", "10.1.0.2", "10.2.0.1", "10.2.0.2"
FOREIGN = b"munich"
"""What all texts of the other site contain."""
ALERT_PERMISSIONS: tuple[Permission, ...] = ("alerts:read", "alerts:write")
BODIES: dict[str, dict[str, Any]] = {
    "notes": {"notes": "mine"},
    "shelve": {"lasts": "1h"},
    "assign": {"assigned_to": "me"},
}


def device(address: str, name: str, site: str, **fields: Any) -> Device:
    """Make a device of the inventory."""
    return Device(id=uuid4(), ip_address=address, name=name, site=site, **fields)


@pytest.fixture
async def alerts(stage: Stage) -> dict[str, Alert]:
    """Open and closed alerts of two sites, each of which is the cause of one of the other."""
    devices = (
        device(BERLIN, "berlin-core", "berlin", tags=("metro",)),
        device(BERLIN_EDGE, "berlin-edge", "berlin", custom_fields={"customer": "acme"}),
        device(MUNICH, "munich-core", "munich"),
        device(MUNICH_EDGE, "munich-edge", "munich"),
    )
    needs = tuple(
        Dependency(device_ip=one, depends_on_ip=other, dependency_type=DependencyType.NETWORK)
        for one, other in ((BERLIN_EDGE, MUNICH), (MUNICH_EDGE, BERLIN))
    )
    stage.inventory = InventorySnapshot(devices, needs)
    settings = EngineSettings(settle_time=timedelta(0))
    stage.engine.reconfigure(settings, stage.inventory, (), datetime.now(UTC))
    found = await stage.report(
        problem("berlin is down", device_ip=BERLIN, is_cutting=True),
        problem("munich is down", device_ip=MUNICH, is_cutting=True),
        problem("berlin-edge", device_ip=BERLIN_EDGE, tags=("vip",), custom_fields={"contract": 7}),
        problem("munich-edge", device_ip=MUNICH_EDGE, resource="munich"),
    )
    names = ("cause", "foreign cause", "effect", "foreign effect")
    old = {"status": Status.RESOLVED, "severity": Severity.MINOR, "resolved_at": datetime.now(UTC)}
    closed = an_alert(**old, device_ip=BERLIN, device_name="berlin-core", title="berlin before", impacted=3)
    foreign = an_alert(**old, device_ip=MUNICH, device_name="munich-core", title="munich before")
    alike = replace(foreign, id=uuid4(), fingerprint=found[0].fingerprint)
    await commit(stage.pool, a_creation(closed, foreign, alike))
    return {**dict(zip(names, found, strict=True)), "closed": closed, "foreign closed": foreign}


async def limited(
    stage: Stage, http: ClientSession, url: str, rows: RowFilter, scopes: tuple[Permission, ...]
) -> Caller:
    """Provide a key that is limited to some rows."""
    key = await add_key(stage.pool, NewKey(name=str(rows), scopes=scopes, rows=rows), DAEMON)
    return Caller(http, url, key)


@pytest.fixture
async def berlin(stage: Stage, http: ClientSession, url: str, alerts: dict[str, Alert]) -> Caller:
    """Yield a client with all permissions, for the alerts of one site."""
    del alerts
    return await limited(stage, http, url, RowFilter(site=("berlin",)), PERMISSIONS)


def requests_of(endpoint: Endpoint, foreign: list[Alert]) -> list[tuple[str, dict[str, Any]]]:
    """Return requests that try to get at foreign alerts: path and options."""
    last = endpoint.path.rpartition("/")[2]
    body = BODIES.get(last, {})
    if "/bulk/" in endpoint.path:
        ids = [str(each.id) for each in foreign]
        return [(endpoint.path, {"json": {**body, **chosen}}) for chosen in ({"ids": ids}, {"filter": {}})]
    options: dict[str, Any] = {"json": body} if endpoint.body else {}
    if "{id}" in endpoint.path:
        tag = {"headers": {"If-Match": '"other"'}} if endpoint.method == "POST" else {}
        ids = [str(each.id) for each in foreign]
        return [(endpoint.path.replace("{id}", each), options | tag) for each in ids]
    path = endpoint.path.replace("{name}", "munich-core")
    if endpoint.method != "GET" or "/alerts" not in path:
        return [(path, options)]
    closed = {"status": "resolved,expired", "hidden": "also"}
    below = {"root_id": str(foreign[0].id)}
    return [(path, {"params": params} if params else {}) for params in ({}, closed, below)]


async def test_no_endpoint_shows_or_changes_alerts_of_others(
    stage: Stage, berlin: Caller, alerts: dict[str, Alert]
) -> None:
    """Every endpoint, with all permissions: refused, or nothing of the other site is in its answer."""
    foreign = [alert for name, alert in alerts.items() if name.startswith("foreign")]
    seen: set[Rows] = set()
    for endpoint in ENDPOINTS:
        if endpoint.path.endswith("/stream"):
            continue
        for path, options in requests_of(endpoint, foreign):
            headers = {"Authorization": f"Bearer {berlin.key}", **options.pop("headers", {})}
            async with berlin.http.request(
                endpoint.method, berlin.url + path, headers=headers, **options
            ) as response:
                body = (await response.read()).replace(b"munich-core", b"", path.count("munich-core"))
            about = (endpoint.method, path, options, response.status, body[:500])
            assert response.status < 500, about
            assert FOREIGN not in body, about
            is_refused = response.status == 403 and json.loads(body)["error"]["code"] == "limited_rows"
            if endpoint.permission in PERMISSIONS:
                assert is_refused is (endpoint.rows is Rows.ALL), about
                seen.add(endpoint.rows)
    assert {Rows.ALL, Rows.OWN} <= seen
    changed = await stage.pool.fetch(
        "SELECT device_name, count(*) AS entries FROM alert_history JOIN alerts ON alerts.id = alert_id "
        "WHERE user_name IS NOT NULL GROUP BY device_name"
    )
    assert {row["device_name"] for row in changed} == {"berlin-core", "berlin-edge"}


def numbers(reply: Reply) -> dict[str, Any]:
    """Return sums that are not zero."""
    assert isinstance(reply.data, dict)
    return {name: value for name, value in reply.data.items() if value}


async def test_lists_sums_and_details_are_of_the_own_site(berlin: Caller, alerts: dict[str, Alert]) -> None:
    """Open and closed ones; a foreign cause is not named, foreign consequences are not counted."""
    listed = {each["title"]: each for each in rows(await berlin.get("/alerts"))}
    assert set(listed) == {"berlin is down", "berlin-edge", "berlin before"}
    assert {title: each["impacted"] for title, each in listed.items() if each["impacted"]} == {}
    assert alerts["cause"].impacted == 1
    stats = numbers(await berlin.get("/alerts/stats"))
    assert (stats["total"], stats["site"]) == (2, {"berlin": 2})
    summary = (await berlin.get("/alerts/summary")).body["data"]
    assert summary["status"] == {"active": 1, "acknowledged": 0, "suppressed": 1}  # type: ignore[index]
    effect: Any = (await berlin.get(f"/alerts/{alerts['effect'].id}")).data
    assert (effect["status"], effect["cause"], effect["root"]) == ("suppressed", None, None)
    assert effect["correlation_rule"] == "an alert that you may not see"
    related: Any = (await berlin.get(f"/alerts/{alerts['cause'].id}/related")).data
    assert (related["consequences"], related["earlier"]) == ([], [])
    done = await berlin.post("/alerts/bulk/acknowledge", {"filter": {}})
    assert isinstance(done.data, dict)
    assert (done.data["matched"], done.data["done"], done.data["failed"]) == (2, 2, [])


async def test_the_live_feed_has_only_the_own_alerts(
    stage: Stage, berlin: Caller, alerts: dict[str, Alert]
) -> None:
    """Of a batch with both the own one arrives; a device that moves into the site is seen at once.

    When it moves away, its known alerts have left, and new ones are not named.
    """
    async with following(berlin) as feed:
        await stage.report(
            problem("munich", device_ip=MUNICH, resource="2"), problem("own", device_ip=BERLIN)
        )
        _, changed = await next_event(feed)
        assert [each["title"] for each in changed] == ["own"]
        moved = device(MUNICH, "munich-core", "berlin")
        stage.inventory = InventorySnapshot((moved,), ())
        settings = EngineSettings(settle_time=timedelta(0))
        stage.engine.reconfigure(settings, stage.inventory, (), datetime.now(UTC))
        await stage.report(problem("moved", device_ip=MUNICH, resource="3"))
        _, changed = await next_event(feed)
        assert [each["title"] for each in changed] == ["moved"]
        away = device(BERLIN, "berlin-core", "munich")
        stage.inventory = InventorySnapshot((moved, away), ())
        stage.engine.reconfigure(settings, stage.inventory, (), datetime.now(UTC))
        await stage.report(
            problem("own", device_ip=BERLIN),
            problem("berlin-edge", device_ip=BERLIN_EDGE),
            problem("foreign", device_ip=BERLIN, resource="4"),
        )
        kind, left = await next_event(feed)
        assert (kind, set(left)) == ("left", {str(alerts[name].id) for name in ("cause", "effect")})


async def test_a_resumed_feed_requires_a_reload(
    stage: Stage, berlin: Caller, alerts: dict[str, Alert]
) -> None:
    """An alert that left the own rows looks like an unseen one: the feed sends `reload`."""
    async with following(berlin) as feed:
        await stage.report(problem("own", device_ip=BERLIN))
        await next_event(feed)
    position = stage.feed.position
    away = device(BERLIN, "berlin-core", "munich")
    stage.inventory = InventorySnapshot((away,), ())
    settings = EngineSettings(settle_time=timedelta(0))
    stage.engine.reconfigure(settings, stage.inventory, (), datetime.now(UTC))
    await stage.report(problem("own", device_ip=BERLIN))
    async with following(berlin, f"last_event_id={position}", begins="reload"):
        pass
    listed = {each["title"] for each in rows(await berlin.get("/alerts"))}
    assert alerts["cause"].title not in listed


async def test_overview_graphs_and_maintenance_are_of_the_own_site(berlin: Caller, operator: Caller) -> None:
    """Foreign devices are neither drawn nor counted; windows that touch own devices are named, not explained.

    Own devices may be silenced by name, nothing else may.
    """
    seen: Any = (await berlin.get("/alerts/overview?range=7d")).data
    assert (seen["alerts"], seen["resolved"]["amount"]) == (2, 1)
    assert {each["name"] for each in seen["devices"]} == {"berlin-core", "berlin-edge"}
    graph: Any = (await berlin.get("/devices/berlin-edge/graph")).data
    assert ([node["name"] for node in graph["nodes"]], graph["edges"]) == (["berlin-edge"], [])
    assert graph["nodes"][0]["hidden_upstream"] == 0
    assert (await berlin.get("/devices/berlin-core/failure")).data["devices"] == 0  # type: ignore[index]
    assert (await berlin.get("/devices/berlin-core")).data["dependents"] == 0  # type: ignore[index]
    assert (await berlin.get("/dependencies")).data == []
    site: Any = (await berlin.get("/inventory/sites/berlin/graph")).data
    assert {node["name"] for node in site["nodes"]} == {"berlin-core", "berlin-edge"}
    assert (await berlin.get("/inventory/sites/munich/graph")).status == 404
    whole = {"conditions": {"site": ["berlin", "munich"]}, "lasts": "1h", "name": "both"}
    for body in (whole, {**whole, "conditions": {"site": "munich"}, "name": "foreign"}):
        assert (await operator.post("/maintenance", body)).status == 200
    (both,) = rows(await berlin.get("/maintenance"))
    assert (both["name"], both["conditions"], both["is_whole"], both["muted"]) == ("both", {}, False, 2)
    path = f"/maintenance/{both['id']}"
    assert (await berlin.post(f"{path}/end")).status == 403
    beyond: list[dict[str, object]] = [
        {"conditions": {"site": "berlin"}},
        {"conditions": {"device_name": "*"}},
        {"conditions": {"device_ip_pattern": [BERLIN, MUNICH]}},
        {"behind": BERLIN, "conditions": {"device_ip_pattern": BERLIN}},
        {"everything": True},
    ]
    for body in beyond:
        refused = await berlin.post("/maintenance", {**body, "lasts": "1h"})
        assert (refused.status, refused.error["code"]) == (403, "limited_rows"), body
    own = {"conditions": {"device_ip_pattern": [BERLIN]}, "lasts": "1h", "name": "own"}
    made: Any = (await berlin.post("/maintenance", own)).data
    assert (made["is_whole"], made["conditions"]) == (True, {"device_ip_pattern": [BERLIN]})
    assert (await berlin.ask("DELETE", f"/maintenance/{made['id']}", json={})).status == 200
    me: Any = (await berlin.get("/me")).data
    assert set(me["limited"]) == set(PERMISSIONS)


@pytest.mark.parametrize(
    ("only", "titles"),
    [
        (RowFilter(tag=("metro",)), {"berlin is down", "berlin before"}),
        (RowFilter(tag=("vip", "metro")), {"berlin is down", "berlin before", "berlin-edge"}),
        (RowFilter(custom_fields=(("customer", ("acme",)),)), {"berlin-edge"}),
        (RowFilter(custom_fields=(("contract", ("7",)),)), {"berlin-edge", "closed contract"}),
        (RowFilter(site=("berlin",), tag=("vip",)), {"berlin-edge"}),
        (RowFilter(site=("nowhere",)), set()),
    ],
    ids=lambda only: str(only.document()) if isinstance(only, RowFilter) else "",
)
async def test_filters_by_tag_and_custom_field(
    stage: Stage, http: ClientSession, url: str, alerts: dict[str, Alert], only: RowFilter, titles: set[str]
) -> None:
    """Of the alert or its device, alike for open alerts in memory and closed ones in PostgreSQL."""
    del alerts
    ended = {"status": Status.EXPIRED, "resolved_at": datetime.now(UTC), "title": "closed contract"}
    await commit(stage.pool, a_creation(an_alert(**ended, custom_fields={"contract": [7, "x"]})))
    someone = await limited(stage, http, url, only, ALERT_PERMISSIONS)
    assert {each["title"] for each in rows(await someone.get("/alerts"))} == titles


async def test_filters_of_roles_add_up_and_those_of_users_take_away(
    stage: Stage, stranger: Caller, alerts: dict[str, Alert]
) -> None:
    """A permission extends to the rows of any role that grants it; the user's own filter limits them all."""
    del alerts
    for name, may in (("berlin", ALERT_PERMISSIONS), ("munich", ("alerts:read",))):
        role = UserRole(name=name, description="", permissions=may, rows=RowFilter(site=(name,)))
        await create_role(stage.pool, role, BY)
    await user_of(stage, "anna", "berlin", "munich")
    anna = await browser_of(stranger, "anna")
    listed = rows(await stranger.get("/alerts", headers=anna))
    assert len(listed) == 7
    bulk = await stranger.post("/alerts/bulk/acknowledge", {"filter": {}}, headers=anna)
    assert isinstance(bulk.data, dict)
    assert bulk.data["matched"] == 2
    only = UserFields(rows=RowFilter(custom_fields=(("customer", ("acme",)),)))
    await change_user(stage.pool, "anna", only, BY)
    assert [each["title"] for each in rows(await stranger.get("/alerts", headers=anna))] == ["berlin-edge"]
    me: Any = (await stranger.get("/me", headers=anna)).data
    assert me["is_limited"] is True
    await change_user(stage.pool, "anna", UserFields(rows=RowFilter(), roles=("viewer", "berlin")), BY)
    assert len(rows(await stranger.get("/alerts", headers=anna))) == 7


async def test_no_key_or_role_exceeds_the_own_rows(stage: Stage, http: ClientSession, url: str) -> None:
    """A user administrator who sees some alerts only makes no key and no role that sees others."""
    only = RowFilter(site=("berlin",))
    await create_role(
        stage.pool, UserRole(name="berlin", description="", permissions=("alerts:read",), rows=only), BY
    )
    key = await add_key(stage.pool, NewKey(name="desk", roles=("berlin",), scopes=("users:write",)), BY)
    desk = Caller(http, url, key)
    refused = [
        await desk.post("/api-keys", {"name": "all", "scopes": ["alerts:read"]}),
        await desk.post("/roles", {"name": "all", "permissions": ["alerts:read"]}),
        await desk.ask("PUT", "/roles/berlin", json={"permissions": ["alerts:read"]}),
    ]
    assert [(reply.status, "alerts:read" in str(reply.error["message"])) for reply in refused] == [
        (403, True)
    ] * 3
    assert (await desk.post("/api-keys", {"name": "like me", "scopes": ["users:write"]})).status == 200


async def test_devices_of_a_filter_are_looked_up_once(
    berlin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endpoints share what a filter means in the present inventory: it may be thousands of devices."""
    sought = []

    def counted(scope: RowScope, inventory: InventorySnapshot) -> RowConditions:
        sought.append(scope)
        return conditions_of(scope, inventory)

    monkeypatch.setattr(row_filters, "conditions_of", counted)
    for path in ("/alerts", "/devices", "/alerts/summary"):
        assert (await berlin.get(path)).status == 200
    assert len(sought) == 1


async def test_roles_are_made_changed_and_deleted(stage: Stage, stranger: Caller) -> None:
    """By who may administer users, never beyond own permissions; those that ship, and those in use, stay."""
    await user_of(stage, "root", "admin")
    root = await browser_of(stranger, "root")
    only = {"site": ["berlin"], "custom_fields": {"customer": ["acme"]}}
    body = {"name": "acme", "permissions": ["alerts:read"], "row_filter": only}
    made = await stranger.post("/roles", body, headers=root)
    assert made.data == {
        "name": "acme", "description": "", "permissions": ["alerts:read"], "is_fixed": False,
        "requires_second_factor": False, "row_filter": {"tag": [], **only},
    }  # fmt: skip
    assert (await stranger.post("/roles", body, headers=root)).status == 409
    assert (await stranger.ask("DELETE", "/roles/viewer", headers=root)).status == 409
    unknown = await stranger.post("/users", {"username": "bert", "roles": ["acme", "none"]}, headers=root)
    assert (unknown.status, "there is no role none" in str(unknown.error["message"])) == (404, True)
    await stranger.post("/users", {"username": "bert", "roles": ["acme"]}, headers=root)
    assert (await stranger.ask("DELETE", "/roles/acme", headers=root)).status == 409
    more = {"permissions": ["alerts:read", "alerts:write"]}
    changed: Any = (await stranger.ask("PUT", "/roles/acme", json=more, headers=root)).data
    assert (changed["permissions"], changed["row_filter"]) == (["alerts:read", "alerts:write"], None)
    await stranger.ask("PATCH", "/users/bert", json={"roles": []}, headers=root)
    assert (await stranger.ask("DELETE", "/roles/acme", headers=root)).status == 200
    actions = [row["action"] for row in rows(await stranger.get("/audit?action=role", headers=root))]
    assert actions == ["role.delete", "role.change", "role.create"]
