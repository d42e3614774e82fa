"""Events whose head is that of an earlier one on their connection: taken once their key is checked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opsconductor.api.auth.authenticator import Authenticator
from opsconductor.api.handlers import repeated_posts
from opsconductor.api.http.connections import ClientLimits, connections
from opsconductor.api.http.server import serving
from opsconductor.errors import StoreUnavailable
from opsconductor.store.access.audit import ASSISTANT_AGENT
from opsconductor.store.access.keys import create_key
from opsconductor.store.postgres.request_pool import RequestDatabase
from tests.integration.api.http.test_api_repeated_posts import Sender, met
from tests.support.api.api_stage import Stage

pytest_plugins = ["tests.integration.api_fixtures"]

EVENT = {"device": "srv1", "alert_type": "storage_backup_failed", "severity": "major"}
PEPPERED = {**EVENT, "message": "a \N{HOT PEPPER}"}


def event(key: str, document: object = EVENT, extra: str = "") -> bytes:
    """Write the report of an event."""
    body = json.dumps(document).encode()
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: noc\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {key}\r\n{extra}\r\n"
    )
    return head.encode() + body


@pytest.fixture
async def key(stage: Stage) -> str:
    """Return the key of a script, which a user owns."""
    made = await create_key(stage.pool, name="script", role="reporter")
    await stage.pool.execute(
        "WITH ann AS (INSERT INTO users (username) VALUES ('ann') RETURNING id),"
        " has AS (INSERT INTO user_roles SELECT ann.id, roles.id FROM ann, roles WHERE name = 'admin')"
        " UPDATE api_keys SET user_id = ann.id FROM ann WHERE api_keys.name = 'script'"
    )
    return made


@asynccontextmanager
async def sender(stage: Stage) -> AsyncIterator[Sender]:
    """Connect to the API."""
    app = stage.application(ClientLimits())
    async with serving(app, "127.0.0.1", 0) as server:
        number = server.sockets[0].getsockname()[1]
        script = Sender(*await asyncio.open_connection("127.0.0.1", number), app)
        yield script
    script.writer.close()


async def test_the_next_events_are_answered_as_the_first(stage: Stage, key: str) -> None:
    """They are taken at once, read in full, and reported by the same name."""
    async with sender(stage) as script:
        answers = [await script.post(event(key, document)) for document in (EVENT, EVENT, [EVENT, PEPPERED])]
    assert stage.desk.at_once == 2
    assert [each.status for each in answers] == [200] * 3
    assert [each.body["data"]["accepted"] for each in answers] == [1, 1, 2]  # type: ignore[index]
    assert answers[0].body == answers[1].body
    of_one = {"Date": "", "X-Request-ID": "", "Content-Length": ""}
    assert {**answers[0].headers, **of_one} == {**answers[2].headers, **of_one}
    assert stage.desk.counts == {("api", "received", ""): 3}
    (alert,) = stage.engine.open.values()
    assert (alert.occurrence_count, alert.message) == (4, "a \N{HOT PEPPER}")
    assert alert.custom_fields == {"reported_by": "script"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("DELETE FROM api_keys", 401),
        ("UPDATE api_keys SET expires_at = now()", 401),
        ("UPDATE api_keys SET hash = reverse(hash)", 401),
        ("UPDATE users SET enabled = false", 401),
        ("DELETE FROM users", 401),
        ("UPDATE api_keys SET roles = '{viewer}'", 403),
        ("UPDATE roles SET permissions = '{}' WHERE name = 'reporter'", 403),
        ("DELETE FROM user_roles", 403),
        ("""UPDATE api_keys SET row_filter = '{"site": ["oslo"]}'""", 403),
        ("""UPDATE users SET row_filter = '{"site": ["oslo"]}'""", 403),
        ("UPDATE api_keys SET name = 'other'", 200),
        ("UPDATE api_keys SET quota_per_minute = 100", 200),
    ],
)
async def test_what_became_of_the_key_counts_for_the_next_event(
    stage: Stage, key: str, change: str, status: int
) -> None:
    """Revoked, expired, another's, disabled, fewer rights: refused at once, however the database was changed.

    A backup that is restored may bring any of these, past the daemon.
    """
    async with sender(stage) as script:
        for _ in range(2):
            assert (await script.post(event(key))).status == 200
        assert stage.desk.at_once == 1
        await stage.pool.execute(change)
        assert (await script.post(event(key))).status == status
    assert stage.desk.at_once == 1
    (alert,) = stage.engine.open.values()
    assert alert.occurrence_count == (3 if status == 200 else 2)


async def test_a_quota_is_counted_for_each_event(stage: Stage, key: str) -> None:
    """Who may report twice a minute is refused the third time."""
    await stage.pool.execute("UPDATE api_keys SET quota_per_minute = 2")
    async with sender(stage) as script:
        statuses = [(await script.post(event(key))).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert stage.desk.at_once == 0


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("no event", 422),
        ([], 200),
        ({**EVENT, "cutting": True}, 403),
        ({**EVENT, "id": "one"}, 200),
    ],
    ids=["fault", "none", "cutting", "id"],
)
async def test_other_events_are_read_by_aiohttp(
    stage: Stage, key: str, document: object, status: int
) -> None:
    """Those with faults, without events, that cut or have an id, are answered as if they were the first."""
    async with sender(stage) as script:
        await script.post(event(key))
        assert (await script.post(event(key, document))).status == status
        assert (await script.post(event(key))).status == 200
    assert stage.desk.at_once == 0


async def test_a_reporter_of_ids_is_looked_up_once_for_each(
    stage: Stage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events open no shortcut, which none of the next could take."""
    rechecks: list[object] = []
    monkeypatch.setattr(Authenticator, "recheck", lambda *given: rechecks.append(given))
    async with sender(stage) as script:
        for number in range(3):
            assert (await script.post(event(key, {**EVENT, "id": str(number)}))).status == 200
    assert not rechecks


