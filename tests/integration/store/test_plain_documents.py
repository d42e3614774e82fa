"""Raw data and history are `json`: kept as they were sent, through every step of the schema."""

from collections.abc import Mapping
from dataclasses import replace

import asyncpg
import pytest

from opsconductor.model.changes import Changes
from opsconductor.model.normalized import JsonDocument
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster
from tests.support.store.stored import a_creation, an_alert

BEFORE = "0050"
TEXT = '{"z":1,"a":{"n":[2.50,"ü\\n"]},"z2":12345678901234567890}'
DOCUMENTS = "SELECT raw_data, h.changes FROM alerts, alert_history h"
TEXTS = "SELECT DISTINCT raw_data::text FROM alerts"


def text() -> Mapping[str, object]:
    """Return raw data that are encoded already."""
    return JsonDocument(TEXT)


@pytest.mark.parametrize("amount", [1, 60])
async def test_raw_data_are_stored_as_they_were_sent(pool: asyncpg.Pool, amount: int) -> None:
    """Order of names and spelling of numbers stay: of new and repeated alerts, few or many."""
    alerts = [an_alert() for _ in range(amount)]
    raw_data = dict.fromkeys((alert.id for alert in alerts), text)
    await commit(pool, replace(a_creation(*alerts), raw_data=raw_data))
    assert await pool.fetchval(TEXTS) == TEXT
    await pool.execute("UPDATE alerts SET raw_data = '{}'")
    again = tuple(replace(alert, occurrence_count=2) for alert in alerts)
    await commit(pool, Changes(repeated=again, raw_data=raw_data))
    assert await pool.fetchval(TEXTS) == TEXT


@pytest.mark.parametrize("server", ["postgres", "postgres_15"])
async def test_documents_survive_the_step_and_the_way_back(
    server: str, request: pytest.FixtureRequest
) -> None:
    """What is stored means the same before and after; an entry of history is written once."""
    cluster: Cluster = request.getfixturevalue(server)
    name = cluster.create()
    url = cluster.url(name)
    await migrate.upgrade(url)
    creation = a_creation(an_alert())
    new = await open_pool(url, 1)
    await commit(new, creation)
    before = [
        tuple(row) for row in await new.fetch("SELECT raw_data, h.changes FROM alerts, alert_history h")
    ]
    await close_pool(new)
    await migrate.downgrade(url, BEFORE)
    await migrate.upgrade(url)
    back = await open_pool(url, 1)
    await commit(back, creation)
    after = [
        tuple(row) for row in await back.fetch("SELECT raw_data, h.changes FROM alerts, alert_history h")
    ]
    assert after == before
    await close_pool(back)
    cluster.drop(name)
