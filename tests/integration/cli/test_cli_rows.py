"""Commands on declared rows, alike for every table, against the real API."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest
import yaml
from aiohttp import ClientSession

from opsconductor.cli.rows import kinds
from opsconductor.cli.rows.kinds import RowKind
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Stage, caller
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

DECLARED = """
connectors: [{name: hook, type: webhook, config: {url: "https://hook.example.net"}}]
oid_mappings:
  - {oid_pattern: 1.3.6.1.4.1.99999.1, alert_type: power_failed, category: power, default_severity: major,
     title_template: Power failed}
devices: [{name: core-1, ip_address: 10.0.0.1, site: lyon}]
dependencies: [{device_ip: 10.0.0.2, depends_on_ip: 10.0.0.1}]
people: [{name: ada, contact_methods: [{channel: hook}]}]
teams: [{name: noc, members: [ada]}]
schedules:
  - {name: nights, time_zone: UTC,
     layers: [{name: first, starts: 2026-01-05, every: 7d, participants: [ada]}]}
escalation_policies: [{name: climb, steps: [{notify: [{team: noc}]}]}]
notification_rules: [{name: all, channels: [{channel: hook}]}]
alert_rules: [{name: hot, metric: temperature, warning: 40}]
machine_configurations:
  - {machine_type: ups, baselines: {temperature: {expected: 25, variation: 2}},
     thresholds: [{metric: temperature, warning: 40}]}
"""
GROUPS = {
    ("devices", "declared"): kinds.DEVICE,
    ("dependencies", "declared"): kinds.DEPENDENCY,
    ("connectors",): kinds.CONNECTOR,
    ("mappings", "own"): kinds.MAPPING,
    ("rules",): kinds.RULE,
    ("policies",): kinds.POLICY,
    ("schedules",): kinds.SCHEDULE,
    ("people",): kinds.PERSON,
    ("teams",): kinds.TEAM,
    ("alert-rules",): kinds.ALERT_RULE,
    ("machine-configurations",): kinds.MACHINE,
}


@pytest.fixture
async def prepared(stage: Stage, terminal: Terminal, http: ClientSession, url: str) -> Terminal:
    """Provide a terminal whose user may read the local key, and a row in each table."""
    await ensure_local_token(stage.pool, terminal.folder)
    document = yaml.safe_load(DECLARED)
    admin = await caller(stage, http, url, "admin")
    assert (await admin.post("/config/apply", json.loads(json.dumps(document, default=str)))).status == 200
    return terminal


async def test_every_table_is_listed_and_its_rows_are_shown(prepared: Terminal) -> None:
    """In four forms; what `list --output yaml` prints is a provisioning file, `show` prints a row."""
    everything = yaml.safe_load(DECLARED)
    for group, kind in GROUPS.items():
        shown = yaml.safe_load(await prepared.run(*group, "list", "--output", "yaml"))
        assert list(shown) == [kind.table]
        assert await prepared.run(*group, "list")
        rows = json.loads(await prepared.run(*group, "list", "--output", "json"))
        table = list(csv.reader(io.StringIO(await prepared.run(*group, "list", "--output", "csv"))))
        assert [line[0] for line in table] == ["id", *(row["id"] for row in rows)]
        row = yaml.safe_load(await prepared.run(*group, "show", rows[0]["id"]))
        assert row.keys() >= everything[kind.table][0].keys()
        assert row in shown[kind.table]


async def test_rows_are_created_changed_and_deleted(prepared: Terminal) -> None:
    """By values and by files; a dry run changes nothing; faults and what is in use end with a message."""
    run = prepared.run
    assert "+ device 10.0.0.7" in await run(
        "devices", "create", "--set", "name=edge-7", "--set", "ip_address=10.0.0.7", "--set", "tags=[a, b]"
    )
    assert "dry run" in await run("devices", "update", "10.0.0.7", "--set", "site=nice", "--dry-run")
    output = await run("devices", "update", "10.0.0.7", "--set", "custom_fields.rack=12", "--unset", "tags")
    assert output.startswith('~ device 10.0.0.7: tags ["a", "b"] -> []; custom_fields.rack null -> 12')
    (prepared.folder / "device.yaml").write_text("name: edge-7\nip_address: 10.0.0.7\nsite: nice\n")
    await run("devices", "update", "10.0.0.7", str(prepared.folder / "device.yaml"))
    assert yaml.safe_load(await run("devices", "declared", "show", "10.0.0.7"))["site"] == "nice"
    assert "delete 10.0.0.7?" in (await run("devices", "delete", "10.0.0.7", typed="n\n", fails=True)).lower()
    changed = json.loads(await run("devices", "delete", "10.0.0.7", "--yes", "--json"))
    assert [change["verb"] for change in changed["changes"]] == ["delete"]
    assert "there is no device" in await run("devices", "show", "10.0.0.7", fails=True)
    assert "time_zone: found" in await run("people", "update", "ada", "--set", "time_zone=Mars", fails=True)
    assert "other rows need" in await run("connectors", "delete", "hook", "--yes", fails=True)
    assert "expected COLUMN=VALUE" in await run("teams", "create", "--set", "noc", fails=True)


async def test_connectors_are_switched_and_their_types_shown(prepared: Terminal) -> None:
    """A file of another program's rows is created whole; keys of a type are listed with their meaning."""
    rows = (
        "- {name: two, type: webhook, config: {url: 'https://two.example.net', secret: '0123456789abcdef'}}"
    )
    (prepared.folder / "two.yaml").write_text(rows)
    assert "+ connector two" in await prepared.run("connectors", "create", str(prepared.folder / "two.yaml"))
    assert "enabled true -> false" in await prepared.run("connectors", "disable", "two")
    assert "0 added, 0 changed" in await prepared.run("connectors", "disable", "two")
    assert "enabled false -> true" in await prepared.run("connectors", "enable", "two")
    assert "0123456789abcdef" not in await prepared.run("connectors", "show", "two")
    assert "snmp_trap" in await prepared.run("connectors", "types")
    output = await prepared.run("connectors", "types", "webhook")
    assert "required" in output
    assert "secret; Key of the HMAC-SHA256 signature" in output


async def test_a_row_is_edited_until_it_has_no_fault(prepared: Terminal, tmp_path: Path) -> None:
    """Faults are shown in the editor again; nothing saved is nothing changed; the key file is enough."""
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!/bin/sh\ncp $1 {tmp_path}/seen.$(ls {tmp_path}/seen.* 2>/dev/null | wc -l)\n"
        "if grep -q '^#!' $1; then sed -i 's/Mars/Europe\\/Paris/' $1; else sed -i 's/UTC/Mars/' $1; fi\n"
    )
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    prepared.environment["EDITOR"] = str(editor)
    output = await prepared.run("schedules", "edit", "nights")
    assert "time_zone UTC -> Europe/Paris" in output
    assert "#! " in (tmp_path / "seen.1").read_text()
    prepared.environment["EDITOR"] = "true"
    assert "nothing was changed" in await prepared.run("schedules", "edit", "nights")
    key = (prepared.folder / "key").absolute()
    key.write_text("ops_wrong\n")
    output = await prepared.run("teams", "list", "--key-file", str(key), fails=True)
    assert "key" in output


def test_every_kind_has_a_group() -> None:
    """No table is forgotten; maintenance windows have commands of their own."""
    known = {each for each in vars(kinds).values() if isinstance(each, RowKind)}
    assert known == set(GROUPS.values())
