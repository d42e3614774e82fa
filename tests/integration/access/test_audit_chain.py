"""The audit log can only be appended to, and removed or changed entries are detected."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.audit_chain import verify_audit_log
from opsconductor.store.retention.old_rows import prune
from tests.support.api.accounts import PASSWORD, rows
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

BY = Author(name="anna", address="192.0.2.7")
CLEAN = "ALTER TABLE audit_log DISABLE TRIGGER USER"


async def written(pool: asyncpg.Pool, amount: int) -> None:
    """Write entries."""
    for number in range(amount):
        await record(pool, AuditEntry(action="test.do", subject=f"{number}", details={"é": [1.50]}), BY)


async def test_an_intact_log_verifies(pool: asyncpg.Pool) -> None:
    """Entries are numbered without gaps and each covers the one before it; an empty log is intact."""
    assert (await verify_audit_log(pool)).faults == ()
    await written(pool, 5)
    verdict = await verify_audit_log(pool)
    assert (verdict.entries, verdict.faults, verdict.head.split(":")[0]) == (5, (), "5")
    await written(pool, 1)
    assert (await verify_audit_log(pool, verdict.head)).faults == ()


async def test_many_entries_of_one_transaction_are_one_chain(pool: asyncpg.Pool) -> None:
    """Entries of several statements follow one another; those that are taken back leave no gap."""
    many = "INSERT INTO audit_log (actor, action) SELECT 'anna', 'test.do' FROM generate_series(1, 300)"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(many)
        part = connection.transaction()
        await part.start()
        await connection.execute(many)
        await part.rollback()
        await connection.execute(many)
    await written(pool, 1)
    verdict = await verify_audit_log(pool)
    assert (verdict.entries, verdict.faults, verdict.head.split(":")[0]) == (601, (), "601")


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_log SET actor = 'bo'",
        "DELETE FROM audit_log WHERE seq = 2",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ],
)
async def test_the_application_can_only_append(pool: asyncpg.Pool, attempt: str) -> None:
    """Entries cannot be changed, nor deleted before their time."""
    await written(pool, 3)
    with pytest.raises(asyncpg.PostgresError, match="audit log"):
        await pool.execute(attempt)
    assert (await verify_audit_log(pool)).entries == 3


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("DELETE FROM audit_log WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM audit_log WHERE seq < 3", "entries 1 to 2 are missing"),
        ("DELETE FROM audit_log WHERE seq >= 3", "entries 3 to 4 are missing"),
        ("UPDATE audit_log SET actor = 'bo' WHERE seq = 3", "entry 3 has been changed"),
        ("UPDATE audit_log SET details = '{}' WHERE seq = 1", "entry 1 has been changed"),
        ("UPDATE audit_log SET created_at = now() WHERE seq = 4", "entry 4 has been changed"),
    ],
)
async def test_changes_by_the_database_owner_are_detected(
    pool: asyncpg.Pool, damage: str, fault: str
) -> None:
    """Switching the triggers off leaves a gap or a hash that does not fit."""
    await written(pool, 4)
    await pool.execute(CLEAN)
    await pool.execute(damage)
    assert (await verify_audit_log(pool)).faults == (fault,)


async def test_a_head_that_was_noted_shows_a_chain_that_was_made_anew(pool: asyncpg.Pool) -> None:
    """A completely replaced, valid log does not have the hash that was noted before."""
    await written(pool, 3)
    head = (await verify_audit_log(pool)).head
    await pool.execute(CLEAN)
    await pool.execute("DELETE FROM audit_log")
    await pool.execute("UPDATE audit_chain SET seq = 0, hash = ''")
    await pool.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
    await written(pool, 2)
    assert (await verify_audit_log(pool)).faults == ()
    assert (await verify_audit_log(pool, head)).faults == ("entry 3, which was noted, is missing",)
    await written(pool, 1)
    assert (await verify_audit_log(pool, head)).faults == ("entry 3 is not the one that was noted",)


async def test_retention_deletes_the_oldest_and_the_chain_goes_on(pool: asyncpg.Pool) -> None:
    """Entries beyond their age go, up to the first young one; what is left verifies."""
    now = datetime.now(UTC)
    for days in (400, 390, 1, 380):
        at = now - timedelta(days=days)
        await pool.execute("INSERT INTO audit_log (actor, action, created_at) VALUES ('a', 'b', $1)", at)
    await prune(pool, RetentionSettings(audit_days=365), now)
    verdict = await verify_audit_log(pool)
    assert (verdict.entries, verdict.pruned, verdict.faults) == (2, 2, ())


async def test_changes_through_the_api_are_listed_with_before_and_after(
    stage: Stage, stranger: Caller
) -> None:
    """Who, from where, before and after; passwords never; only permitted readers read it."""
    admin = await caller(stage, stranger.http, stranger.url, "admin")
    operator = await caller(stage, stranger.http, stranger.url, "operator")
    (alert,) = await stage.report(problem())
    await operator.post(f"/alerts/{alert.id}/acknowledge", {"notes": "on my way"})
    await admin.post("/users", {"username": "anna", "roles": ["viewer"], "password": PASSWORD})
    await admin.ask("PATCH", "/users/anna", json={"roles": ["operator"], "password": f"{PASSWORD} 2"})
    assert (await operator.get("/audit")).status == 403
    changed, created, acknowledged = rows(await admin.get("/audit?limit=3"))
    assert (acknowledged["actor"], acknowledged["remote_ip"], acknowledged["action"]) == (
        "the operator",
        "127.0.0.1",
        "alert.acknowledge",
    )
    assert acknowledged["details"]["before"]["status"] == "active"
    assert acknowledged["details"]["after"] == {
        "status": "acknowledged",
        "severity": "major",
        "acknowledged_by": "the operator",
        "assigned_to": None,
        "shelved_until": None,
        "device_severity": "major",
        "tags": [],
    }
    assert created["details"]["after"]["roles"] == ["viewer"]
    assert [changed["details"][at]["roles"] for at in ("before", "after")] == [["viewer"], ["operator"]]
    assert PASSWORD not in str(rows(await admin.get("/audit")))
    only = rows(await admin.get(f"/audit?action=user&subject=anna&before={changed['seq']}"))
    assert [row["seq"] for row in only] == [created["seq"]]


async def test_requests_that_change_something_are_recorded_with_their_address(
    stage: Stage, stranger: Caller
) -> None:
    """Also where the change itself is recorded by the daemon; what is refused or only reads is not."""
    operator = await caller(stage, stranger.http, stranger.url, "operator")
    admin = await caller(stage, stranger.http, stranger.url, "admin")
    assert (await operator.post("/inventory/forget", {"confirm": True})).status == 200
    assert (await operator.post("/system/reload")).status == 200
    assert (await operator.post("/inventory/accept", {"connector": "x"})).status == 422
    found = rows(await admin.get("/audit?actor=the operator"))
    assert [(row["action"], row["subject"], row["remote_ip"]) for row in found] == [
        ("daemon.reload", "", "127.0.0.1"),
        ("api.request", "POST /api/v1/inventory/forget", "127.0.0.1"),
    ]


async def test_the_command_line_lists_and_verifies(stage: Stage, terminal: Terminal) -> None:
    """An intact log ends with status 0, a damaged one with 1 and the entry."""
    await written(stage.pool, 3)
    assert "192.0.2.7" in await terminal.run("audit", "list", "--action", "test", "--limit", "2")
    output = await terminal.run("audit", "verify")
    assert "intact" in output
    head = output.split("head ")[1].split()[0]
    await stage.pool.execute(CLEAN)
    await stage.pool.execute("DELETE FROM audit_log WHERE seq = 2")
    assert "entry 2 is missing" in await terminal.run("audit", "verify", "--head", head, fails=True)
