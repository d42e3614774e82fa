"""A list from memory is the list that PostgreSQL gives: same alerts, same order, same number."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random, randrange
from typing import Any

import asyncpg
import pytest

from opsconductor.api.listing import page_of, summary_of
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Category, Priority, Severity, Status
from opsconductor.store import alerts as store
from opsconductor.store.alerts import SORTS, AlertFilter
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster
from tests.support.alert_changes import START, alert_of, created

ALERTS = 300
QUERIES = 500
NAMES = (None, "core-1", "Core-1", "core_2", "edge 9", "Überlingen", "überlingen", "100%", "", "a\\b")
WORDS = ("Link down", "link DOWN", "50% of Fans_failed", "Überspannung", "überspannung", "x\\y", "日本 power")
SOURCES = ("traps", "prtg", "Traps")


def some(chance: Random, number: int, causes: Sequence[Alert]) -> Alert:
    """Make an alert of which much is the same in others, so that orders have ties."""
    minute = START + timedelta(minutes=chance.randrange(20))
    status = chance.choice(list(Status))
    address = chance.choice((None, "10.0.0.1", "10.0.0.10", "10.0.0.2", "2001:db8::1"))
    return replace(
        alert_of(number),
        status=status,
        severity=chance.choice(list(Severity)),
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
        "search": chance.choice(("down", "LINK", "%", "_", "\\", "10.0.0.1", "ÜBER", "日", "core-1\nx")),
        "id_part": chance.choice((str(one.id)[:5], str(one.id)[-4:].upper(), str(one.id)[9:15], "0000")),
        "since": one.occurred_at,
        "until": one.occurred_at,
    }
    names = chance.sample(sorted(parts), chance.choice((0, 1, 1, 2, 3)))
    return AlertFilter(**{name: parts[name] for name in names})


def an_order(chance: Random) -> tuple[str, ...]:
    """Choose up to three keys in either direction."""
    return tuple(chance.choice(("", "-")) + key for key in chance.sample(sorted(SORTS), chance.randrange(4)))


@pytest.fixture
async def pool(postgres: Cluster) -> AsyncIterator[asyncpg.Pool]:
    """Pool on a database with the collation of the embedded one, whatever the machine's locale is."""
    url = postgres.url("listing")
    collation = "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    postgres.sql(f"CREATE DATABASE listing TEMPLATE template0 {collation}")
    await migrate.upgrade(url)
    opened = await open_pool(url, 2)
    yield opened
    await close_pool(opened)
    postgres.drop("listing")


async def test_memory_lists_what_postgresql_lists(pool: asyncpg.Pool) -> None:
    """For any conditions, any order and any page, ids and total are the same."""
    seed = randrange(1_000_000)
    chance = Random(seed)
    alerts: list[Alert] = []
    for number in range(ALERTS):
        alerts.append(some(chance, number, [*alerts[:2], *alerts[-3:]]))
    circle = next(number for number in range(1, ALERTS) if alerts[number].correlated_to_id == alerts[0].id)
    alerts[0] = replace(alerts[0], correlated_to_id=alerts[circle].id)
    await commit(pool, created(*alerts))
    for _ in range(QUERIES):
        wanted, sort = a_filter(chance, alerts), an_order(chance)
        limit, offset = chance.choice((1, 50, ALERTS)), chance.choice((0, 0, 7, 60))
        rows = await store.list_alerts(pool, wanted, sort=sort, limit=limit, offset=offset)
        total = await store.count_alerts(pool, wanted, at_most=ALERTS + 1)
        page = page_of(alerts, wanted, sort=sort, limit=limit, offset=offset)
        assert [alert.id for alert in page.alerts] == [row["id"] for row in rows], (seed, wanted, sort)
        assert page.total == total, (seed, wanted)
    rows = await store.summarize(pool)
    assert summary_of(alerts) == {(row["severity"], row["status"]): row["amount"] for row in rows}
