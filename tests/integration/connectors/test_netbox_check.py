"""The check of a NetBox: every failure has its message."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from connectors.netbox import client
from opsconductor.connector.interface import CheckResult
from tests.fakes.netbox.estate import Estate
from tests.fakes.netbox.network import made_up
from tests.fakes.netbox.server import V1, V2, FakeNetbox, Token, Trouble, serving
from tests.support.certificates import make_certificates
from tests.support.connectors.netbox_stage import Seen, inventory


async def check(fake: FakeNetbox, **config: Any) -> CheckResult:
    """Test the connection to a running fake."""
    return await inventory(fake, Seen(), **config).check()


async def test_it_works() -> None:
    """Version and counts are shown, and nothing is changed."""
    fake = FakeNetbox(made_up(40))
    async with serving(fake):
        found = await check(fake)
        assert found.ok
        assert found.message == f"NetBox 4.6.8 shows {len(fake.estate.of('dcim.device'))} devices"
        assert found.details["version"] == "4.6.8"
        assert found.details["interfaces"] == len(fake.estate.of("dcim.interface"))
        assert V2 not in repr(found)


async def test_an_empty_netbox_raises_a_question() -> None:
    """Permissions with constraints look like an empty NetBox: that is reported."""
    async with serving(FakeNetbox(Estate())) as fake:
        found = await check(fake)
        assert found.ok
        assert "constraints in the permission" in found.message


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"url": "http://netbox.invalid"}, "its name cannot be resolved"),
        ({"url": "http://127.0.0.1:1"}, "Connection refused"),
        ({"token": "0" * 40}, "refuses the token: Invalid v1 token"),
        ({"token": "nbt_Ab3dEf6hIj9k.wrong"}, "refuses the token: Invalid v2 token"),
        ({"ca_file": "/nonexistent/ca.pem"}, "ca_file /nonexistent/ca.pem cannot be used"),
    ],
)
async def test_wrong_configuration_is_reported(config: dict[str, Any], words: str) -> None:
    """A name that is none, a closed port, a token that is none."""
    async with serving(FakeNetbox(Estate())) as fake:
        found = await check(fake, **config)
        assert not found.ok
        assert words in found.message
        assert str(config.get("token", "-none-")) not in found.message


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble(path="status", status=404, body="<html>no</html>"), "url is not the address of NetBox"),
        (Trouble(path="status", status=200, body="<html>hello</html>"), "url is not the address of NetBox"),
        (Trouble(path="status", status=200, body='{"hello": 1}'), "is not NetBox: check url"),
        (Trouble(path="status", status=200, body="[" * 100_000), "in a form that is not NetBox's"),
        (
            Trouble(path="status", status=301, headers={"Location": "https://localhost/"}),
            "answers with a redirect",
        ),
        (
            Trouble(path="status", status=503, body="<html>busy</html>", times=9),
            "HTTP 503: <html>busy</html>",
        ),
        (Trouble(path="status", status=400, body='{"detail": "Bad\\u0000 one"}'), r"HTTP 400: Bad\x00 one"),
    ],
)
async def test_servers_that_are_no_netbox_are_reported(
    trouble: Trouble, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever answers instead of NetBox is named."""
    monkeypatch.setattr(client, "RETRIES", client.RETRIES.new(backoff_factor=0))
    async with serving(FakeNetbox(Estate(), troubles=[trouble])) as fake:
        found = await check(fake)
        assert not found.ok
        assert words in found.message


async def test_a_token_that_is_not_taken_any_more_is_reported() -> None:
    """The server's own message has the reason."""
    async with serving(FakeNetbox(Estate(), tokens={V1: Token(refusal="Token expired")})) as fake:
        assert (await check(fake, token=V1)).message.endswith("refuses the token: Token expired")


async def test_all_missing_rights_are_named() -> None:
    """A token whose user may not view some of the lists gets their names."""
    tokens = {V1: Token(may_not_view={"dcim.cable", "core.objectchange"})}
    async with serving(FakeNetbox(Estate(), tokens=tokens)) as fake:
        found = await check(fake, token=V1)
        assert not found.ok
        assert "may not view dcim.cable, core.objectchange" in found.message
        assert found.details["missing"] == ["dcim.cable", "core.objectchange"]


async def test_old_servers_are_refused() -> None:
    """Before 4.1 the changelog was elsewhere."""
    async with serving(FakeNetbox(Estate(), version="4.0.11")) as fake:
        found = await check(fake, token=V1)
        assert not found.ok
        assert "is NetBox 4.0.11; at least 4.1 is required" in found.message


async def test_a_server_that_hangs_is_reported() -> None:
    """The timeout ends a request that is never answered."""
    trouble = Trouble(path="status", wait=asyncio.Event(), times=9)
    async with serving(FakeNetbox(Estate(), troubles=[trouble])) as fake:
        assert "does not answer in time" in (await check(fake, timeout="0.2s")).message


async def test_endless_answers_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer longer than any page is not taken into memory."""
    monkeypatch.setattr(client, "MOST_BYTES", 100_000)
    trouble = Trouble(path="status", status=200, body="x" * 1_000_000)
    async with serving(FakeNetbox(Estate(), troubles=[trouble])) as fake:
        assert "an answer is longer than" in (await check(fake)).message


async def test_certificates_are_checked(tmp_path: Path) -> None:
    """A private authority is not trusted unless it is named; without checking everything passes."""
    certificates = make_certificates(tmp_path)
    tls: ssl.SSLContext = certificates.server_context()
    async with serving(FakeNetbox(Estate()), tls=tls) as fake:
        assert "the certificate is not trusted" in (await check(fake)).message
        assert (await check(fake, ca_file=str(certificates.ca_file))).ok
        assert (await check(fake, verify_ssl=False)).ok


@pytest.mark.parametrize(("version", "roles"), [("4.6.8", "odd (2)"), ("4.2.9", "lan-node (1), odd (2)")])
async def test_roles_without_a_rank_are_named(version: str, roles: str) -> None:
    """With their number of devices that have interfaces; from 4.3 on a nested role has its parent's rank."""
    estate = Estate()
    parent = estate.named("dcim.devicerole", "core")
    estate.named("dcim.devicerole", "lan-node", parent=parent)
    estate.named("dcim.devicerole", "odd")
    for number, role in enumerate(["odd", "odd", "lan-node", "core", "server"]):
        estate.device(f"device-{number}", role, f"10.0.0.{number}/24")
    estate.device("panel", "patch-panel")
    async with serving(FakeNetbox(estate, version=version)) as fake:
        found = await check(fake, token=V1)
        assert found.ok
        words = found.message.partition("add them to role_ranks (devices): ")[2]
        assert sorted(words.split(", ")) == roles.split(", ")
