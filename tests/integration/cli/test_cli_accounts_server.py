"""`opsconductor users` and `token` over the API of a daemon elsewhere: no settings, no database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from opsconductor.store.access.keys import NewKey, add_key, list_keys, principal_of_key
from opsconductor.store.access.roles import list_roles
from opsconductor.store.access.users import list_users
from tests.support.api.accounts import BY, PASSWORD, browser_of, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, caller
from tests.support.daemons.terminal import Afar, Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

ALL_VERBS = (
    ("users", "list"),
    ("users", "add", "bo", "--link"),
    ("users", "passwd", "anna", "--link"),
    ("users", "disable", "anna"),
    ("users", "enable", "anna"),
    ("users", "roles"),
    ("users", "roles", "anna", "--role", "viewer"),
    ("users", "only", "anna", "--only", "site=berlin"),
    ("users", "require-second-factor", "viewer"),
    ("users", "reset-second-factor", "anna"),
    ("users", "sessions"),
    ("users", "log-out", "anna"),
    ("token", "list"),
    ("token", "create", "--name", "x", "--role", "viewer"),
    ("token", "revoke", "the viewer"),
)


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Afar:
    """Return an administrator's host."""
    return Afar(url, str((await caller(stage, http, url, "admin")).key))


async def test_users_are_added_changed_and_disabled(stage: Stage, admin: Afar, stranger: Caller) -> None:
    """The password comes from standard input; sessions are listed and ended; the audit log names the key."""
    run = admin.run
    added = await run("users", "add", "anna", "--role", "viewer", "--email", "a@b.c", typed=f"{PASSWORD}\n")
    assert "user anna created, roles: viewer" in added
    assert "already" in await run("users", "add", "Anna", typed=f"{PASSWORD}\n", fails=True)
    linked = await run("users", "add", "bo", "--role", "operator", "--link")
    assert f"{stranger.url}/#password=" in linked
    users = {each["username"]: each for each in json.loads(await run("users", "list", "--json"))}
    assert (users["anna"]["email"], users["anna"]["has_password"]) == ("a@b.c", True)
    assert "no password" in await run("users", "list")
    browser = await browser_of(stranger, "anna")
    assert "anna" in await run("users", "sessions")
    assert "sessions ended: 1" in await run("users", "log-out", "anna")
    assert (await stranger.get("/me", headers=browser)).status == 401
    assert "anna is changed" in await run("users", "passwd", "ANNA", typed="a quite new password\n")
    assert (await sign_in(stranger, "anna", "a quite new password")).status == 200
    assert f"{stranger.url}/#password=" in await run("users", "passwd", "anna", "--link")
    assert "roles: operator, viewer" in await run(
        "users", "roles", "anna", "--role", "viewer", "--role", "operator"
    )
    assert "only site=berlin" in await run("users", "only", "anna", "--only", "site=berlin")
    assert "only" not in await run("users", "only", "anna")
    assert "anna: disabled" in await run("users", "disable", "anna")
    assert "anna: enabled" in await run("users", "enable", "anna")
    actors = await stage.pool.fetch("SELECT DISTINCT actor FROM audit_log WHERE action LIKE 'user.%'")
    assert [row["actor"] for row in actors] == ["the admin"]


async def test_second_factors_are_required_and_removed(stage: Stage, admin: Afar) -> None:
    """`users roles` shows what is required; an unknown user is named."""
    await user_of(stage, "anna", "viewer")
    output = await admin.run("users", "require-second-factor", "viewer")
    assert output == "viewer: second factor required\n"
    assert "second factor required" in await admin.run("users", "roles")
    assert "to be set up" in await admin.run("users", "list")
    off = await admin.run("users", "require-second-factor", "viewer", "--off")
    assert off == "viewer: second factor not required\n"
    assert "password alone" in await admin.run("users", "reset-second-factor", "anna")
    for words in (("disable", "stranger"), ("reset-second-factor", "stranger"), ("log-out", "stranger")):
        assert "no user named 'stranger'" in await admin.run("users", *words, fails=True)


