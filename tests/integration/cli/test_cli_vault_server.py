"""`opsconductor credential` and `audit` over the API of a daemon elsewhere: no settings, no database."""

import json
from pathlib import Path

import pytest
from aiohttp import ClientSession

from opsconductor.store.access.credentials import open_vault
from tests.support.api.api_stage import Caller, Stage, caller
from tests.support.daemons.terminal import Afar, invoked

pytest_plugins = ["tests.integration.api_fixtures"]

SECRET = "corr3ct-h0rse"


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Return a terminal with all permissions."""
    return await caller(stage, http, url, "admin")


async def test_secrets_are_stored_listed_and_deleted(stage: Stage, admin: Caller, tmp_path: Path) -> None:
    """The daemon uses what is stored at once; no answer and no entry of the audit log has the secret."""
    run = Afar(admin.url, str(admin.key)).run
    shown = await run("credential", "set", "site/smtp", typed=f"{SECRET}\n")
    assert "refer to it as vault:site/smtp" in shown
    assert "The daemon uses it." in shown
    assert (await open_vault(stage.pool, bytes(32))).open("site/smtp") == SECRET
    file = tmp_path / "token.txt"
    file.write_text("another\n")
    await run("credential", "set", "token", "--from-file", str(file))
    listed = await run("credential", "list")
    assert "site/smtp" in listed
    assert "the admin" in listed
    answer = await admin.get("/credentials")
    assert [each["name"] for each in answer.data] == ["site/smtp", "token"]  # type: ignore[attr-defined]
    assert SECRET not in str(answer.body)
    assert "deleted" in await run("credential", "delete", "token")
    assert "no secret named" in await run("credential", "delete", "token", fails=True)
    entries = json.loads(await run("audit", "list", "--action", "credential", "--json"))
    assert [(each["action"], each["subject"]) for each in entries] == [
        ("credential.delete", "token"),
        ("credential.set", "token"),
        ("credential.set", "site/smtp"),
    ]
    assert {each["actor"] for each in entries} == {"the admin"}
    assert all(each["remote_ip"] for each in entries)
    assert SECRET not in str(entries)


async def test_faults_are_refused_without_the_secret(admin: Caller, viewer: Caller) -> None:
    """A name that no reference can have, an empty secret, a caller who may only read, a local command."""
    reply = await admin.ask("PUT", "/credentials/-x", json={"secret": SECRET})
    assert (reply.status, reply.error["details"][0]["name"]) == (422, "name")  # type: ignore[index]
    reply = await admin.ask("PUT", "/credentials/x", json={"secret": [SECRET]})
    assert reply.status == 422
    assert SECRET not in str(reply.body)
    assert (await admin.ask("PUT", "/credentials/x", json={"secret": ""})).status == 422
    assert (await viewer.ask("PUT", "/credentials/x", json={"secret": SECRET})).status == 403
    run = Afar(admin.url, str(admin.key)).run
    assert "own host alone" in await run("credential", "rotate", fails=True)


async def test_the_audit_log_is_listed_and_verified(stage: Stage, admin: Caller, viewer: Caller) -> None:
    """Pages are joined, filters are the same as here; a gap is named with exit status 1."""
    rows = [(f"user.{number % 2}", str(number)) for number in range(1_205)]
    await stage.pool.executemany(
        "INSERT INTO audit_log (actor, action, subject) VALUES ('cli:ada', $1, $2)", rows
    )
    run = Afar(admin.url, str(admin.key)).run
    found = json.loads(await run("audit", "list", "--actor", "cli:ada", "--limit", "1100", "--json"))
    assert [each["subject"] for each in found] == [str(number) for number in range(1_204, 104, -1)]
    odd = json.loads(await run("audit", "list", "--action", "user.1", "--limit", "2000", "--json"))
    assert len(odd) == 602
    assert "cli:ada" in await run("audit", "list", "--since", "2026-01-01", "--limit", "3")
    shown = await run("audit", "verify")
    assert "the audit log is intact" in shown
    head = next(line for line in shown.splitlines() if line.startswith("head ")).split()[1]
    assert "intact" in await run("audit", "verify", "--head", head)
    assert "not intact" in await run("audit", "verify", "--head", f"9:{'0' * 64}", fails=True)
    poor = Afar(viewer.url, str(viewer.key))
    assert "permission" in await poor.run("audit", "list", fails=True)


async def test_options_may_come_before_the_verb(admin: Caller) -> None:
    """`audit --server ... list` asks the daemon, as the other groups do."""
    target = ("--server", admin.url, "--token", str(admin.key))
    for group in ("audit", "credential"):
        done = await invoked(group, *target, "list")
        assert done.exit_code == 0, done.output
