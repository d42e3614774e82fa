"""Questions and commands about many alerts: sums, exports, bulk commands, what belongs together."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from opsconductor.api import alert_pages
from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity, Status
from opsconductor.model.inventory.device import Device
from opsconductor.store.commit.commit import commit
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Stage, problem
from tests.support.store.stored import a_creation, an_alert

pytest_plugins = ["tests.integration.api_fixtures"]

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


async def history(stage: Stage, amount: int, **fields: Any) -> list[Alert]:
    """Store closed alerts, one an hour."""
    alerts = []
    for number in range(amount):
        at = BEGUN + timedelta(hours=number)
        ended = {"status": Status.RESOLVED, "occurred_at": at, "resolved_at": at + timedelta(minutes=5)}
        alerts.append(an_alert(**{**ended, "title": f"old {number:03}", **fields}))
    await commit(stage.pool, a_creation(*alerts))
    return alerts


def titles(body: object) -> list[str]:
    """Return the titles of alerts, in order."""
    return [alert["title"] for alert in cast("list[dict[str, Any]]", body)]


async def test_a_cursor_goes_through_open_and_closed_alerts(stage: Stage, viewer: Caller) -> None:
    """Page after page every alert comes once, in the order of the list, though others arrive meanwhile."""
    await history(stage, 30)
    await stage.report(*(problem(f"new {n}", device_ip=f"10.0.1.{n}") for n in range(5)))
    whole = titles((await viewer.get("/alerts", params={"per_page": 200})).data)
    assert len(whole) == 35
    found: list[str] = []
    cursor: object = ""
    while cursor is not None:
        reply = await viewer.get("/alerts", params={"per_page": 4, "cursor": str(cursor)})
        found += titles(reply.data)
        meta = cast("dict[str, object]", reply.body["meta"])
        cursor = meta["next_cursor"]
        await stage.report(problem("later", device_ip=f"10.0.2.{len(found)}"))
    assert found == whole


async def test_pages_of_both_are_parts_of_one_list(stage: Stage, viewer: Caller) -> None:
    """Pages by number and by any sort key are the slices of the whole list."""
    await history(stage, 20)
    await stage.report(*(problem(f"old 0{n}5", device_ip=f"10.0.1.{n}") for n in range(4)))
    for sort in ("title", "-title", "-occurred_at", "occurred_at", "device_name,-title"):
        whole = titles((await viewer.get("/alerts", params={"sort": sort, "per_page": 200})).data)
        pages = [
            titles((await viewer.get("/alerts", params={"sort": sort, "per_page": 7, "page": page})).data)
            for page in (1, 2, 3, 4)
        ]
        assert [title for page in pages for title in page] == whole, sort


async def test_a_page_far_away_is_found_by_samples(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever open alerts stand among closed ones, any page by number is the slice of the whole list."""
    monkeypatch.setattr(alert_pages, "FAR", 1)
    monkeypatch.setattr(alert_pages, "EVERY", 3)
    await history(stage, 40)
    begun = [*(BEGUN + timedelta(minutes=150 * n + 7) for n in range(12)), datetime.now(UTC)]
    for number, at in enumerate(begun):
        await stage.report(problem(f"open {number}", device_ip=f"10.0.1.{number}", occurred_at=at))
    for query in ({"sort": "-occurred_at"}, {"sort": "occurred_at"}, {"sort": "title"}, {"search": "old"}):
        whole = titles((await viewer.get("/alerts", params={**query, "per_page": 200})).data)
        for per_page in (1, 5, 20):
            pages = [
                titles((await viewer.get("/alerts", params={**query, "per_page": per_page, "page": n})).data)
                for n in range(1, len(whole) // per_page + 2)
            ]
            assert [title for page in pages for title in page] == whole, (query, per_page)


async def test_a_cursor_of_another_list_is_refused(stage: Stage, viewer: Caller) -> None:
    """A cursor of another order, and one that is none, are answered 409."""
    await history(stage, 3)
    first = await viewer.get("/alerts", params={"per_page": 1})
    cursor = cast("dict[str, str]", first.body["meta"])["next_cursor"]
    for params in ({"cursor": cursor, "sort": "title"}, {"cursor": "W10"}, {"cursor": "____"}):
        assert (await viewer.get("/alerts", params=params)).status == 409, params


async def test_stats_count_open_alerts_or_what_the_filter_says(stage: Stage, viewer: Caller) -> None:
    """Sums by severity, category, status, priority, site and device; with `status` closed ones too."""
    await history(stage, 3, device_name="sw-1", severity=Severity.MINOR)
    await stage.report(problem("a"), problem("b", device_ip="10.0.0.9", severity=Severity.CRITICAL))
    stats = cast("dict[str, Any]", (await viewer.get("/alerts/stats")).data)
    assert stats["total"] == 2
    assert stats["severity"] == {"critical": 1, "major": 1, "minor": 0, "warning": 0, "info": 0, "clear": 0}
    assert stats["status"] == {"active": 2}
    assert stats["device"] == {"10.9.9.9": 1, "10.0.0.9": 1}
    assert stats["site"] == {"": 2}
    assert stats["site_severity"] == {"": {"critical": 1, "major": 1}}
    assert stats["device_severity"] == {"10.9.9.9": {"major": 1}, "10.0.0.9": {"critical": 1}}
    reply = await viewer.get("/alerts/stats", params={"status": "active,resolved", "severity": "minor,major"})
    stats = cast("dict[str, Any]", reply.data)
    assert stats["status"] == {"resolved": 3, "active": 1}
    assert stats["device"] == {"sw-1": 3, "10.9.9.9": 1}
    assert stats["device_severity"] == {"sw-1": {"minor": 3}, "10.9.9.9": {"major": 1}}


async def test_suggestions_are_values_of_filters(stage: Stage, viewer: Caller) -> None:
    """Names that begin with the text come first, then those that contain it; devices without alerts too."""
    device = Device(id=uuid4(), ip_address="10.9.9.9", name="core-lyon", site="Lyon", role="core")
    other = Device(id=uuid4(), ip_address="10.9.9.8", name="sw", site="Oslo")
    stage.engine.reconfigure(EngineSettings(), InventorySnapshot((device, other)), (), datetime.now(UTC))
    await stage.report(
        problem("a", tags=("lyon-ring",)), problem("b", device_ip="10.0.0.9", device_name="lyon-sw-1")
    )
    found = cast("list[dict[str, Any]]", (await viewer.get("/alerts/suggestions?text=LYON")).data)
    assert [(each["kind"], each["value"], each["alerts"]) for each in found] == [
        ("site", "Lyon", 1),
        ("tag", "lyon-ring", 1),
        ("device", "lyon-sw-1", 1),
        ("device", "core-lyon", 0),
    ]
    assert (await viewer.get("/alerts/suggestions?text=%20")).data == []
    stats = cast("dict[str, Any]", (await viewer.get("/alerts/stats")).data)
    assert (stats["site"], stats["quiet_sites"]) == ({"Lyon": 1, "": 1}, ["Oslo"])


async def test_related_names_cause_consequences_and_earlier_ones(stage: Stage, viewer: Caller) -> None:
    """A consequence names its cause, the cause its consequences, and both what was like them before."""
    root, below = await stage.report(
        problem("root", device_ip=UPSTREAM, is_cutting=True), problem("below", device_ip=DOWNSTREAM)
    )
    (old,) = await history(stage, 1, fingerprint=root.fingerprint, title="before")
    of_root = cast("dict[str, Any]", (await viewer.get(f"/alerts/{root.id}/related")).data)
    assert of_root["cause"] is None
    assert titles(of_root["consequences"]) == ["below"]
    assert [each["id"] for each in of_root["earlier"]] == [str(old.id)]
    of_below = cast("dict[str, Any]", (await viewer.get(f"/alerts/{below.id}/related")).data)
    assert (of_below["cause"]["title"], of_below["root"]["title"]) == ("root", "root")
    assert of_below["earlier"] == []


async def test_bulk_by_ids_reports_each_failure(stage: Stage, operator: Caller) -> None:
    """Possible commands are run; a closed, an unknown and an acknowledged alert are named with the reason."""
    one, two = await stage.report(problem("a"), problem("b", device_ip="10.0.0.9"))
    (old,) = await history(stage, 1)
    await operator.post(f"/alerts/{two.id}/acknowledge")
    ids = [str(one.id), str(two.id), str(old.id), str(one.id)]
    reply = await operator.post("/alerts/bulk/acknowledge", {"ids": ids, "notes": "storm"})
    outcome = cast("dict[str, Any]", reply.data)
    assert (reply.status, outcome["matched"], outcome["done"], outcome["left"]) == (200, 3, 1, 0)
    assert outcome["changed"] == [str(one.id)]
    assert {each["id"]: each["code"] for each in outcome["failed"]} == {
        str(two.id): "conflict",
        str(old.id): "not_found",
    }
    history_of = cast("dict[str, Any]", (await operator.get(f"/alerts/{one.id}")).data)["history"]
    assert (history_of[-1]["action"], history_of[-1]["notes"]) == ("acknowledged", "storm")


async def test_bulk_by_filter_changes_what_matches(stage: Stage, operator: Caller, viewer: Caller) -> None:
    """The filter of lists chooses; without one nothing is done; viewers may not."""
    await stage.report(*(problem(f"fan {n}", device_ip=f"10.0.1.{n}") for n in range(3)), problem("link"))
    body = {"filter": {"search": "fan"}, "assigned_to": "anna"}
    outcome = cast("dict[str, Any]", (await operator.post("/alerts/bulk/assign", body)).data)
    assert (outcome["matched"], outcome["done"], outcome["failed"]) == (3, 3, [])
    assigned = titles((await viewer.get("/alerts", params={"assigned_to": "anna", "sort": "title"})).data)
    assert assigned == ["fan 0", "fan 1", "fan 2"]
    assert cast("dict[str, Any]", (await operator.post("/alerts/bulk/resolve", {})).data)["matched"] == 0
    assert (await viewer.post("/alerts/bulk/resolve", {"filter": {}})).status == 403
    outcome = cast("dict[str, Any]", (await operator.post("/alerts/bulk/resolve", {"filter": {}})).data)
    assert outcome["done"] == 4


async def test_bulk_shelves_notes_and_takes_back(stage: Stage, operator: Caller) -> None:
    """Each bulk command has its opposite, which undoes it for the same alerts."""
    alerts = await stage.report(problem("a"), problem("b", device_ip="10.0.0.9"))
    ids = [str(alert.id) for alert in alerts]

    async def done(name: str, **body: object) -> list[Alert]:
        reply = await operator.post(f"/alerts/bulk/{name}", {"ids": ids, **body})
        assert cast("dict[str, Any]", reply.data)["done"] == 2
        return [alert for each in alerts if (alert := stage.engine.get(each.id))]

    assert all(alert.shelved_reason == "spare" for alert in await done("shelve", lasts="2h", notes="spare"))
    assert not any(alert.shelved_until for alert in await done("unshelve"))
    assert {alert.status for alert in await done("acknowledge")} == {Status.ACKNOWLEDGED}
    assert {alert.status for alert in await done("unacknowledge")} == {Status.ACTIVE}
    await done("notes", notes="for both")
    rows = await stage.pool.fetch("SELECT notes FROM alert_history WHERE action = 'noted'")
    assert [row["notes"] for row in rows] == ["for both", "for both"]
    assert (await operator.post("/alerts/bulk/notes", {"ids": ids})).status == 422


async def test_exports_are_whole_and_no_formula_is_calculated(
    stage: Stage, viewer: Caller, http: ClientSession
) -> None:
    """CSV and JSON lines hold open and closed alerts; a text like a formula gets an apostrophe."""
    old = await history(stage, 5)
    formula = '=HYPERLINK("http://evil")'
    await stage.report(problem(formula))
    headers = {"Authorization": f"Bearer {viewer.key}"}
    async with http.get(f"{viewer.url}/api/v1/alerts/export", headers=headers) as response:
        assert response.content_type == "text/csv"
        assert "alerts.csv" in response.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert [row["title"] for row in rows] == ["'" + formula, *(f"old {n:03}" for n in (4, 3, 2, 1, 0))]
    path = f"{viewer.url}/api/v1/alerts/export?format=jsonl&status=resolved"
    async with http.get(path, headers=headers) as response:
        lines = [json.loads(line) for line in (await response.text()).splitlines()]
    assert [line["id"] for line in lines] == [str(alert.id) for alert in reversed(old)]
    assert replace(old[0]).title == lines[-1]["title"]