@pytest.mark.parametrize("extra", ["Idempotency-Key: one\r\n", f"User-Agent: {ASSISTANT_AGENT}\r\n"])
async def test_what_is_looked_up_or_recorded_goes_through_aiohttp(stage: Stage, key: str, extra: str) -> None:
    """A key of a request counts it once; requests of an assistant are in the audit log."""
    async with sender(stage) as script:
        for _ in range(3):
            assert (await script.post(event(key, extra=extra))).status == 200
    assert stage.desk.at_once == 0


async def test_events_sent_ahead_are_refused_in_order(stage: Stage, key: str) -> None:
    """While a key is checked no later request overtakes the event."""
    async with sender(stage) as script:
        await script.post(event(key))
        await stage.pool.execute("DELETE FROM api_keys")
        health = b"GET /api/v1/system/health HTTP/1.1\r\nHost: noc\r\n\r\n"
        script.writer.write(event(key))
        await met(lambda: any(each.is_waiting for each in script.app[connections]._trusted.values()))
        script.writer.write(health + event(key))
        assert [(await script.answer()).status for _ in range(3)] == [401, 200, 401]
    assert stage.desk.at_once == 0


async def test_a_full_intake_makes_the_reporter_wait(stage: Stage, key: str) -> None:
    """The event goes through aiohttp after its key was checked, and is counted once."""
    async with sender(stage) as script:
        await script.post(event(key))
        stage.desk.is_full = True
        script.writer.write(event(key))
        await met(lambda: stage.desk.counts["api", "received", ""] == 2)
    assert stage.desk.at_once == 0


async def test_a_key_that_is_known_is_accepted_while_the_database_is_away(
    stage: Stage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with any request: aiohttp reads it, and the key was valid a moment ago."""
    async with sender(stage) as script:
        for _ in range(2):
            await script.post(event(key))

        async def away(*_args: Any) -> None:
            raise StoreUnavailable("away")

        monkeypatch.setattr(RequestDatabase, "ask", away)
        assert (await script.post(event(key))).status == 200
    assert stage.desk.at_once == 1
    assert stage.desk.counts == {("api", "received", ""): 3}


async def test_an_event_whose_key_is_checked_too_long_is_not_taken(
    stage: Stage, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered with 503, and nothing becomes of it when the check has ended."""
    ask, may_answer = RequestDatabase.ask, asyncio.Event()

    async def late(self: RequestDatabase, *args: Any, **kwargs: Any) -> Any:
        await may_answer.wait()
        return await ask(self, *args, **kwargs)

    async with sender(stage) as script:
        await script.post(event(key))
        monkeypatch.setattr(RequestDatabase, "ask", late)
        monkeypatch.setattr(repeated_posts, "COMMITTED_WITHIN_S", 0.01)
        answer = await script.post(event(key))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        monkeypatch.undo()
        may_answer.set()
        assert (await script.post(event(key))).status == 200
    assert stage.desk.at_once == 1
    assert stage.desk.counts == {("api", "received", ""): 2}
