"""Decisions of administrators and the inventory are read back as values of the model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from opsconductor.model.enums import Category, ConnectorStatus, DependencyType, Severity
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.mappings.mapping import SeverityMap
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.store.configuration import (
    ConnectorNews,
    load_connectors,
    load_dependencies,
    load_devices,
    load_mappings,
    save_connector_status,
)
from opsconductor.store.declared.rules import load_rules

RULE, DEVICE = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def test_mappings(pool: asyncpg.Pool) -> None:
    """The seeds come with severity by value, resource, expiry and what clears them."""
    mappings = {mapping.mib_object: mapping for mapping in await load_mappings(pool)}
    down = mappings["linkDown"]
    assert down.severity_map == SeverityMap(varbind="1.3.6.1.2.1.2.2.1.7", values={"2": Severity.INFO})
    assert (down.category, down.default_severity) == (Category.NETWORK, Severity.MAJOR)
    assert down.is_cutting
    assert down.expires_after is None
    assert down.clear_oid_pattern == mappings["linkUp"].oid_pattern
    assert mappings["coldStart"].expires_after == timedelta(hours=1)
    assert mappings["coldStart"].severity_map is None


async def test_rules(pool: asyncpg.Pool) -> None:
    """Conditions and recipients may be one text or a list; what is missing does not restrict."""
    await pool.execute(
        """INSERT INTO notification_rules (id, name, priority, conditions, channels, throttle_minutes,
                                           last_triggered_at) VALUES
           ($1, 'all', 50, $2, $3, 5, $4), ($5, 'open', 10, '{}', '[{"channel": "hook"}]', 0, NULL)""",
        RULE,
        {"severity": "critical", "category": ["power", "network"], "device_ip_pattern": ["10.1.*"]},
        [{"channel": "mail", "recipients": ["a@x", "b@x"]}, {"channel": "sms", "recipients": "1"}],
        NOON,
        UUID(int=9),
    )
    first, second = await load_rules(pool)
    assert (first.name, first.conditions, first.channels) == (
        "open",
        Conditions(),
        (RuleChannel(channel="hook"),),
    )
    assert second.changed_at is not None
    assert replace(second, changed_at=None) == NotificationRule(
        id=RULE,
        name="all",
        priority=50,
        conditions=Conditions(
            severity=(Severity.CRITICAL,),
            category=(Category.POWER, Category.NETWORK),
            device_ip_pattern=("10.1.*",),
        ),
        channels=(
            RuleChannel(channel="mail", recipients=("a@x", "b@x")),
            RuleChannel(channel="sms", recipients=("1",)),
        ),
        throttle=timedelta(minutes=5),
        last_triggered_at=NOON,
    )


async def test_inventory(pool: asyncpg.Pool) -> None:
    """Devices come with their further addresses, dependencies with the ports that carry them."""
    await pool.execute(
        "INSERT INTO devices (id, ip_address, name, site, tags) VALUES ($1, '10.0.0.1', 'sw1', 'A', '{x}')",
        DEVICE,
    )
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.2', 'sw2')")
    await pool.execute(
        "INSERT INTO device_addresses VALUES ('80001f88', 'engine_id', $1), ('10.9.9.9', 'ip', $1)", DEVICE
    )
    await pool.execute(
        "INSERT INTO dependencies (device_ip, depends_on_ip, via_resources) "
        "VALUES ('10.0.0.2', '10.0.0.1', '{ifIndex=7,ifIndex=8}')"
    )
    first, second = await load_devices(pool)
    assert first == Device(
        id=DEVICE,
        ip_address="10.0.0.1",
        name="sw1",
        site="A",
        tags=("x",),
        addresses=("10.9.9.9", "80001f88"),
    )
    assert (second.addresses, second.custom_fields) == ((), {})
    assert await load_dependencies(pool) == [
        Dependency(
            device_ip="10.0.0.2",
            depends_on_ip="10.0.0.1",
            dependency_type=DependencyType.NETWORK,
            via_resources=("ifIndex=7", "ifIndex=8"),
        )
    ]


async def test_connectors_and_their_counts(pool: asyncpg.Pool) -> None:
    """Counts add up; those of today begin anew at midnight UTC; an error keeps the last success."""
    await pool.execute(
        "INSERT INTO connectors (name, type, enabled, config) VALUES ('traps', 'snmp_trap', false, $1)",
        {"listen": ["0.0.0.0:162"]},
    )
    (row,) = await load_connectors(pool)
    assert (row.name, row.type, row.enabled, row.config) == (
        "traps",
        "snmp_trap",
        False,
        {"listen": ["0.0.0.0:162"]},
    )
    eleven, twelve = NOON + timedelta(hours=11), NOON + timedelta(hours=12)
    for news in [
        connected(3, at=NOON),
        replace(connected(4, at=eleven), polled_at=eleven, succeeded_at=eleven),
        replace(
            connected(2, at=twelve),
            status=ConnectorStatus.ERROR,
            error_message="no\0 route",
            polled_at=twelve,
        ),
    ]:
        await save_connector_status(pool, "traps", news)
    saved = await pool.fetchrow("SELECT * FROM connectors")
    assert (saved["status"], saved["error_message"]) == ("error", "no\\x00 route")
    assert (saved["alerts_received"], saved["alerts_today"]) == (9, 2)
    assert saved["last_success_at"] == NOON + timedelta(hours=11)
    assert saved["last_poll_at"] == NOON + timedelta(hours=12)


def connected(received: int, *, at: datetime) -> ConnectorNews:
    """Make the status of a connector that works."""
    return ConnectorNews(
        status=ConnectorStatus.CONNECTED,
        error_message=None,
        received=received,
        polled_at=None,
        succeeded_at=None,
        at=at,
    )


async def test_a_deleted_connector_is_left_alone(pool: asyncpg.Pool) -> None:
    """Its last status finds no row, and that is no error."""
    await save_connector_status(pool, "gone", connected(1, at=NOON))
    assert await load_connectors(pool) == []


@pytest.mark.parametrize("load", [load_rules, load_devices, load_dependencies, load_connectors])
async def test_nothing_declared_is_nothing(pool: asyncpg.Pool, load: object) -> None:
    """A new database has mappings and nothing else."""
    assert callable(load)
    assert await load(pool) == []
