"""Events reported by scripts: forms of bodies, faults, keys that identify a repeat, and permissions."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from opsconductor.api.handlers import idempotency, inbound_webhooks
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.errors import StoreUnavailable
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.retention.old_rows import prune
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Reply, Stage, caller, serving

pytest_plugins = ["tests.integration.api_fixtures"]

TYPE = "storage_backup_failed"
EVENT = {"device": "srv1", "alert_type": TYPE, "severity": "major"}
SECOND = {**EVENT, "device": "srv2"}
JSON = {"Content-Type": "application/json"}
LINES, CSV = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "text/csv; charset=utf-8"}


async def count_of(stage: Stage) -> int:
    """Return how often the alert of `EVENT` was reported."""
    found = await stage.pool.fetchval("SELECT sum(occurrence_count) FROM alerts")
    return int(found or 0)


@pytest.fixture
async def reporter(stage: Stage, http: ClientSession, url: str) -> Caller:
    """A script that may report and nothing else."""
    return await caller(stage, http, url, "reporter")


async def test_an_event_is_an_alert_when_it_is_answered(stage: Stage, reporter: Caller) -> None:
    """One object is enough; all of its fields are in the alert."""
    event = {
        **EVENT,
        "resource": "job=nightly",
        "title": "Backup failed",
        "message": "exit 3",
        "tags": ["rack=B7"],
        "occurred_at": "2026-01-02T03:04:05Z",
        "expires_after": "2h",
    }
    reply = await reporter.post("/events", event)
    assert (reply.status, reply.data) == (200, {"accepted": 1, "repeated": 0})
    row = dict(await stage.pool.fetchrow("SELECT * FROM alerts"))
    assert {
        name: row[name] for name in ("device_name", "alert_type", "severity", "category", "resource")
    } == {
        "device_name": "srv1",
        "alert_type": "storage_backup_failed",
        "severity": "major",
        "category": "storage",
        "resource": "job=nightly",
    }
    assert (row["title"], row["message"], row["tags"]) == ("Backup failed", "exit 3", ["rack=B7"])
    assert (row["source_system"], row["custom_fields"]) == ("api", {"reported_by": "the reporter"})
    assert row["occurred_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row["expires_after_s"] == 7200
    assert row["raw_data"] == event


@pytest.mark.parametrize("media", [JSON, CSV])
async def test_only_who_may_operate_says_that_a_fault_cuts(
    stage: Stage, reporter: Caller, operator: Caller, media: dict[str, str]
) -> None:
    """It suppresses alerts of other devices: a script's key is refused, an operator's is allowed."""
    event = {"device": UPSTREAM, "alert_type": "network_unreachable", "severity": "critical", "cutting": True}
    body = json.dumps(event)
    if media is CSV:
        body = f"device,alert_type,severity,cutting\n{UPSTREAM},network_unreachable,critical,yes\n"
    reply = await reporter.ask("POST", "/events", data=body, headers=media)
    assert (reply.status, reply.body["error"]["code"]) == (403, "forbidden")
    assert "alerts:write" in reply.body["error"]["message"]
    assert (await operator.ask("POST", "/events", data=body, headers=media)).status == 200
    assert (await reporter.post("/events", {**EVENT, "device": DOWNSTREAM})).status == 200
    rows = await stage.pool.fetch("SELECT device_ip, status, is_cutting FROM alerts")
    assert {tuple(row) for row in rows} == {(UPSTREAM, "active", True), (DOWNSTREAM, "suppressed", False)}


async def test_a_clear_ends_what_was_reported(stage: Stage, reporter: Caller) -> None:
    """`clear: true` and the severity `clear` are the same; the device may be an address."""
    for device, over in (("srv1", {"clear": True}), ("10.0.0.7", {"severity": "clear"})):
        await reporter.post("/events", {**EVENT, "device": device})
        await reporter.post("/events", {**EVENT, "device": device, **over})
    rows = await stage.pool.fetch(
        "SELECT device_ip, device_name, status, title FROM alerts ORDER BY device_ip"
    )
    assert [tuple(row) for row in rows] == [
        ("10.0.0.7", None, "resolved", "Backup failed"),
        (None, "srv1", "resolved", "Backup failed"),
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps([EVENT, SECOND]), JSON),
        (f"{json.dumps(EVENT)}\n\n{json.dumps(SECOND)}\r\n", LINES),
        (f'device,alert_type,severity,tags\nsrv1,{TYPE},major,"a, b"\n\nsrv2,{TYPE},,\n', CSV),
        (f'\ufeffdevice;alert_type;clear\r\nsrv1;{TYPE};no\r\n"srv2";{TYPE};\r\n', CSV),
    ],
)
async def test_many_events_come_as_json_lines_or_csv(
    stage: Stage, reporter: Caller, body: str, headers: dict[str, str]
) -> None:
    """A list, JSON lines, CSV with commas or semicolons, with a byte order mark."""
    reply = await reporter.ask("POST", "/events", data=body.encode(), headers=headers)
    assert reply.data == {"accepted": 2, "repeated": 0}
    assert await stage.pool.fetchval("SELECT count(*) FROM alerts WHERE status = 'active'") == 2


async def test_all_faults_are_reported_at_once_and_nothing_is_stored(stage: Stage, reporter: Caller) -> None:
    """Each with its line, value found and value expected."""
    lines = [
        json.dumps(EVENT),
        "{",
        json.dumps({"device": "", "alert_type": "Backup", "severity": "bad", "colour": "red"}),
        "[]",
        json.dumps({**EVENT, "occurred_at": "yesterday", "expires_after": "-1m", "clear": "perhaps"}),
    ]
    reply = await reporter.ask("POST", "/events", data="\n".join(lines).encode(), headers=LINES)
    assert (reply.status, reply.error["code"]) == (422, "invalid")
    faults = {fault["name"]: fault for fault in reply.error["details"]}  # type: ignore[attr-defined]
    assert list(faults) == [
        "line 2",
        "line 3: device",
        "line 3: alert_type",
        "line 3: severity",
        "line 3: colour",
        "line 4: body",
        "line 5: clear",
        "line 5: occurred_at",
        "line 5: expires_after",
    ]
    assert faults["line 3: severity"]["found"] == "bad"
    assert "critical" in faults["line 3: severity"]["expected"]
    assert await count_of(stage) == 0
    assert stage.desk.counts["api", "refused", "invalid"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "place"),
    [
        (b"", JSON, "body"),
        (b"7", JSON, "body"),
        (b"[" * 100_000, LINES, "line 1"),
        (b"\xff", CSV, "body"),
        (b"device,alert_type\nsrv1,storage_x,more\n", CSV, "line 2"),
        (b'device,alert_type\n"srv1,storage_x\n', CSV, "line 2"),
        (b"device,type\nsrv1,storage_x\n", CSV, "line 1"),
        (b"device,device\n", CSV, "line 1"),
        (json.dumps([EVENT] * 1001).encode(), JSON, "body"),
        (json.dumps([{**EVENT, "id": "a"}, {**EVENT, "id": "a", "clear": True}]).encode(), {}, "event 2: id"),
    ],
)
async def test_an_unreadable_body_is_refused_with_its_place(
    stage: Stage, reporter: Caller, body: bytes, headers: dict[str, str], place: str
) -> None:
    """Nothing of it is stored."""
    given = {**JSON, **headers}
    reply = await reporter.ask("POST", "/events", data=body, headers=given)
    if len(body) > 20_000:
        assert reply.status in {413, 422}
    else:
        assert (reply.status, reply.error["details"][0]["name"]) == (422, place)  # type: ignore[index]
    assert await count_of(stage) == 0


async def test_other_media_are_not_guessed(reporter: Caller) -> None:
    """The answer lists what can be sent."""
    reply = await reporter.ask("POST", "/events", data=b"x=1", headers={"Content-Type": "text/xml"})
    assert reply.status == 415
    assert "text/csv" in str(reply.error["message"])


async def test_reporters_report_and_viewers_look(
    stage: Stage, reporter: Caller, operator: Caller, viewer: Caller, stranger: Caller
) -> None:
    """The permission stands alone, and operators have it."""
    assert (await reporter.get("/alerts")).status == 403
    assert (await viewer.post("/events", EVENT)).status == 403
    assert (await stranger.post("/events", EVENT)).status == 401
    assert (await operator.post("/events", EVENT)).status == 200
    assert await count_of(stage) == 1


async def send(caller: Caller, body: object, key: str | None = None) -> Reply:
    """Report with a key for all of it."""
    return await caller.post("/events", body, headers={} if key is None else {"Idempotency-Key": key})


async def test_the_same_key_is_answered_as_before_and_counted_once(stage: Stage, reporter: Caller) -> None:
    """Other keys, and reports without one, count each time."""
    answers = [(await send(reporter, [EVENT, EVENT], "k1")).data for _ in range(3)]
    assert [one["accepted"] for one in answers] == [2, 2, 2]  # type: ignore[index]
    assert [one["repeated"] for one in answers] == [0, 2, 2]  # type: ignore[index]
    assert await count_of(stage) == 2
    await send(reporter, EVENT, "k2")
    await send(reporter, EVENT)
    assert await count_of(stage) == 4


async def test_the_same_id_is_counted_once(stage: Stage, reporter: Caller) -> None:
    """In one request and in another; events beside it count."""
    one = {**EVENT, "id": "job-1"}
    assert (await send(reporter, [one, one, EVENT])).data == {"accepted": 3, "repeated": 1}
    assert (await send(reporter, [one, EVENT])).data == {"accepted": 2, "repeated": 1}
    assert await count_of(stage) == 3


async def test_a_key_for_something_else_is_a_conflict(
    stage: Stage, reporter: Caller, operator: Caller
) -> None:
    """Nothing is stored then, not even a clear; another reporter's keys are separate."""
    await send(reporter, {**EVENT, "id": "job-1"}, "k1")
    for body, key in (({**EVENT, "id": "job-1", "clear": True}, None), (EVENT, "k1")):
        reply = await send(reporter, body, key)
        assert (reply.status, reply.error["code"]) == (409, "key_reused")
    assert await count_of(stage) == 1
    assert (await send(operator, {**EVENT, "id": "job-1"}, "k1")).data == {"accepted": 1, "repeated": 0}


