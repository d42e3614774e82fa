"""Applying provisioning files to a real database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import name_of
from opsconductor.config.secrets import resolve
from opsconductor.errors import ConfigError, SecretError, StoreRejected
from opsconductor.store.access.credentials import open_vault
from opsconductor.store.declared.provisioning import apply_provision, preview
from tests.support.daemons.declaring import EVERYTHING, INSTALLED, KEY, applied, rewrite

CONDITIONS = '[{"equals": ["6"], "varbind": "ifType"}, {"matches": "^Gi", "varbind": "ifName"}]'
STATE = """
SELECT 'connectors', xmin::text, to_jsonb(t)::text FROM connectors AS t
UNION ALL SELECT 'oid_mappings', xmin::text, to_jsonb(t)::text FROM oid_mappings AS t
UNION ALL SELECT 'devices', xmin::text, to_jsonb(t)::text FROM devices AS t
UNION ALL SELECT 'device_addresses', xmin::text, to_jsonb(t)::text FROM device_addresses AS t
UNION ALL SELECT 'dependencies', xmin::text, to_jsonb(t)::text FROM dependencies AS t
UNION ALL SELECT 'notification_rules', xmin::text, to_jsonb(t)::text FROM notification_rules AS t
UNION ALL SELECT 'credentials', xmin::text, to_jsonb(t)::text FROM credentials AS t
UNION ALL SELECT 'audit_log', xmin::text, to_jsonb(t)::text FROM audit_log AS t
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that declares every column of every table."""
    path = tmp_path / "all.yaml"
    path.write_text(EVERYTHING)
    return path


def changes_of(plan: ProvisionPlan) -> list[str]:
    """List the changes of a plan as a diff names them."""
    return [f"{change.verb} {name_of(change.table, change.key)}" for change in plan.changes]


async def state(pool: asyncpg.Pool) -> list[tuple[str, ...]]:
    """Read everything that applying may touch, with the transaction that wrote it."""
    return sorted(tuple(row) for row in await pool.fetch(STATE))


async def one(pool: asyncpg.Pool, sql: str, *values: object) -> dict[str, Any]:
    """Read one row."""
    row = await pool.fetchrow(sql, *values)
    assert row is not None
    return dict(row)


async def test_every_declared_column_arrives(pool: asyncpg.Pool, file: Path) -> None:
    """All columns have the values of the file, in their one form, marked with the file."""
    plan = await apply_provision(pool, [file], INSTALLED, key=KEY)
    assert plan.summary == "7 added, 0 changed, 0 deleted, 0 unchanged"
    mapping = await one(pool, "SELECT * FROM oid_mappings WHERE vendor = 'cisco'")
    assert mapping["severity_map"] == {"varbind": "1.3.6.1.2", "values": {"1": "clear", "2": "critical"}}
    assert (mapping["expires_after_s"], mapping["is_cutting"], mapping["origin"]) == (60, True, "own")
    assert mapping["conditions"] == [
        {"varbind": "ifType", "equals": ["6"]},
        {"varbind": "ifName", "matches": "^Gi"},
    ]
    assert mapping["cases"] == [
        {
            "when": [{"varbind": "ifOperStatus", "equals": ["down", "7"]}],
            "severity": "critical",
            "alert_type": "network_y",
        }
    ]
    assert mapping["clear_conditions"] == [
        {"varbind": "ifOperStatus", "differs_from": ["down"], "is_present": True}
    ]
    assert mapping["more_resources"] == ["other={ifIndex#}"]
    device = await one(pool, "SELECT * FROM devices WHERE name = 'core-1'")
    assert device["tags"] == ["b", "a"]
    assert device["custom_fields"] == {"rack": "07", "units": [1, 2]}
    addresses = await pool.fetch("SELECT address, kind FROM device_addresses ORDER BY address")
    assert [tuple(row) for row in addresses] == [
        ("10.0.0.11", "ip"),
        ("2001:db8::1", "ip"),
        ("80001f8880a1b2c3d4", "engine_id"),
    ]
    dependency = await one(pool, "SELECT * FROM dependencies")
    assert (dependency["dependency_type"], str(dependency["confidence"])) == ("network", "0.56")
    rule = await one(pool, "SELECT * FROM notification_rules")
    assert rule["conditions"] == {
        "severity": ["major"],
        "device_ip_pattern": ["10.0.0.0/8", "10.1.*"],
        "alert_type": ["network_*"],
    }
    assert rule["channels"] == [{"channel": "mail", "recipients": ["noc@example.net"]}]
    for declared in (mapping, device, dependency, rule):
        assert declared["provisioned_from"] == str(file)


async def test_secrets_are_kept_in_the_vault_alone(pool: asyncpg.Pool, file: Path) -> None:
    """No table holds them readable, the vault gives them back, references stay references."""
    await applied(pool, file)
    config = (await one(pool, "SELECT config FROM connectors WHERE name = 'mail'"))["config"]
    assert config["password"] == "vault:connector/mail/password"
    assert config["tokens"] == ["${env:TOKEN}"]
    vault = await open_vault(pool, KEY)
    assert resolve({**config, "tokens": []}, vault.open) == {
        "host": "mx",
        "password": "hunter2hunter2",
        "tokens": [],
        "headers": {"X-Key": "four"},
    }
    assert "hunter2" not in str(await state(pool))


async def test_applying_twice_changes_nothing(pool: asyncpg.Pool, file: Path) -> None:
    """The second time no row is touched, not even its time of change."""
    await applied(pool, file)
    before = await state(pool)
    plan = await applied(pool, file, prune=True)
    assert plan.summary == "0 added, 0 changed, 0 deleted, 7 unchanged"
    assert await state(pool) == before


async def test_preview_shows_and_changes_nothing(pool: asyncpg.Pool, file: Path) -> None:
    """A dry run makes the same plan and leaves no trace."""
    before = await state(pool)
    plan = await preview(pool, read_provision([file], INSTALLED), INSTALLED, key=KEY)
    assert len(changes_of(plan)) == 7
    assert await state(pool) == before
    assert changes_of(await applied(pool, file)) == changes_of(plan)


async def test_change_keeps_what_is_the_daemons_own(pool: asyncpg.Pool, file: Path) -> None:
    """Ids, counters, states and times of a row survive a change of what is declared."""
    await applied(pool, file)
    await pool.execute(
        "UPDATE connectors SET status = 'connected', alerts_received = 5; "
        "UPDATE notification_rules SET last_triggered_at = now(); UPDATE devices SET netbox_id = 7 "
        "WHERE name = 'core-1'"
    )
    before = [
        await one(pool, "SELECT id, status, alerts_received FROM connectors WHERE name = 'mail'"),
        await one(pool, "SELECT id, last_triggered_at FROM notification_rules"),
        await one(pool, "SELECT id, netbox_id FROM devices WHERE ip_address = '10.0.0.1'"),
    ]
    text = EVERYTHING.replace("host: mx", "host: mx2").replace("priority: 5", "priority: 6")
    rewrite(file, text.replace("name: core-1", "name: core-one"))
    assert changes_of(await applied(pool, file)) == [
        "~ connector mail",
        "~ device 10.0.0.1",
        "~ notification_rule majors",
    ]
    assert before == [
        await one(pool, "SELECT id, status, alerts_received FROM connectors WHERE name = 'mail'"),
        await one(pool, "SELECT id, last_triggered_at FROM notification_rules"),
        await one(pool, "SELECT id, netbox_id FROM devices WHERE ip_address = '10.0.0.1'"),
    ]


async def test_prune_deletes_what_files_declare_no_more(pool: asyncpg.Pool, file: Path) -> None:
    """Rows of files go with their addresses and secrets; rows made by hand and seeds stay."""
    await applied(pool, file)
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.9', 'by hand')")
    seeds = await pool.fetchval("SELECT count(*) FROM oid_mappings WHERE provisioned_from IS NULL")
    rewrite(file, "devices: [{ip_address: 10.0.0.2, name: access-1}]\n")
    assert (await applied(pool, file)).changes == ()
    assert changes_of(await applied(pool, file, prune=True)) == [
        "- connector mail",
        "- connector traps",
        f"- oid_mapping 1.3.6.1.4.1.9.* of cisco where {CONDITIONS}",
        "- device 10.0.0.1",
        "- dependency 10.0.0.2 -> 10.0.0.1 (network)",
        "- notification_rule majors",
    ]
    names = await pool.fetch("SELECT name FROM devices ORDER BY name")
    assert [row["name"] for row in names] == ["access-1", "by hand"]
    assert await pool.fetchval("SELECT count(*) FROM device_addresses") == 0
    assert await pool.fetchval("SELECT count(*) FROM credentials") == 0
    assert await pool.fetchval("SELECT count(*) FROM oid_mappings") == seeds


async def test_row_made_by_hand_is_taken_over_and_then_the_files(pool: asyncpg.Pool, file: Path) -> None:
    """A file that differs from a row made by hand wins, visibly, and owns it from then on."""
    await pool.execute(
        "INSERT INTO dependencies (device_ip, depends_on_ip, auto_discovered, created_by) "
        "VALUES ('10.0.0.2', '10.0.0.1', true, 'discovery')"
    )
    plan = await applied(pool, file)
    taken = [change for change in plan.changes if change.is_takeover]
    assert [name_of(change.table, change.key) for change in taken] == [
        "dependency 10.0.0.2 -> 10.0.0.1 (network)"
    ]
    row = await one(pool, "SELECT auto_discovered, created_by, provisioned_from FROM dependencies")
    assert row == {"auto_discovered": False, "created_by": "discovery", "provisioned_from": str(file)}


async def test_one_fault_changes_nothing_at_all(pool: asyncpg.Pool, file: Path, tmp_path: Path) -> None:
    """A fault in the last of several files keeps all of them out."""
    bad = tmp_path / "bad.yaml"
    before = await state(pool)
    rewrite(bad, "notification_rules: [{name: r, channels: [{channel: nobody}]}]\n")
    with pytest.raises(ConfigError, match=r'bad\.yaml:1: notification_rules\[0\].*found "nobody"'):
        await applied(pool, file, bad)
    assert await state(pool) == before


async def test_refusal_in_the_middle_of_writing_changes_nothing(pool: asyncpg.Pool, file: Path) -> None:
    """When PostgreSQL refuses the last table, the first ones are undone."""
    await pool.execute("ALTER TABLE notification_rules ADD CHECK (name <> 'majors')")
    before = await state(pool)
    with pytest.raises(StoreRejected):
        await applied(pool, file)
    assert await state(pool) == before


async def test_address_moves_between_declared_devices(pool: asyncpg.Pool, file: Path) -> None:
    """An address may change hands within one application."""
    await applied(pool, file)
    text = EVERYTHING.replace(", 10.0.0.11]", "]")
    rewrite(file, text.replace("name: access-1}", "name: access-1, addresses: 10.0.0.11}"))
    await applied(pool, file)
    owner = await one(
        pool,
        "SELECT name FROM devices JOIN device_addresses ON device_id = id WHERE address = '10.0.0.11'",
    )
    assert owner["name"] == "access-1"


async def test_two_applications_at_once_are_one_after_the_other(pool: asyncpg.Pool, file: Path) -> None:
    """The daemon and a command line may apply at the same moment; the second finds all done."""
    plans = await asyncio.gather(applied(pool, file), applied(pool, file))
    assert sorted(len(plan.changes) for plan in plans) == [0, 7]


async def test_vault_refuses_another_key(pool: asyncpg.Pool, file: Path) -> None:
    """With the wrong key nothing is applied: it would seal secrets that the daemon cannot open."""
    await applied(pool, file)
    with pytest.raises(SecretError, match="encrypted with another key"):
        await apply_provision(pool, [file], INSTALLED, key=bytes(32))


async def test_vault_without_entries_takes_any_key(pool: asyncpg.Pool) -> None:
    """As long as nothing is sealed, a lost key costs nothing."""
    await open_vault(pool, KEY)
    assert (await open_vault(pool, bytes(32))).names == ()


async def test_applying_is_audited(pool: asyncpg.Pool, file: Path) -> None:
    """The audit log says who changed what, without any secret."""
    await applied(pool, file)
    await applied(pool, file)
    entry = await one(pool, "SELECT actor, details FROM audit_log WHERE action = 'provision.apply'")
    assert entry["actor"] == "test"
    assert "connector mail" in entry["details"]["add"]
    values = entry["details"]["values"]["connector mail"]
    assert (values["before"], values["after"]["name"]) == (None, "mail")
    assert "hunter2" not in json.dumps(entry["details"])
