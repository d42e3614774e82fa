"""Answers that combine the engine and the database while the database lacks what the engine has decided."""

import asyncio
import json
from typing import Any, cast

import pytest
from aiohttp import ClientSession

from opsconductor.model.alert import Alert
from opsconductor.model.command import Operator, Resolve
from opsconductor.model.enums import Severity
from opsconductor.pipeline.in_flight import InFlight
from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]


async def resolving(stage: Stage, alert: Alert) -> asyncio.Task[Alert]:
    """Make the engine close an alert, which is not committed before `may_commit` is set."""
    stage.may_commit.clear()
    command = Resolve(alert_id=alert.id, operator=Operator(name="anna"))
    task = asyncio.create_task(stage.command(command))
    while stage.engine.open_alerts():
        await asyncio.sleep(0)
    return task


async def test_an_alert_that_is_being_closed_is_in_every_list_once(
    stage: Stage, viewer: Caller, http: ClientSession
) -> None:
    """It is neither open nor stored yet; lists, sums and exports have it as resolved, then and later."""
    (alert,) = await stage.report(problem())
    task = await resolving(stage, alert)
    for _ in range(2):
        for params in ({}, {"status": "resolved"}, {"status": "active,resolved"}, {"severity": "major"}):
            reply = await viewer.get("/alerts", params=params)
            found = [(row["id"], row["status"]) for row in cast("list[dict[str, Any]]", reply.data)]
            assert found == [(str(alert.id), "resolved")], params
            assert cast("dict[str, Any]", reply.body["meta"])["total"] == 1
        assert (await viewer.get("/alerts", params={"status": "active"})).data == []
        stats = cast(
            "dict[str, Any]", (await viewer.get("/alerts/stats", params={"status": "resolved"})).data
        )
        assert stats["status"] == {"resolved": 1}
        url, headers = (
            f"{viewer.url}/api/v1/alerts/export?format=jsonl",
            {"Authorization": f"Bearer {viewer.key}"},
        )
        async with http.get(url, headers=headers) as response:
            assert [json.loads(line)["status"] for line in (await response.text()).splitlines()] == [
                "resolved"
            ]
        stage.may_commit.set()
        await task


async def test_the_history_of_an_alert_is_not_behind_its_state(
    stage: Stage, viewer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of one alert waits for the commit of its latest change, and of nothing else."""
    monkeypatch.setattr(InFlight.settled, "__defaults__", (60.0,))  # however slow the machine is
    first, other = await stage.report(problem(), problem(device_ip="10.0.0.9", severity=Severity.MINOR))
    stage.may_commit.clear()
    task = asyncio.create_task(stage.command(Resolve(alert_id=first.id, operator=Operator(name="anna"))))
    while first in stage.engine.open_alerts():
        await asyncio.sleep(0)
    reading = asyncio.create_task(viewer.get(f"/alerts/{first.id}"))
    assert cast("dict[str, Any]", (await viewer.get(f"/alerts/{other.id}")).data)["status"] == "active"
    stage.may_commit.set()
    await task
    detail = cast("dict[str, Any]", (await reading).data)
    assert (detail["status"], detail["history"][-1]["action"]) == ("resolved", "resolved")


async def test_a_commit_that_takes_long_delays_a_reader_for_a_moment_only(
    stage: Stage, viewer: Caller
) -> None:
    """The alert is answered from the engine, with the stored history."""
    (alert,) = await stage.report(problem())
    task = await resolving(stage, alert)
    detail = cast("dict[str, Any]", (await viewer.get(f"/alerts/{alert.id}")).data)
    assert (detail["status"], [row["action"] for row in detail["history"]]) == ("resolved", ["created"])
    stage.may_commit.set()
    await task