async def test_keys_are_known_after_a_restart_for_a_day(
    stage: Stage, reporter: Caller, http: ClientSession
) -> None:
    """A new API asks the database; what is older than a day counts again, and is cleared away."""
    await send(reporter, EVENT, "k1")
    async with serving(stage) as url:
        again = Caller(http, url, reporter.key)
        assert (await send(again, EVENT, "k1")).data == {"accepted": 1, "repeated": 1}
    await stage.pool.execute("UPDATE reported_keys SET reported_at = reported_at - interval '25 hours'")
    async with serving(stage) as url:
        again = Caller(http, url, reporter.key)
        assert (await send(again, EVENT, "k1")).data == {"accepted": 1, "repeated": 0}
    assert await count_of(stage) == 2
    deleted = await prune(stage.pool, RetentionSettings(), datetime.now(UTC) + timedelta(days=3))
    assert deleted["reported_keys"] == 1


async def test_two_at_the_same_time_with_one_key_count_once(stage: Stage, reporter: Caller) -> None:
    """The second waits for the first."""
    replies = await asyncio.gather(*(send(reporter, EVENT, "k1") for _ in range(8)))
    assert sorted(one.data["repeated"] for one in replies) == [0] + [1] * 7  # type: ignore[index]
    assert await count_of(stage) == 1


