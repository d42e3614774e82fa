"""Explanations of mappings over the API."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import ClientSession

from opsconductor.app.configuring.loading import table_of
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.changes import Changes
from opsconductor.model.event import ArchivedEvent
from opsconductor.store.commit.commit import commit
from opsconductor.store.configuration import load_mappings
from tests.integration.cli.test_mapping_commands import port
from tests.support.api.api_stage import Stage, caller

pytest_plugins = ["tests.integration.api_fixtures"]

EXPLAIN = "/oid-mappings/explain"
EVENT = UUID(int=5)


async def test_a_trap_is_explained_by_oid_id_and_packet(stage: Stage, http: ClientSession, url: str) -> None:
    """All three name the row that decides; who may read may ask."""
    mappings = table_of(await load_mappings(stage.pool), standard_facts())
    stage.configuration = replace(stage.configuration, mappings=mappings)
    archived = ArchivedEvent(
        id=EVENT, connector="traps", received_at=datetime.now(UTC), peer="10.0.0.9", payload=port(7)
    )
    await commit(stage.pool, Changes(archive=(archived,)))
    viewer = await caller(stage, http, url, "viewer")
    by_oid = (await viewer.get(f"{EXPLAIN}?oid=1.3.6.1.6.3.1.1.5.3")).body["data"]
    by_id = (await viewer.get(f"{EXPLAIN}?id={EVENT}")).body["data"]
    body = {"payload": port(7).hex(), "peer": "10.0.0.9"}
    by_packet = (await viewer.ask("POST", EXPLAIN, json=body)).body["data"]
    assert by_id == by_packet
    assert by_oid["reports"] == []
    for found in (by_oid, by_id):
        candidate, derived = found["candidates"]
        assert (candidate["decides"], candidate["place"]) == (True, "oid_mappings, as installed")
        assert (derived["decides"], derived["origin"]) == (False, "derived")
        assert found["cleared_by"][0]["trap_oid"] == "1.3.6.1.6.3.1.1.5.4"
    (report,) = by_id["reports"]
    assert (report["alert_type"], report["resource"], report["device_ip"]) == (
        "network_link_down",
        "ifIndex=7",
        "10.0.0.9",
    )


async def test_an_unknown_argument_is_refused(stage: Stage, http: ClientSession, url: str) -> None:
    """No trap is named, no such event was kept, and bytes that are no trap."""
    viewer = await caller(stage, http, url, "viewer")
    assert (await viewer.get(EXPLAIN)).status == 404
    assert (await viewer.get(f"{EXPLAIN}?oid=1.3.6&id={EVENT}")).status == 404
    assert (await viewer.get(f"{EXPLAIN}?id={EVENT}")).status == 404
    assert (await viewer.ask("POST", EXPLAIN, json={"payload": "300102"})).status == 404
    assert (await viewer.ask("POST", EXPLAIN, json={"payload": "3"})).status == 422