async def test_keys_are_created_listed_and_revoked(stage: Stage, admin: Afar) -> None:
    """With scopes, quota, end and row filter; also one whose name needs quoting in an address."""
    name = "wall/2 böse?"
    options = ("--scope", "alerts:read", "--quota", "60", "--expires", "90d", "--only", "site=berlin")
    made = await admin.run("token", "create", "--name", name, *options)
    someone = await principal_of_key(stage.pool, made.splitlines()[-1])
    assert someone is not None
    assert (someone.permissions, someone.quota_per_minute) == ({"alerts:read"}, 60)
    assert someone.is_limited
    assert someone.expires_at is not None
    assert timedelta(days=89) < someone.expires_at - datetime.now(UTC) < timedelta(days=91)
    keys = {each["name"]: each for each in json.loads(await admin.run("token", "list", "--json"))}
    assert (keys[name]["created_by"], keys[name]["row_filter"]["site"]) == ("the admin", ["berlin"])
    assert "site=berlin" in await admin.run("token", "list")
    assert "already" in await admin.run("token", "create", "--name", name, "--role", "viewer", fails=True)
    assert await admin.run("token", "revoke", name) == "revoked\n"
    assert await principal_of_key(stage.pool, made.splitlines()[-1]) is None
    assert "no API key of that name" in await admin.run("token", "revoke", name, fails=True)


async def test_a_wrong_key_and_one_that_may_too_little_are_refused(
    stage: Stage, viewer: Caller, url: str
) -> None:
    """Each command ends with status 1 and the reason, and nothing is changed."""
    await user_of(stage, "anna", "operator")
    before = await _accounts(stage)
    for words in (("users", "list"), ("token", "create", "--name", "x", "--role", "viewer")):
        refused = await Afar(url, "ops_00000000_wrong").run(*words, fails=True)
        assert "this key is unknown, revoked or expired" in refused
    for words in ALL_VERBS:
        refused = await Afar(url, str(viewer.key)).run(*words, fails=True)
        assert "users:read" in refused or "users:write" in refused, refused
    assert await _accounts(stage) == before


async def test_no_user_grants_more_than_they_have(stage: Stage, url: str) -> None:
    """A key that may write users alone makes no administrator, and no key of one; the lack is named."""
    new = NewKey(name="desk", scopes=("users:read", "users:write"))
    desk = Afar(url, await add_key(stage.pool, new, BY))
    for words in (
        ("users", "add", "eve", "--role", "admin", "--link"),
        ("token", "create", "--name", "eve", "--role", "admin"),
    ):
        assert "desk lacks the permissions alerts:read" in await desk.run(*words, fails=True)


async def test_what_needs_the_database_says_so(admin: Afar) -> None:
    """The set-up link and the origin of a user are for the daemon's own host."""
    for words in (("setup-link",), ("origin", "anna", "ldap")):
        assert "daemon's own host" in await admin.run("users", *words, fails=True)


async def test_the_key_comes_from_a_file_or_the_environment(
    stage: Stage, terminal: Terminal, operator: Caller, tmp_path: Path
) -> None:
    """Before and after the name of the command; a key alone asks the daemon of the settings."""
    await user_of(stage, "anna", "viewer")
    file = tmp_path / "key"
    file.write_text(f"{operator.key}\n")
    for words in (("users", "--key-file", str(file), "list"), ("users", "list", "--key-file", str(file))):
        assert "anna" in await terminal.run(*words)
    assert "users:write" in await terminal.run(
        "users", "disable", "anna", "--key-file", str(file), fails=True
    )
    terminal.environment["OPSCONDUCTOR_TOKEN"] = str(operator.key)
    assert "users:write" in await terminal.run("users", "disable", "anna", fails=True)


async def test_the_database_and_the_api_print_the_same(
    stage: Stage, terminal: Terminal, admin: Afar, stranger: Caller
) -> None:
    """Users, roles, sessions and keys: as JSON and for reading."""
    await user_of(stage, "anna", "admin")
    await browser_of(stranger, "anna")
    await terminal.run("users", "only", "anna", "--only", "site=berlin", "--only", "customer=acme")
    assert await terminal.run("users", "roles") == await admin.run("users", "roles")
    for words in (("users", "list"), ("users", "sessions"), ("token", "list")):
        here = json.loads(await terminal.run(*words, "--json"))
        there = json.loads(await admin.run(*words, "--json"))
        assert [_parsed(each) for each in here] == [_parsed(each) for each in there]
    assert await terminal.run("users", "list") == await admin.run("users", "list")


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its times as such; without the last use of a key, which asking changes."""
    return {
        name: datetime.fromisoformat(value) if value and name.endswith("_at") else value
        for name, value in row.items()
        if name != "last_used_at"
    }


async def _accounts(stage: Stage) -> tuple[object, ...]:
    """Return users, roles and names of keys, as they are stored."""
    names = [key.name for key in await list_keys(stage.pool)]
    return await list_users(stage.pool), await list_roles(stage.pool), names
