"""A configuration that is tried is the one that applying the same files would make; no secret is needed."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from opsconductor.app.configuring.loading import Configuration, read_configuration
from opsconductor.app.configuring.rehearsal import Request, build_sources, rehearse
from opsconductor.app.configuring.trial import InForce, planned, with_changes
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.sections.watch import CanarySettings
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.errors import ConfigError
from opsconductor.inventory.enforce import enforce
from opsconductor.model.changes import Changes
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.mappings.mapping import Origin
from opsconductor.snmp.message import encode
from opsconductor.store.commit.commit import commit
from opsconductor.store.configuration import load_dependencies, load_devices, load_mappings
from opsconductor.store.declared.provisioning import apply, read_provisioned
from opsconductor.store.raw_events import Span
from tests.support.engine.inventories import A_WEEK, found, inventory, way
from tests.support.store.stored import NOW

EXAMPLES = Path(__file__).parents[3] / "etc" / "examples"
KEY = bytes(32)
CANARY = CanarySettings()
NO_ID = UUID(int=0)
SPAN = Span(begin=NOW.replace(hour=0), end=NOW.replace(hour=23))
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"

RENAMED = f"""
oid_mappings:
  - oid_pattern: {LINK_DOWN}
    alert_type: network_port_down
    category: network
    default_severity: critical
    title_template: Port down
devices:
  - {{ip_address: 10.0.0.1, name: core-1, addresses: [10.0.0.2]}}
"""
SECRETIVE = """
connectors:
  - name: traps
    type: snmp_trap
    config:
      communities: ["vault:somewhere", "${env:NEVER_SET}"]
      snmpv3_users:
        - {username: noc, auth_protocol: SHA, auth_password: "${file:/nowhere/at/all}"}
"""


def content(configuration: Configuration) -> object:
    """Write down a configuration but for the ids of its rows and the times of their changes."""
    return (
        {name: replace(row, id=NO_ID) for name, row in configuration.connectors.items()},
        [replace(device, id=NO_ID) for device in configuration.inventory.devices],
        vars(configuration.inventory.graph),
        configuration.mappings._by_pattern,
        [replace(rule, id=NO_ID, changed_at=None) for rule in configuration.rules],
    )


def sure_paths(configuration: Configuration) -> list[list[str]]:
    """List the providers that can be causes, of the devices of the inventory that have any."""
    needs = configuration.inventory.graph.needs
    found = [needs.get(device, ()) for device in ("10.3.3.3", "10.20.0.1")]
    return [[path.provider for path in need.paths if path.is_sure] for each in found for need in each]


def an_event(payload: bytes, connector: str = "traps") -> ArchivedEvent:
    """Make an event of the archive."""
    return ArchivedEvent(
        id=UUID(int=1), connector=connector, received_at=NOW, peer="10.0.0.2", payload=payload
    )


def link_down() -> bytes:
    """Write a trap as the archive keeps it."""
    variables = encode.notification_varbinds(LINK_DOWN, 1, ())
    return encode.message_v2c(b"*", encode.pdu(encode.TRAP_V2, 1, variables))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings of a daemon on a new database."""
    return Settings(data_dir=tmp_path, database=DatabaseSettings.model_validate({"url": database_url}))


def a_file(folder: Path, text: str) -> Path:
    """Write a provisioning file."""
    path = folder / "more.yaml"
    path.write_text(text)
    return path


async def test_trying_is_like_applying(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """Every example that we ship, and a change on top, gives the configuration that applying it gives.

    What an inventory has found is there in both, of devices that files take over as well. Dependencies
    that are missing from it, or below the configured floor, suppress nothing in either.
    """
    installed = installed_types()
    facts = {"role": "from NetBox", "manufacturer": "Cisco", "custom_fields": {"asset": 7}}
    listed = [
        found(1, "10.20.0.1", "10.20.77.1", **facts),
        found(2, "10.0.0.1", "10.0.0.77", site="B", **facts),
    ]
    listed.append(found(3, "10.3.3.3"))
    ways = [way("10.3.3.3", "10.20.0.1"), way("10.3.3.3", "10.0.0.1", confidence=0.6)]
    gone = way("10.20.0.1", "10.0.0.1")
    await enforce(pool, "netbox", inventory(listed, [*ways, gone]), A_WEEK)
    await enforce(pool, "netbox", inventory(listed, ways, days=1), A_WEEK)
    for paths in ([EXAMPLES], [a_file(tmp_path, RENAMED)]):
        provision = read_provision(paths, installed)
        present = await read_provisioned(pool)
        plan = planned(provision, present)
        assert plan.changes
        known = InForce(
            devices=await load_devices(pool),
            dependencies=await load_dependencies(pool),
            floor=0.9,
            canary=CANARY,
            packs=[each for each in await load_mappings(pool) if each.origin is Origin.PACK],
        )
        tried = with_changes(present, plan.changes, known)
        assert content(await read_configuration(pool, CANARY, floor=0.9)) != content(tried)
        await apply(pool, provision, installed, key=KEY, actor="test")
        assert content(await read_configuration(pool, CANARY, floor=0.9)) == content(tried)
        assert [len(paths) for paths in sure_paths(tried)] == [1]


async def test_an_invalid_file_is_refused(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """A file that could not be applied cannot be tried."""
    await apply(pool, read_provision([a_file(tmp_path, RENAMED)], installed_types()), installed_types(),
                key=KEY, actor="test")  # fmt: skip
    other = a_file(tmp_path, "devices: [{ip_address: 10.0.0.9, name: thief, addresses: [10.0.0.2]}]")
    with pytest.raises(ConfigError, match=r"core-1 in the database"):
        planned(read_provision([other], installed_types()), await read_provisioned(pool))


async def test_no_secret_is_needed(
    pool: asyncpg.Pool, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the vault's key, environment and files of the daemon the past can be lived through."""
    monkeypatch.delenv("NEVER_SET", raising=False)
    await commit(pool, Changes(archive=(an_event(link_down()), replace(an_event(b"?"), id=UUID(int=2)))))
    provision = read_provision([a_file(tmp_path, SECRETIVE + RENAMED)], installed_types())
    shown = await rehearse(settings, Request(span=SPAN, device="10.0.0.2", provision=provision), print)
    (alert,) = shown.outcome.alerts.values()
    assert (alert.device_name, alert.alert_type, shown.device) == ("core-1", "network_port_down", "10.0.0.1")
    assert shown.outcome.undecodable == {("traps", "truncated"): 1}
    assert not (tmp_path / "secrets.key").exists()


async def test_connectors_that_cannot_be_built_are_named(
    pool: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """The events of such a connector are left out, with the reason; the others are lived through."""
    await pool.execute(
        "INSERT INTO connectors (name, type, config) VALUES ('odd', 'no_such_type', '{}'), "
        """('traps', 'snmp_trap', '{}'), ('broken', 'snmp_trap', '{"listen": "nowhere"}')"""
    )
    events = [
        replace(an_event(link_down(), name), id=UUID(int=n))
        for n, name in enumerate(["odd", "traps", "broken"])
    ]
    await commit(pool, Changes(archive=tuple(events)))
    _, faults = build_sources(await read_configuration(pool, CANARY), tmp_path)
    assert "no connector type no_such_type" in faults["odd"]
    assert "listen" in faults["broken"]
    shown = await rehearse(settings, Request(span=SPAN), print)
    assert shown.outcome.no_connector == {"odd": 1, "broken": 1}
    assert len(shown.outcome.alerts) == 1
    assert shown.reach == (NOW, NOW)
