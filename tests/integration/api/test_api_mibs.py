"""MIB modules over the API: upload, list, show, remove."""

import io
import zipfile

from aiohttp import ClientSession

from tests.support.api.api_stage import BODY_BYTES, Stage, caller
from tests.support.mib_modules import FANS

pytest_plugins = ["tests.integration.api_fixtures"]

BINARY = {"Content-Type": "application/octet-stream"}


async def test_an_archive_is_imported_shown_and_removed(stage: Stage, http: ClientSession, url: str) -> None:
    """The answer has the result; the audit log has the user."""
    operator = await caller(stage, http, url, "operator")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("fans.mib", FANS)
        file.writestr("README", "no MIB")
    path = "/mibs?filename=vendor.zip"
    reply = await operator.ask("POST", path, data=archive.getvalue(), headers=BINARY)
    assert reply.status == 200, reply.body
    report = reply.body["data"]
    assert (report["modules"], report["whole"], report["notifications"], report["objects"]) == (1, 1, 1, 3)
    assert report["ignored"] == ["vendor.zip!README"]
    (listed,) = (await operator.get("/mibs")).body["data"]
    assert (listed["name"], listed["source"], listed["is_whole"]) == (
        "ACME-FAN-MIB",
        "vendor.zip!fans.mib",
        True,
    )
    shown = (await operator.get("/mibs/ACME-FAN-MIB")).body["data"]
    assert shown["notifications"][0]["name"] == "acmeFanFailed"
    assert [each["name"] for each in shown["notifications"][0]["objects"]] == ["acmeFanState", "acmeFanSpeed"]
    assert (await operator.ask("DELETE", "/mibs/ACME-FAN-MIB")).status == 200
    assert (await operator.get("/mibs/ACME-FAN-MIB")).status == 404
    assert (await operator.ask("DELETE", "/mibs/ACME-FAN-MIB")).status == 404
    sql = "SELECT details FROM audit_log WHERE action = 'mib.import' ORDER BY seq"
    imported, removed = [row["details"] for row in await stage.pool.fetch(sql)]
    assert (imported["before"], list(imported["after"])) == ({}, ["ACME-FAN-MIB"])
    assert (removed["before"], removed["after"]) == (imported["after"], {})


async def test_an_invalid_or_large_archive_is_refused(stage: Stage, http: ClientSession, url: str) -> None:
    """With the reason; who may only read cannot upload."""
    operator, viewer = await caller(stage, http, url, "operator"), await caller(stage, http, url, "viewer")
    broken = b"PK\x05\x06" + bytes(18) + b"x" * 30
    odd = await operator.ask("POST", "/mibs", data=b"DEFINITIONS and nothing else", headers=BINARY)
    assert odd.status == 200
    assert odd.body["data"]["failed"] == [
        {"source": "upload", "reason": "it holds no 'NAME DEFINITIONS ::= BEGIN'"}
    ]
    assert (await operator.ask("POST", "/mibs", data=broken, headers=BINARY)).status in {200, 422}
    assert (await operator.ask("POST", "/mibs", headers=BINARY)).status == 422
    too_long = b"x" * (BODY_BYTES + 1)
    assert (await operator.ask("POST", "/mibs", data=too_long, headers=BINARY)).status == 413
    assert (await viewer.ask("POST", "/mibs", data=FANS.encode(), headers=BINARY)).status == 403
    assert (await viewer.get("/mibs")).status == 200
