"""Commands of operators on alerts through the API; the real engine decides, PostgreSQL stores."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from opsconductor.store.access.keys import create_key
from tests.support.api.api_stage import Caller, Reply, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]


def found(reply: Reply) -> Any:
    """Take what was asked for, to look into it."""
    return reply.data


async def test_acknowledge_and_take_back(stage: Stage, operator: Caller) -> None:
    """Acknowledging names who did it, in the answer, in the list and in the history."""
    (alert,) = await stage.report(problem())
    done = found(await operator.post(f"/alerts/{alert.id}/acknowledge", {"notes": "on my way"}))
    assert (done["status"], done["acknowledged_by"]) == ("acknowledged", "the operator")
    story = found(await operator.get(f"/alerts/{alert.id}"))
    last = story["history"][-1]
    assert (last["action"], last["user_name"], last["notes"]) == ("acknowledged", "the operator", "on my way")
    back = found(await operator.post(f"/alerts/{alert.id}/unacknowledge"))
    assert (back["status"], back["acknowledged_by"]) == ("active", None)


async def test_an_alert_acknowledged_meanwhile_is_answered_409(
    stage: Stage, operator: Caller, http: ClientSession, url: str
) -> None:
    """A command for an outdated state is refused with who has the alert and since when; nothing changes."""
    (alert,) = await stage.report(problem())
    key = await create_key(stage.pool, name="anna", role="operator")
    await Caller(http, url, key).post(f"/alerts/{alert.id}/acknowledge")
    path = f"/alerts/{alert.id}/unacknowledge"
    for seen in (
        {"expected_status": "active"},
        {"expected_status": "acknowledged", "expected_acknowledged_by": "the operator"},
        {"expected_severity": "minor"},
    ):
        reply = await operator.post(path, seen)
        assert (reply.status, reply.error["code"]) == (409, "conflict"), seen
        assert "acknowledged by anna since" in str(reply.error["message"])
        details: Any = reply.error["details"]
        by_name = {one["name"]: one["found"] for one in details}
        assert (by_name["status"], by_name["acknowledged_by"]) == ("acknowledged", "anna")
        assert datetime.fromisoformat(by_name["acknowledged_at"]).tzinfo is not None
    seen = {
        "expected_status": "acknowledged",
        "expected_acknowledged_by": "anna",
        "expected_severity": "major",
    }
    assert (await operator.post(path, seen)).status == 200


@pytest.mark.parametrize(
    ("expires_at", "status"), [("2020-01-01T00:00:00Z", 409), ("9999-12-31T23:59:59Z", 200)]
)
async def test_a_command_that_comes_too_late_is_not_carried_out(
    stage: Stage, operator: Caller, expires_at: str, status: int
) -> None:
    """After `expires_at` it is answered 409 and nothing happens; before it is carried out."""
    (alert,) = await stage.report(problem())
    reply = await operator.post(f"/alerts/{alert.id}/acknowledge", {"expires_at": expires_at})
    assert reply.status == status
    known = await stage.pool.fetchval("SELECT status FROM alerts")
    assert known == ("acknowledged" if status == 200 else "active")
    if status == 409:
        assert reply.error["code"] == "expired"


async def test_resolve_ends_it_and_a_second_time_is_a_conflict(stage: Stage, operator: Caller) -> None:
    """A resolved alert is resolved in the database; to resolve it again is refused with 409."""
    (alert,) = await stage.report(problem())
    done = found(await operator.post(f"/alerts/{alert.id}/resolve"))
    assert (done["status"], done["resolved_by"]) == ("resolved", "the operator")
    assert await stage.pool.fetchval("SELECT status FROM alerts") == "resolved"
    again = await operator.post(f"/alerts/{alert.id}/resolve")
    assert (again.status, again.error["code"]) == (409, "conflict")


async def test_an_alert_long_closed_is_a_conflict_and_not_unknown(stage: Stage, operator: Caller) -> None:
    """The engine has forgotten a long closed alert; the answer still differs from that for an unknown one."""
    (alert,) = await stage.report(problem())
    await operator.post(f"/alerts/{alert.id}/resolve")
    stage.engine = type(stage)(stage.pool).engine
    reply = await operator.post(f"/alerts/{alert.id}/acknowledge")
    assert (reply.status, reply.error["code"]) == (409, "conflict")
    assert "resolved" in str(reply.error["message"])
    reply = await operator.post(f"/alerts/{uuid4()}/acknowledge")
    assert (reply.status, reply.error["code"]) == (404, "not_found")


async def test_notes_and_assignment(stage: Stage, operator: Caller) -> None:
    """A note is in the history; an alert can be assigned and unassigned."""
    (alert,) = await stage.report(problem())
    hostile = "<img src=x onerror=alert(1)>\n'; DELETE FROM alerts; --"
    assert (await operator.post(f"/alerts/{alert.id}/notes", {"notes": hostile})).status == 200
    given = found(await operator.post(f"/alerts/{alert.id}/assign", {"assigned_to": "fibre team"}))
    assert given["assigned_to"] == "fibre team"
    freed = found(await operator.post(f"/alerts/{alert.id}/assign", {"assigned_to": None}))
    assert freed["assigned_to"] is None
    story = found(await operator.get(f"/alerts/{alert.id}"))
    assert hostile in [entry["notes"] for entry in story["history"]]


async def test_bad_bodies_are_refused_with_reasons(stage: Stage, operator: Caller) -> None:
    """Wrong bodies have different answers: not JSON, unknown name, missing, too long, control characters."""
    (alert,) = await stage.report(problem())
    notes = f"/alerts/{alert.id}/notes"
    for body, name in [
        ({}, "notes"),
        ({"notes": ""}, "notes"),
        ({"notes": " \n"}, "notes"),
        ({"notes": "x" * 10_001}, "notes"),
        ({"notes": "a\x00b"}, "notes"),
        ({"notes": 7}, "notes"),
        ({"notes": "x", "note": "y"}, "note"),
        ([], "body"),
    ]:
        reply = await operator.post(notes, body)
        assert reply.status == 422, body
        assert [fault["name"] for fault in reply.error["details"]] == [name], body  # type: ignore[attr-defined]
    for raw in (b"{", b"\xff", b'{"notes": "\\ud800"}'):
        reply = await operator.ask("POST", notes, data=raw, headers={"Content-Type": "application/json"})
        assert (reply.status, reply.error["code"]) == (400, "invalid"), raw
    reply = await operator.ask("POST", notes, data=b"notes=x")
    assert (reply.status, reply.error["code"]) == (415, "unsupported_media_type")
    reply = await operator.post(notes, {"notes": "x" * 30_000})
    assert reply.status == 413
    assert reply.error["code"]


async def test_people_decide_in_place_of_the_source_and_take_it_back(
    stage: Stage, operator: Caller, viewer: Caller
) -> None:
    """Severity, tags and the end of an alert: kept over reports and restarts, filtered, audited, undone."""
    (alert,) = await stage.report(problem(tags=("core",)))
    path = f"/alerts/{alert.id}"
    reason = {"severity": "info", "notes": "lab device"}
    assert found(await operator.post(f"{path}/severity", reason))["severity"] == "info"
    reply = await operator.post(f"{path}/tags", {"add": ["vip", "wave 2"]})
    tag = reply.headers["Etag"]
    await stage.report(problem(tags=("edge",)))
    await stage.reload_alerts()
    (row,) = found(await viewer.get("/alerts", params={"status": "active", "tag": "vip", "severity": "info"}))
    assert (row["tags"], row["own_tags"]) == (["core", "vip", "wave 2"], ["vip", "wave 2"])
    shown = row["reported_severity"], row["severity_by"], row["severity_reason"]
    assert shown == ("major", "the operator", "lab device")
    removed = {"json": {"remove": ["vip", "wave 2"]}, "headers": {"If-Match": tag}}
    assert found(await operator.ask("POST", f"{path}/tags", **removed))["own_tags"] == []
    assert (await operator.ask("POST", f"{path}/tags", **removed)).status == 409
    assert (await operator.post(f"{path}/tags", {"remove": ["core"]})).status == 409
    assert found(await operator.post(f"{path}/severity", {"severity": None}))["severity"] == "major"
    await operator.post(f"{path}/resolve")
    assert found(await operator.post(f"{path}/reopen", {"notes": "too early"}))["status"] == "active"
    assert (await operator.post(f"{path}/reopen")).status == 409
    for wrong in ({"severity": "clear"}, {}):
        assert (await operator.post(f"{path}/severity", wrong)).status == 422
    query = "SELECT action FROM audit_log WHERE subject = $1 ORDER BY action"
    rows = await stage.pool.fetch(query, str(alert.id))
    actions = ["reopen", "resolve", "severity", "severity", "tags", "tags"]
    assert [row["action"] for row in rows] == [f"alert.{action}" for action in actions]


async def test_many_are_reopened_tagged_and_rated_at_once(stage: Stage, operator: Caller) -> None:
    """Changed fields are named, so that it can be undone; unchanged ones have the reason."""
    alerts = await stage.report(*(problem(device_ip=f"10.0.1.{n}") for n in range(3)))
    ids = [str(alert.id) for alert in alerts]
    for name, body in (
        ("tags", {"filter": {"device": ["10.0.1.0", "10.0.1.1"]}, "add": ["vip"]}),
        ("severity", {"filter": {"tag": ["vip"]}, "severity": "critical", "notes": "customer calls"}),
        ("severity", {"filter": {"severity": ["critical"]}, "severity": None}),
        ("resolve", {"filter": {"tag": ["vip"]}}),
        ("reopen", {"ids": ids}),
    ):
        done = found(await operator.post(f"/alerts/bulk/{name}", body))
        assert set(done["changed"]) == set(ids[:2]), name
    assert [(each["id"], each["code"]) for each in done["failed"]] == [(ids[2], "conflict")]
