"""The audit log: keys made and revoked, log-ins, and failed ones."""

import asyncpg
import pytest

from opsconductor.errors import StoreRejected
from opsconductor.store.access.audit import Author
from opsconductor.store.access.keys import create_key, revoke_key
from tests.support.api.api_stage import Caller, Stage

pytest_plugins = ["tests.integration.api_fixtures"]

JSON = {"Content-Type": "application/json"}


async def audited(pool: asyncpg.Pool) -> list[tuple[object, ...]]:
    """Read actor, action, subject and address of all rows, oldest first."""
    rows = await pool.fetch("SELECT actor, action, subject, remote_ip FROM audit_log ORDER BY created_at")
    return [tuple(row) for row in rows]


async def test_keys_leave_a_trace(pool: asyncpg.Pool) -> None:
    """Who made and who revoked a key is kept with its public part; a failed change is not."""
    key = await create_key(pool, name="wall", role="viewer", by=Author(name="cli:alice"))
    with pytest.raises(StoreRejected):
        await create_key(pool, name="wall", role="admin", by=Author(name="cli:mallory"))
    assert await revoke_key(pool, "wall", Author(name="cli:bob"))
    assert not await revoke_key(pool, "wall", Author(name="cli:mallory"))
    assert await audited(pool) == [
        ("cli:alice", "key.create", "wall", None),
        ("cli:bob", "key.revoke", "wall", None),
    ]
    created, revoked = await pool.fetch("SELECT details FROM audit_log ORDER BY seq")
    key_then = {
        "prefix": key.split("_")[1],
        "roles": ["viewer"],
        "scopes": [],
        "expires_at": None,
        "quota_per_minute": None,
        "row_filter": None,
    }
    assert (created["details"], revoked["details"]) == ({"after": key_then}, {"before": key_then})
    assert key.split("_")[2] not in str(await pool.fetch("SELECT * FROM audit_log"))


async def test_log_in_and_log_out_leave_a_trace(stage: Stage, operator: Caller, stranger: Caller) -> None:
    """A browser's session is kept with the name of its key and the address it came from."""
    reply = await stranger.post("/session", {"key": operator.key})
    cookies = {"Cookie": reply.headers["Set-Cookie"].split(";")[0]}
    await stranger.ask("DELETE", "/session", headers={**cookies, **JSON})
    assert (await audited(stage.pool))[1:] == [
        ("the operator", "session.open", "", "127.0.0.1"),
        ("the operator", "session.close", "", "127.0.0.1"),
    ]


async def test_failed_log_ins_leave_one_trace_a_minute(
    stage: Stage, stranger: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """Fifty wrong keys are one row and one line, which name the address and never the key."""
    for number in range(50):
        key = f"ops_{number:08x}_secret{number}"
        await stranger.get("/alerts", headers={"Authorization": f"Bearer {key}"})
    assert await audited(stage.pool) == [("", "login.failed", "ops_00000000", "127.0.0.1")]
    assert len([record for record in caplog.records if record.message == "a log-in failed"]) == 1
    assert "secret" not in str(await stage.pool.fetch("SELECT * FROM audit_log")) + caplog.text


async def test_a_failure_is_401_also_when_the_audit_log_cannot_be_written(
    stage: Stage, stranger: Caller
) -> None:
    """A broken audit log is logged and changes no answer."""
    await stage.pool.execute("ALTER TABLE audit_log RENAME TO elsewhere")
    reply = await stranger.get("/alerts", headers={"Authorization": "Bearer ops_x"})
    assert reply.status == 401
