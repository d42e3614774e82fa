"""The configuration through the API: every table alike, over the real database."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from opsconductor.api.configuration.endpoints import RESOURCES
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import StoreUnavailable
from opsconductor.store.declared.provisioning import apply, apply_provision
from tests.support.api.api_stage import Caller, Reply, Stage, caller
from tests.support.page.page_stage import connector

pytest_plugins = ["tests.integration.api_fixtures"]

HOOK = {"name": "hook", "type": "webhook", "config": {"url": "https://hook.example.net/in"}}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, object, str]]] = {
    "/devices": (
        {"name": "core-1", "ip_address": "10.0.0.1", "site": "lyon"},
        {"site": "paris"},
        ("ip_address", "10.0.0.0.1", "ip_address"),
    ),
    "/dependencies": (
        {"device_ip": "10.0.0.2", "depends_on_ip": "10.0.0.1"},
        {"via_resources": ["ifIndex=7"]},
        ("confidence", 3, "confidence"),
    ),
    "/oid-mappings/own": (
        {
            "oid_pattern": "1.3.6.1.4.1.99999.1",
            "alert_type": "power_on_battery",
            "category": "power",
            "default_severity": "major",
            "title_template": "On battery",
        },
        {"default_severity": "critical"},
        ("category", "video", "alert_type"),
    ),
    "/people": ({"name": "ada", "display_name": "Ada"}, {"time_zone": "Europe/Paris"}, ("color", 1, "color")),
    "/teams": (
        {"name": "noc", "members": []},
        {"description": "nights"},
        ("members", ["nobody"], "members.0"),
    ),
    "/notifications/schedules": (
        {
            "name": "nights",
            "time_zone": "UTC",
            "layers": [
                {"name": "first", "starts": "2026-01-05", "every": "7d", "participants": ["someone"]},
            ],
        },
        {"description": "all of them"},
        ("time_zone", "Mars/Base", "time_zone"),
    ),
    "/notifications/policies": (
        {"name": "climb", "steps": [{"notify": [{"channel": "hook"}]}]},
        {"acknowledgement_expires": "2h"},
        ("repeat", 3, "repeat"),
    ),
    "/notifications/rules": (
        {"name": "all", "channels": [{"channel": "hook"}]},
        {"conditions": {"severity": ["critical"]}},
        ("channels", [{"channel": "gone"}], "channels.0.channel"),
    ),
}
"""Path: a row to create, a part to change, and a column whose value is wrong with the place of the fault."""

READS = {"/devices": "/config/devices", "/dependencies": "/config/dependencies"}
"""Where rows are read as they are declared, of tables whose own path answers states."""


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client that may change the configuration, with a channel and a person that rows may name."""
    admin = await caller(stage, http, url, "admin")
    document = {
        "connectors": [HOOK],
        "people": [{"name": "someone", "contact_methods": [{"channel": "hook"}]}],
    }
    assert (await admin.post("/config/apply", document)).status == 200
    return admin


def found(reply: Reply) -> Any:
    """Take what was asked for, to look into it."""
    return reply.data


def places(reply: Reply) -> list[str]:
    """Return the places of the faults of an answer."""
    details: Any = reply.error["details"]
    return [each["name"] for each in details]


@pytest.mark.parametrize("path", CASES)
async def test_a_row_is_created_read_changed_and_deleted(stage: Stage, admin: Caller, path: str) -> None:
    """Trials change nothing; faults name the column; ETags guard; all is audited and put into force."""
    row, part, (column, wrong, place) = CASES[path]
    tried = found(await admin.post(f"{path}?dry_run=true", row))
    assert [change["verb"] for change in tried["changes"]] == ["add"]
    assert (tried["is_in_force"], tried["row"]) == (False, None)
    assert found(await admin.get(f"{READS.get(path, path)}?search={row.get('name', 'no such text')}")) == []
    refused = await admin.post(path, {**row, column: wrong})
    assert (refused.status, places(refused)) == (422, [place])

    before = stage.put_in_force_times
    made = found(await admin.post(path, row))
    reads = READS.get(path, path)
    one, shown = (f"{each}/{made['row']['id']}" for each in (path, reads))
    assert made["is_in_force"]
    assert made["row"]["row"].items() >= row.items() or path == "/notifications/schedules"
    assert stage.put_in_force_times == before + 1
    assert (await admin.post(path, row)).error["code"] == "exists"

    read = await admin.get(shown)
    assert found(read) == made["row"]
    assert read.headers["Etag"] == made["row"]["etag"]
    stale = {"headers": {"If-Match": '"another"'}}
    assert (await admin.ask("PATCH", one, json=part, **stale)).error["code"] == "conflict"
    guarded = {"headers": {"If-Match": read.headers["Etag"]}}
    patched = found(await admin.ask("PATCH", one, json=part, **guarded))
    assert patched["row"]["row"].items() >= part.items()
    assert (await admin.ask("PATCH", one, json=part, **guarded)).error["code"] == "conflict"
    replaced = found(await admin.ask("PUT", one, json=made["row"]["row"]))
    assert replaced["row"]["row"] == made["row"]["row"]
    assert replaced["row"]["id"] == made["row"]["id"]
    assert (await admin.ask("PUT", one, json={**row, column: wrong})).status == 422

    listed = found(await admin.get(f"{reads}?search={made['row']['label'].split()[1]}"))
    assert [each["id"] for each in listed] == [made["row"]["id"]]
    assert found(await admin.ask("DELETE", one))["changes"][0]["verb"] == "delete"
    assert (await admin.get(shown)).status == 404
    assert (await admin.ask("DELETE", one)).status == 404
    entries = await stage.pool.fetch(
        "SELECT actor, details FROM audit_log WHERE action = 'config.change' AND subject = $1 ORDER BY seq",
        made["row"]["label"],
    )
    verbs = [next(verb for verb in ("add", "change", "delete") if each["details"][verb]) for each in entries]
    assert verbs == ["add", "change", "change", "delete"]
    assert {each["actor"] for each in entries} == {"the admin"}