async def test_a_late_commit_is_counted_once(
    stage: Stage, reporter: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that comes after the answer 503 is known when the sender tries again."""
    monkeypatch.setattr(inbound_webhooks, "COMMITTED_WITHIN_S", 0.05)
    monkeypatch.setattr(idempotency, "WAIT_S", 0.05)
    stage.desk.is_stuck = True
    assert (await send(reporter, EVENT, "k1")).status == 503
    stage.desk.is_stuck = False
    reply = await send(reporter, EVENT, "k1")
    assert (reply.status, reply.error["code"]) == (503, "under_way"), "the first may still be committed"
    assert await count_of(stage) == 0
    await stage.desk.let_go()
    assert (await send(reporter, EVENT, "k1")).data == {"accepted": 1, "repeated": 1}
    assert await count_of(stage) == 1


async def test_an_unaccepted_event_may_be_reported_again(
    stage: Stage, reporter: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the intake had no room in time nothing will be committed, so the key is free at once."""
    monkeypatch.setattr(inbound_webhooks, "COMMITTED_WITHIN_S", 0.05)
    monkeypatch.setattr(idempotency, "WAIT_S", 0.05)
    stage.desk.is_full = True
    assert (await send(reporter, EVENT, "k1")).status == 503
    stage.desk.is_full = False
    monkeypatch.setattr(inbound_webhooks, "COMMITTED_WITHIN_S", 20.0)
    assert (await send(reporter, EVENT, "k1")).data == {"accepted": 1, "repeated": 0}
    assert await count_of(stage) == 1


async def test_keys_of_before_are_known_while_the_database_is_away(stage: Stage, reporter: Caller) -> None:
    """Keys that were read once are known without PostgreSQL; before that no event with a key is accepted."""
    await send(reporter, EVENT, "k1")
    row = await stage.pool.fetchrow("SELECT reporter, key, digest FROM reported_keys")
    database, marks = Switched(RequestDatabase(stage.pool)), {row["key"]: row["digest"]}
    database.is_away = True
    known = idempotency.IdempotencyKeys(database)
    with pytest.raises(StoreUnavailable):
        await known.known(row["reporter"], marks)
    assert await known.known(row["reporter"], {}) == {}
    database.is_away = False
    assert await known.known(row["reporter"], marks) == marks
    database.is_away = True
    assert await known.known(row["reporter"], marks) == marks


class Switched(RequestDatabase):
    """A database that a test takes away."""

    is_away = False

    def __init__(self, real: RequestDatabase) -> None:
        self._real = real

    async def ask(self, query: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Ask the real one, or find it away."""
        if self.is_away:
            raise StoreUnavailable("away")
        return await self._real.ask(query, *args, **kwargs)


async def test_callers_without_a_good_key_are_noted_by_sender(
    stage: Stage, url: str, http: ClientSession, stranger: Caller
) -> None:
    """Their events are not stored; sender and remedy are among the rejections, the ledger adds up."""
    assert (await stranger.post("/events", EVENT)).status == 401
    wrong = Caller(http, url, "ops_12345678_wrong")
    statuses = [(await wrong.post("/events", EVENT)).status for _ in range(3)]
    assert set(statuses) <= {401, 429}
    (noted,) = stage.desk.rejections.latest("api")
    assert (noted.reason, noted.count, noted.sender) == ("wrong_key", 4, "127.0.0.1")
    assert "opsconductor token create" in noted.remedy
    assert stage.desk.counts["api", "received", ""] == stage.desk.counts["api", "refused", "wrong_key"] == 4
    assert (await stranger.get("/alerts")).status == 401
    assert stage.desk.rejections.latest("api")[0].count == 4
