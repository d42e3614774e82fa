"""Filters that ask for alerts without a site, a role, a tag or an assignee, and values with a comma."""

import json
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest

from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from tests.integration.api.http.test_api_many import history
from tests.integration.api.http.test_api_stream import connected, following, next_event, next_message
from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]

PLACED, NO_ROLE, UNPLACED, UNKNOWN = "10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4"


@pytest.fixture(autouse=True)
async def _inventory(stage: Stage) -> None:
    """Put three devices into the inventory: one has a site and a role, one a site only, one neither."""
    devices = (
        Device(id=uuid4(), ip_address=PLACED, name="one", site="Lyon, FR", role="core"),
        Device(id=uuid4(), ip_address=NO_ROLE, name="two", site="Oslo"),
        Device(id=uuid4(), ip_address=UNPLACED, name="three"),
    )
    stage.engine.reconfigure(EngineSettings(), InventorySnapshot(devices), (), datetime.now(UTC))
    for address in (PLACED, NO_ROLE, UNPLACED, UNKNOWN):
        await history(stage, 1, device_ip=address, title=f"was at {address}")
    await stage.report(
        problem("placed", device_ip=PLACED, tags=("lab",)),
        problem("no role", device_ip=NO_ROLE, device_name="a, b"),
        problem("unplaced", device_ip=UNPLACED),
        problem("unknown", device_ip=UNKNOWN),
    )


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("without=site", {"unplaced", "unknown"}),
        ("without=role", {"no role", "unplaced", "unknown"}),
        ("without=site&without=role", {"unplaced", "unknown"}),
        ("without=tag,role", {"no role", "unplaced", "unknown"}),
        ("without=assigned_to", {"placed", "no role", "unplaced", "unknown"}),
        ("without=device", set()),
        ("without=site&site=Oslo", set()),
        ("without=role&site=Oslo", {"no role"}),
        (r"site=Lyon\, FR,Oslo", {"placed", "no role"}),
        (r"device=a\, b", {"no role"}),
        ("site=Lyon, FR", set()),
    ],
)
async def test_a_filter_asks_for_what_is_missing(viewer: Caller, query: str, titles: set[str]) -> None:
    """List, sums and export have the same alerts; of several things all are missing."""
    opened = "status=active,acknowledged,suppressed"
    assert await listed(viewer, f"{query}&{opened}") == titles
    sums = cast("dict[str, Any]", (await viewer.get(f"/alerts/stats?{query}")).data)
    assert sums["total"] == len(titles)
    assert await exported(viewer, f"{query}&{opened}") == titles


async def test_closed_alerts_are_found_in_the_same_way(viewer: Caller) -> None:
    """PostgreSQL finds the closed alerts whose device has no site by the present inventory."""
    for query in ("without=site", "without=site,role&sort=title"):
        found = await listed(viewer, f"{query}&status=resolved")
        assert found == {f"was at {UNPLACED}", f"was at {UNKNOWN}"}
    sums = cast("dict[str, Any]", (await viewer.get("/alerts/stats?without=site&status=resolved")).data)
    assert sums["site"] == {"": 2}
    assert len(await exported(viewer, "without=site&status=resolved")) == 2


async def test_the_live_feed_follows_what_has_no_site(stage: Stage, viewer: Caller) -> None:
    """A stream and a WebSocket for alerts without site name neither alerts with one."""
    async with following(viewer, "without=site") as stream, connected(viewer, "without=site") as socket:
        await stage.report(
            problem("elsewhere", device_ip=PLACED, alert_type="power_x"),
            problem("here", device_ip=UNKNOWN, alert_type="power_x"),
        )
        assert [each["title"] for each in (await next_event(stream))[1]] == ["here"]
        assert (await next_message(socket))["data"]["title"] == "here"


async def test_a_bulk_command_takes_the_filter(stage: Stage, operator: Caller) -> None:
    """Alerts of devices without site are acknowledged, the others are not."""
    body = {"filter": {"without": ["site"]}}
    reply = cast("dict[str, Any]", (await operator.post("/alerts/bulk/acknowledge", body)).data)
    assert reply["done"] == 2
    done = {alert.title for alert in stage.engine.open_alerts() if alert.acknowledged_by}
    assert done == {"unplaced", "unknown"}


async def test_an_unknown_word_is_refused(viewer: Caller) -> None:
    """A field that an alert cannot lack is answered with the known names."""
    reply = await viewer.get("/alerts?without=colour")
    assert (reply.status, "'assigned_to'" in str(reply.error["details"])) == (400, True)


async def listed(caller: Caller, query: str) -> set[str]:
    """Return the titles of a list."""
    found = cast("list[dict[str, Any]]", (await caller.get(f"/alerts?{query}")).data)
    return {alert["title"] for alert in found}


async def exported(caller: Caller, query: str) -> set[str]:
    """Return the titles of an export."""
    headers = {"Authorization": f"Bearer {caller.key}"}
    url = f"{caller.url}/api/v1/alerts/export?format=jsonl&{query}"
    async with caller.http.get(url, headers=headers) as response:
        return {json.loads(line)["title"] for line in (await response.text()).splitlines()}
