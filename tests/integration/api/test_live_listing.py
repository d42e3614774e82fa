"""A list from memory equals the list of PostgreSQL: same alerts, same order, same number."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random, randrange
from typing import Any

import asyncpg
import pytest

from opsconductor.api import listing
from opsconductor.api.opened.sums import rated
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store.alerts import listing as store
from opsconductor.store.alerts.filter import SORTS, AlertFilter
from opsconductor.store.alerts.lacking import Lacking
from opsconductor.store.alerts.order import whole_order
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster
from tests.support.engine.alert_changes import START, alert_of, created

ALERTS = 300
NO_STATUS: Any = ("none",)
QUERIES = 2_000 if "FUZZ_SECONDS" in os.environ else 200
"""Drawn anew in every run, for each of two servers and two sizes of slices; `make fuzz` draws more."""
NAMES = (None, "core-1", "Core-1", "core_2", "edge 9", "Überlingen", "überlingen", "100%", "", "a\\b")
WORDS = ("Link down", "link DOWN", "50% of Fans_failed", "Überspannung", "überspannung", "x\\y", "日本 power")
SEARCHES = (
    "down", "LINK", "%", "_", "\\", "10.0.0.1", "ÜBER", "日", "core-1\nx", "link do", "fans_f", "ink",
    "core-", "down link", "0.0", "x\\", "50%", "überlingen 10.0.0", "日本 power", "of fans",
    "'", ":*", "power" * 20,
)  # fmt: skip
SOURCES = ("traps", "prtg", "Traps")


def some(chance: Random, number: int, causes: Sequence[Alert]) -> Alert:
    """Make an alert with many values equal to others, so that orders have ties."""
    minute = START + timedelta(minutes=chance.randrange(20))
    status = chance.choice(list(Status))
    address = chance.choice((None, "10.0.0.1", "10.0.0.10", "10.0.0.2", "2001:db8::1"))
    return replace(
        alert_of(number),
        status=status,
        severity=chance.choice(list(Severity)),
        resource=chance.choice(("ifIndex=7", "", "x" * 120)),
        alert_type=chance.choice(("network_link_down", "power_failed", "power_on_battery")),
        assigned_to=chance.choice((None, "anna", "bernd")),
        tags=chance.choice(((), ("core",), ("core", "lab"))),
        category=chance.choice(list(Category)),
        priority=chance.choice(list(Priority)),
        device_ip=address,
        device_name=chance.choice(NAMES[1:] if address is None else NAMES),
        title=chance.choice(WORDS),
        message=chance.choice((*WORDS, "")),
        source_system=chance.choice(SOURCES),
        occurred_at=minute,
        received_at=minute + timedelta(microseconds=chance.randrange(3)),
        last_occurrence_at=minute,
        occurrence_count=chance.randrange(1, 4),
        acknowledged_at=minute if status is Status.ACKNOWLEDGED else None,
        resolved_at=None if status in OPEN_STATUSES else minute,
        correlated_to_id=chance.choice(causes).id if causes and chance.random() < 0.3 else None,
        impacted=chance.randrange(3),
    )


def a_filter(chance: Random, alerts: Sequence[Alert]) -> AlertFilter:
    """Choose conditions, few at a time so that something is found."""
    one = chance.choice(alerts)
    parts: dict[str, Any] = {
        "status": tuple(chance.sample(list(Status), 2)),
        "severity": tuple(chance.sample(list(Severity), 3)),
        "category": tuple(chance.sample(list(Category), 4)),
        "priority": tuple(chance.sample(list(Priority), 2)),
        "device_ip": ("10.0.0.1", "2001:db8::1"),
        "source_system": ("traps",),
        "correlated_to_id": (alerts[0].id, alerts[1].id),
        "root_id": (chance.choice(alerts).id, chance.choice(alerts[:20]).id),
        "resource": (chance.choice(("ifIndex=7", "", "x" * 120)),),
        "assigned_to": ("anna",),
        "device": (chance.choice(("10.0.0.1", "core-1", "Überlingen")), "nothing"),
        "device_key": frozenset({"10.0.0.1", "core-1"}),
        "without": tuple(chance.sample(list(Lacking), chance.choice((1, 2)))),
        "other_device": frozenset({"10.0.0.1", "10.0.0.2", "core-1", ""}),
        "alert_type": (chance.choice(("power_*", "*_down", "p*w*d", "network_link_down", "*", "_*")),),
        "tag": ("lab", "x"),
        "acknowledged": chance.random() < 0.5,
        "is_cause": chance.random() < 0.5,
        "search": chance.choice(SEARCHES),
        "id_part": chance.choice((str(one.id)[:5], str(one.id)[-8:-4].upper(), str(one.id)[-12:], "0000")),
        "since": one.occurred_at,
        "until": one.occurred_at,
        "last_since": one.last_occurrence_at,
        "resolved_until": one.last_occurrence_at,
    }
    names = chance.sample(sorted(parts), chance.choice((0, 1, 1, 2, 3)))
    return AlertFilter(**{name: parts[name] for name in names})


def an_order(chance: Random) -> tuple[str, ...]:
    """Choose up to three keys in either direction."""
    return tuple(chance.choice(("", "-")) + key for key in chance.sample(sorted(SORTS), chance.randrange(4)))


COLLATIONS = {
    "postgres": "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
    "postgres_15": "LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
}
"""By server: the collation of the embedded one, and one that sorts text in another way."""


@pytest.fixture(params=sorted(COLLATIONS))
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Create an empty database on each server."""
    cluster: Cluster = request.getfixturevalue(request.param)
    cluster.sql(f"CREATE DATABASE listing TEMPLATE template0 {COLLATIONS[request.param]}")
    yield cluster.url("listing")
    cluster.drop("listing")


