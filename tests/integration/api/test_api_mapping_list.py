"""Mappings over the API: list them, confirm a derived one."""

from dataclasses import replace

from aiohttp import ClientSession

from tests.support.api.api_stage import Stage, caller
from tests.support.mib_modules import derived_fans

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_mappings_are_listed_with_origin_and_confidence(
    stage: Stage, http: ClientSession, url: str
) -> None:
    """A derived mapping has its confidence and reason; a suggestion is one."""
    stage.configuration = replace(stage.configuration, facts=derived_fans())
    viewer = await caller(stage, http, url, "viewer")
    listed = (await viewer.get("/oid-mappings?text=acmefan")).body["data"]
    assert listed["total"] == 2
    failed, odd = listed["mappings"]
    assert (failed["name"], failed["origin"], failed["oid"]) == (
        "acmeFanFailed",
        "derived",
        "1.3.6.1.4.1.99999.1.0.1",
    )
    assert failed["confidence"] >= 0.5
    assert failed["reasons"]
    assert (odd["name"], odd["origin"]) == ("acmeFanOdd", "suggestion")
    only = (await viewer.get("/oid-mappings?origin=suggestion&limit=1")).body["data"]
    assert [each["name"] for each in only["mappings"]] == ["acmeFanOdd"]
    assert (await viewer.get("/oid-mappings?text=1.3.6.1.4.1.99999")).body["data"]["total"] == 2
    assert (await viewer.get("/oid-mappings?text=1.3.6.1.4.1.9999")).body["data"]["total"] == 0
    assert (await viewer.get("/oid-mappings?origin=unknown")).status == 400


async def test_a_suggestion_is_confirmed_once(stage: Stage, http: ClientSession, url: str) -> None:
    """It becomes a row of the operator, named in the audit log; his row is not replaced by a second one."""
    stage.configuration = replace(stage.configuration, facts=derived_fans())
    operator, viewer = await caller(stage, http, url, "operator"), await caller(stage, http, url, "viewer")
    body = {"notification": "acmeFanOdd"}
    assert (await viewer.ask("POST", "/oid-mappings/confirm", json=body)).status == 403
    reply = await operator.ask("POST", "/oid-mappings/confirm", json=body)
    assert reply.status == 200, reply.body
    assert reply.body["data"]["oid_pattern"] == "1.3.6.1.4.1.99999.1.0.7"
    row = await stage.pool.fetchrow("SELECT * FROM oid_mappings WHERE mib_object = 'acmeFanOdd'")
    assert (row["origin"], row["provisioned_from"]) == ("own", None)
    assert await stage.pool.fetchval("SELECT subject FROM audit_log WHERE action = 'mapping.confirm'")
    again = await operator.ask("POST", "/oid-mappings/confirm", json=body)
    assert again.status == 409
    unknown = await operator.ask("POST", "/oid-mappings/confirm", json={"notification": "1.2.3"})
    assert unknown.status == 404