def test_every_table_has_an_endpoint() -> None:
    """The API can change every table that `apply` can, connectors and maintenance windows elsewhere."""
    tables = {resource.table for resource in RESOURCES} | {ProvisionTable.MAINTENANCE_WINDOWS}
    assert tables | {ProvisionTable.CONNECTORS} == set(ProvisionTable)


async def test_a_row_in_use_is_not_deleted(admin: Caller) -> None:
    """The row that uses it is named; deleted together both go."""
    rule = {"name": "all", "channels": [{"channel": "hook"}]}
    assert (await admin.post("/notifications/rules", rule)).status == 200
    refused = await admin.ask("DELETE", "/people/someone")
    assert refused.status == 200
    off = await admin.post("/config/apply", {"connectors": [{**HOOK, "enabled": False}]})
    assert (off.status, off.error["code"]) == (409, "in_use")
    assert places(off) == ["notification_rules.all.channels"]


async def test_rows_of_files_are_taken_over_or_left_alone(stage: Stage, admin: Caller) -> None:
    """The answer names the file and the remedy; taken over (by its name) the row is the database's own."""
    await admin.post("/devices", {"name": "core-1", "ip_address": "10.0.0.1"})
    await stage.pool.execute("UPDATE devices SET provisioned_from = '/etc/noc/devices.yaml'")
    listed = found(await admin.get("/config/devices"))[0]
    assert (listed["declared_in"], listed["is_read_only"]) == ("/etc/noc/devices.yaml", True)
    one = f"/devices/{listed['row']['ip_address']}"
    refused = await admin.ask("PATCH", one, json={"site": "lyon"})
    assert (refused.status, refused.error["code"]) == (409, "declared_in_file")
    assert "/etc/noc/devices.yaml" in str(refused.error["message"])
    assert (await admin.ask("DELETE", one)).error["code"] == "declared_in_file"
    taken = found(await admin.ask("PATCH", "/devices/CORE-1?take_over=true", json={"site": "lyon"}))
    assert (taken["row"]["declared_in"], taken["row"]["is_read_only"]) == (None, False)
    (remark,) = taken["remarks"]
    assert remark.startswith("/etc/noc/devices.yaml still declares the device 10.0.0.1")


async def test_a_document_changes_rows_of_files_until_a_reload(stage: Stage, admin: Caller) -> None:
    """The answer says so, with the file; a document without changes has no remark."""
    devices = [{"name": f"core-{number}", "ip_address": f"10.0.0.{number}"} for number in (1, 2)]
    await admin.post("/config/apply", {"devices": devices})
    await stage.pool.execute("UPDATE devices SET provisioned_from = '/etc/noc/devices.yaml'")
    other = {"devices": [{**devices[0], "site": "lyon"}]}
    (remark,) = found(await admin.post("/config/apply", other))["remarks"]
    assert remark.startswith("/etc/noc/devices.yaml declares the device 10.0.0.1 otherwise: the next reload")