@pytest.fixture
async def pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    """Pool on a database of each server, with the schema."""
    await migrate.upgrade(url)
    opened = await open_pool(url, 2)
    yield opened
    await close_pool(opened)


@pytest.fixture(params=[20, 2_000], ids=["slices", "whole"])
def _slices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sort few alerts as many are, too."""
    monkeypatch.setattr(listing, "SLICE", request.param)
    monkeypatch.setattr(store, "NEAR", request.param)


@pytest.mark.usefixtures("_slices")
async def test_memory_lists_what_postgresql_lists(pool: asyncpg.Pool) -> None:
    """For any conditions, any order and any page, alerts and total are the same."""
    seed = randrange(1_000_000)
    chance = Random(seed)
    alerts = await some_stored(pool, chance)
    closed = [alert for alert in alerts if alert.status not in OPEN_STATUSES]
    for _ in range(QUERIES):
        wanted, sort = a_filter(chance, alerts), an_order(chance)
        limit, offset = chance.choice((1, 50, ALERTS)), chance.choice((0, 0, 7, 60))
        after = listing.place_of(chance.choice(closed), whole_order(sort)) if chance.random() < 0.3 else None
        where = {"sort": sort, "limit": limit, "offset": offset, "after": after}
        stored = await store.list_closed(pool, wanted, **where)
        meant = replace(wanted, status=wanted.closed_statuses or NO_STATUS)
        page = listing.page_of(listing.matching(alerts, meant), **where)
        assert [place.id for place in stored.places] == [alert.id for alert in page.alerts], (
            seed,
            wanted,
            where,
        )
        places = [listing.place_of(alert, whole_order(sort)) for alert in page.alerts]
        assert list(stored.places) == places, (seed, wanted)
        found = await store.load_closed(pool, [place.id for place in places])
        assert [found[alert.id] for alert in page.alerts] == page.alerts, (seed, wanted)
        assert not stored.is_exact or stored.total == page.total, (seed, wanted)
    rows = await pool.fetch("SELECT severity, status, count(*) AS amount FROM alerts GROUP BY 1, 2")
    stored_sums = {(row["severity"], row["status"]): row["amount"] for row in rows}
    assert rated(alerts) == (stored_sums, 0)


async def some_stored(pool: asyncpg.Pool, chance: Random) -> list[Alert]:
    """Store alerts of which some are consequences of others, and two of each other."""
    alerts: list[Alert] = []
    for number in range(ALERTS):
        alerts.append(some(chance, number, [*alerts[:2], *alerts[-3:]]))
    circle = next(number for number in range(1, ALERTS) if alerts[number].correlated_to_id == alerts[0].id)
    alerts[0] = replace(alerts[0], correlated_to_id=alerts[circle].id)
    await commit(pool, created(*alerts))
    return alerts
