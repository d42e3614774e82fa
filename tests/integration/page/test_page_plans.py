"""No statement behind the page reads a large table whole: the plans of all that the API runs to answer."""

from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.api.routes import ENDPOINTS
from opsconductor.store.postgres import connection as pooled
from tests.integration.store.test_alert_plans import ALONE, OURS
from tests.support.api.api_stage import Stage, caller, problem, serving
from tests.support.store.alert_years import fill
from tests.support.store.plans import Statements, large_tables, prepared, whole_scans

pytest_plugins = ["tests.integration.api_fixtures"]

ALERTS, ROWS = 8_000, 4_000
FULL_TABLES = Path(__file__).parents[2] / "support" / "store" / "full_tables.sql"
FEEDS = ("/alerts/stream", "/ws/alerts")
FURTHER = (
    "/audit?actor=a77", "/audit?subject=s77", "/audit?action=rules", "/audit?from=2026-01-01T00:00:00Z",
    "/anomalies?status=detected", "/anomalies?device=10.8.0.7", "/anomalies?severity=low",
    "/alerts/overview?range=7d", "/alerts/overview?range=30d", "/alerts/stats?status=resolved",
)  # fmt: skip
"""Lists with the filters of the page, beside those of alerts (`test_alert_plans`)."""
READ_WHOLE = {
    "datasets": "somebody uploads each of them",
    "notification_outbox": "what waits over all channels, by time: an index would cost every message",
    "oid_mappings": "a check of all of them",
    "devices": "one document of the configuration, which is found among those that files may declare",
}
"""Tables that statements may read from the first to the last row, and why."""


def paths(stored: dict[str, str]) -> list[str]:
    """Return a path for every endpoint that reads."""
    found = []
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" or endpoint.path.endswith(FEEDS):
            continue
        path = endpoint.path.removeprefix("/api/v1")
        place = next((kind for kind in stored if path.startswith(kind)), "")
        found.append(
            path.replace("{id}", stored.get(place, str(uuid4()))).replace("{name}", stored.get(place, "x"))
        )
    return [*found, *FURTHER]


async def fill_tables(pool: asyncpg.Pool) -> None:
    """Fill every table that grows, and have PostgreSQL know them; with the costs of the embedded server."""
    database = await pool.fetchval("SELECT current_database()")
    for setting in (OURS, ALONE):
        await pool.execute(f"ALTER DATABASE {database} {setting}")
    await pool.expire_connections()
    await fill(pool, ALERTS, 100)
    await pool.execute(FULL_TABLES.read_text().replace(":amount", str(ROWS)), timeout=300)
    await pool.execute("ANALYZE")


async def test_no_answer_reads_a_large_table_whole(
    pool: asyncpg.Pool, database_url: str, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every endpoint that reads is asked on a database of useful size, and each statement is explained."""
    await fill_tables(pool)
    statements = Statements()
    monkeypatch.setattr(pooled, "_prepare", statements.prepare)
    stage = Stage(pool)
    (alert,) = await stage.report(problem("Link Down", device_ip="10.0.18.103"))
    planner = await asyncpg.connect(database_url)
    await prepared(planner)
    large, scanned = await large_tables(planner), set[tuple[str, str, str]]()
    async with serving(stage) as url:
        admin = await caller(stage, http, url, "admin")
        await pool.expire_connections()
        for path in paths(await stored_names(planner, str(alert.id))):
            statements.take()
            assert (await admin.get(path)).status < 500, path
            for sql, values in statements.take():
                whole = (await whole_scans(planner, sql, values)) & large
                scanned |= {(table, path, sql) for table in whole - READ_WHOLE.keys()}
    await planner.close()
    assert not scanned, "\n\n".join("\n".join(each) for each in sorted(scanned))


async def stored_names(connection: asyncpg.Connection, alert: str) -> dict[str, str]:
    """Return ids and names of what is there, by the beginning of the paths that take them."""
    found = {
        "/alerts/": alert,
        "/devices/": "10.0.18.103",
        "/inventory/sites/": "site61",
        "/series/": "900007",
    }
    for path, table in (
        ("/anomalies/", "anomalies"),
        ("/datasets/", "datasets"),
        ("/system/set-aside/", "set_aside"),
    ):
        found[path] = str(await connection.fetchval(f"SELECT id FROM {table} LIMIT 1"))  # noqa: S608 - above
    return found