async def test_files_leave_alone_what_was_taken_over(stage: Stage, admin: Caller, tmp_path: Path) -> None:
    """Changed or deleted on the page, it stays so at every reload and is named, until it is taken back."""
    file, key = tmp_path / "devices.yaml", bytes(32)
    file.write_text(
        "devices: [{name: a, ip_address: 10.0.0.1, site: lyon}, {name: b, ip_address: 10.0.0.2},"
        " {name: c, ip_address: 10.0.0.3}]"
    )
    await apply_provision(stage.pool, [file], installed_types(), key=key)
    changed = found(await admin.ask("PATCH", "/devices/10.0.0.1?take_over=true", json={"site": "nice"}))
    assert changed["row"]["taken_over_from"] == str(file)
    gone = found(await admin.ask("DELETE", "/devices/10.0.0.2?take_over=true"))
    assert "which stays deleted" in gone["remarks"][0]
    again = await apply_provision(stage.pool, [file], installed_types(), key=key)
    assert again.summary == "0 added, 0 changed, 0 deleted, 1 unchanged"
    assert [remark.split(" on ")[0] for remark in again.remarks] == [
        f"device 10.0.0.{last} was taken over by the admin" for last in (1, 2)
    ]
    listed = [
        (row["row"]["site"], row["taken_over_from"]) for row in found(await admin.get("/config/devices"))
    ]
    assert listed == [("nice", str(file)), (None, None)]
    document = {"devices": [{"name": "a", "ip_address": "10.0.0.1", "site": "paris"}]}
    assert found(await admin.post("/config/apply", document))["changes"] == []
    assert found(await admin.post("/config/apply?prune=true&dry_run=true", {"connectors": [HOOK]}))[
        "summary"
    ].startswith("0 added, 0 changed, 2 deleted")  # the one that the file has, and the person of the stage
    back = replace(read_provision([file], installed_types()), is_taking_back=True)
    plan = await apply(stage.pool, back, installed_types(), key=key, actor="cli:ada")
    assert (plan.summary, plan.remarks) == ("1 added, 1 changed, 0 deleted, 1 unchanged", ())
    listed = [(row["row"]["site"], row["declared_in"]) for row in found(await admin.get("/config/devices"))]
    assert listed == [("lyon", str(file)), (None, str(file)), (None, str(file))]
    assert await stage.pool.fetchval("SELECT count(*) FROM taken_over") == 0


async def test_keys_do_not_change_and_bodies_are_documents(admin: Caller) -> None:
    """Another name is another row; what is no JSON object is refused."""
    made = found(await admin.post("/teams", {"name": "noc"}))["row"]
    renamed = await admin.ask("PATCH", f"/teams/{made['id']}", json={"name": "soc"})
    assert (renamed.status, places(renamed)) == (422, ["name"])
    for body in ([], "noc", 7):
        assert (await admin.post("/teams", body)).status == 422
    assert (await admin.ask("POST", "/teams", data=b"{")).status == 415
    headers = {"headers": {"Content-Type": "application/json"}}
    assert (await admin.ask("POST", "/teams", data=b"{", **headers)).status == 400
    assert (await admin.post("/teams", {"name": "a\0b"})).status == 422


async def test_dependencies_change_in_bulk(admin: Caller) -> None:
    """All or none: a fault of one is named, and none is stored."""
    rows = [{"device_ip": f"10.0.0.{last}", "depends_on_ip": "10.0.0.1"} for last in (2, 3)]
    made = found(await admin.post("/dependencies/bulk", {"put": rows}))
    assert made["summary"] == "2 added, 0 changed, 0 deleted, 0 unchanged"
    ids = [each["id"] for each in found(await admin.get("/config/dependencies"))]
    wrong = {"device_ip": "10.0.0.4", "depends_on_ip": "10.0.0.4"}
    refused = await admin.post("/dependencies/bulk", {"put": [rows[0], wrong], "delete": ids[1:]})
    assert (refused.status, places(refused)) == (422, ["dependencies.1.depends_on_ip"])
    changed = {"put": [{**rows[0], "confidence": 0.5}], "delete": ids[1:]}
    done = found(await admin.post("/dependencies/bulk", changed))
    assert done["summary"] == "0 added, 1 changed, 1 deleted, 0 unchanged"
    assert len(found(await admin.get("/config/dependencies"))) == 1


async def test_reads_wait_for_no_database_that_is_away(stage: Stage, admin: Caller) -> None:
    """They use the connections of requests: refused at once, and never those of the pipeline's commits.

    What the daemon knows of a running connector it answers all the same.
    """
    assert (await admin.get("/teams")).status == 200
    stage.database._note_away(StoreUnavailable("gone"))
    answers = [await admin.get(path) for path in ("/teams", "/teams/x", "/config/devices")]
    assert [reply.status for reply in answers] == [503] * 3
    stage.desk.known = [connector("traps")]
    known, unknown = await admin.get("/connectors/traps"), await admin.get("/connectors/other")
    assert (known.status, unknown.status) == (200, 503)
    assert found(known)["status"] == "connected"


async def test_a_document_is_applied_as_by_the_command(stage: Stage, admin: Caller) -> None:
    """Repeated it changes nothing; missing rows are pruned; its faults have places."""
    document = {"devices": [{"name": "a", "ip_address": "10.0.0.1"}, {"name": "b", "ip_address": "10.0.0.2"}]}
    assert found(await admin.post("/config/apply?dry_run=true", document))["summary"].startswith("2 added")
    assert found(await admin.post("/config/apply", document))["is_in_force"]
    before = stage.put_in_force_times
    assert found(await admin.post("/config/apply", document))["summary"].endswith("2 unchanged")
    assert stage.put_in_force_times == before
    document = {"connectors": [HOOK], "devices": document["devices"][:1]}
    assert found(await admin.post("/config/apply?prune=true&dry_run=true", document))["changes"]
    wrong = await admin.post("/config/apply", {"devices": [{"name": "a"}, {"nam": "b"}]})
    assert (wrong.status, places(wrong)) == (422, ["devices.1.name", "devices.1.nam"])


async def test_changes_need_the_permission(
    stage: Stage, http: ClientSession, url: str, admin: Caller
) -> None:
    """An operator reads and changes nothing; people are users, and their last administrator stays."""
    operator = await caller(stage, http, url, "operator")
    assert (await operator.get("/devices")).status == 200
    assert (await operator.post("/devices", {"name": "a"})).status == 403
    await stage.pool.execute("UPDATE users SET password_hash = 'x' WHERE username = 'someone'")
    await stage.pool.execute(
        "INSERT INTO user_roles (user_id, role_id) SELECT users.id, roles.id FROM users, roles "
        "WHERE username = 'someone' AND roles.name = 'admin'"
    )
    refused = await admin.ask("PATCH", "/people/someone", json={"enabled": False})
    assert (refused.status, places(refused)) == (409, ["people"])


async def test_a_connector_is_configured_by_its_schema(stage: Stage, admin: Caller) -> None:
    """Types have schemas; a row is checked before it is saved, created, switched off and on, deleted."""
    webhook = found(await admin.get("/connectors/types/webhook"))
    assert (webhook["role"], webhook["config_schema"]["properties"]["secret"]["writeOnly"]) == (
        "channel",
        True,
    )
    assert "webhook" in [each["name"] for each in found(await admin.get("/connectors/types"))]
    assert (await admin.get("/connectors/types/none")).status == 404
    row = {
        "name": "second",
        "type": "webhook",
        "config": {"url": "https://b.example.net", "secret": "x" * 16},
    }
    checked = found(await admin.post("/connectors/check", row))
    assert checked["ok"]
    wrong = await admin.post("/connectors/check", {**row, "config": {"url": "nowhere", "sekret": "y"}})
    assert (wrong.status, places(wrong)) == (422, ["config.url", "config.sekret"])

    made = found(await admin.post("/connectors", row))["row"]
    assert made["row"]["config"]["secret"] == "vault:connector/second/secret"
    off = found(await admin.post("/connectors/second/disable"))
    assert (off["row"]["row"]["enabled"], off["changes"][0]["fields"][0]["name"]) == (False, "enabled")
    assert found(await admin.post(f"/connectors/{made['id']}/enable"))["row"]["row"] == made["row"]
    stored = await stage.pool.fetchval("SELECT config FROM connectors WHERE name = 'second'")
    assert "x" * 16 not in str(stored)
    audited = await stage.pool.fetch("SELECT details FROM audit_log WHERE subject = 'connector second'")
    assert "x" * 16 not in str(audited)
    deleted = found(await admin.ask("DELETE", "/connectors/second"))
    assert deleted["summary"] == "0 added, 0 changed, 1 deleted, 0 unchanged"
    assert (
        await stage.pool.fetchval("SELECT count(*) FROM credentials WHERE name LIKE 'connector/second/%'")
        == 0
    )


async def test_masked_secrets_stay(stage: Stage, admin: Caller) -> None:
    """Plain text stored by another program is masked, cannot be searched, and is moved to the vault."""
    await stage.pool.execute(
        "INSERT INTO connectors (name, type, config) VALUES ('old', 'webhook', $1)",
        {"url": "https://secret.example.net/in", "headers": {"X-Key": "plainly"}},
    )
    row = {
        "name": "old",
        "type": "webhook",
        "config": {"url": "(secret)", "headers": {"X-Key": "(secret)"}, "method": "PUT"},
    }
    checked = found(await admin.post("/connectors/check", row))
    assert checked["details"]["config"]["url"] == "https://secret.example.net/in"
    changed = found(await admin.ask("PUT", "/connectors/old", json=row))
    assert "plainly" not in str(changed)
    assert changed["row"]["row"]["config"]["headers"] == {"X-Key": "vault:connector/old/headers/X-Key"}
    unknown = await admin.post("/connectors", {**row, "name": "other"})
    assert (unknown.status, places(unknown)) == (422, ["config.url", "config.headers.X-Key"])
