"""`opsconductor users` and `token` with scopes, as an administrator types them."""

from opsconductor.store.access.keys import principal_of_key
from tests.support.api.accounts import PASSWORD, browser_of, sign_in
from tests.support.api.api_stage import Caller, Stage
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_users_are_added_listed_changed_and_disabled(
    stage: Stage, terminal: Terminal, stranger: Caller
) -> None:
    """The password comes from standard input; faults are reported; disabled users are logged out."""
    link = await terminal.run("users", "setup-link")
    assert "/#setup=" in link
    added = await terminal.run("users", "add", "anna", "--role", "admin", typed=f"{PASSWORD}\n")
    assert "anna created" in added
    assert "already" in await terminal.run("users", "add", "Anna", typed=f"{PASSWORD}\n", fails=True)
    assert "10 to 200" in await terminal.run("users", "add", "bo", typed="short\n", fails=True)
    assert "already" in await terminal.run("users", "setup-link", fails=True)
    assert "/#password=" in await terminal.run("users", "add", "bo", "--role", "viewer", "--link")
    listed = await terminal.run("users", "list")
    assert "no password" in listed
    browser = await browser_of(stranger, "anna")
    await terminal.run("users", "passwd", "anna", typed="a quite new password\n")
    assert (await stranger.get("/me", headers=browser)).status == 401
    assert (await sign_in(stranger, "anna", "a quite new password")).status == 200
    assert "last user" in await terminal.run("users", "disable", "anna", fails=True)
    assert "operator" in await terminal.run("users", "roles", "bo", "--role", "operator")
    assert "disabled" in await terminal.run("users", "disable", "bo")
    assert "alerts:read" in await terminal.run("users", "roles")
    actors = await stage.pool.fetch("SELECT DISTINCT actor FROM audit_log WHERE action LIKE 'user.%'")
    assert all(row["actor"].startswith("cli:") for row in actors)


async def test_a_key_is_made_with_single_scopes(stage: Stage, terminal: Terminal) -> None:
    """Scopes and quota are stored; a key without permissions is refused."""
    options = ("--scope", "alerts:read", "--quota", "60")
    made = await terminal.run("token", "create", "--name", "grafana", *options)
    someone = await principal_of_key(stage.pool, made.splitlines()[-1])
    assert someone is not None
    assert (someone.permissions, someone.quota_per_minute) == ({"alerts:read"}, 60)
    assert "--role or --scope" in await terminal.run("token", "create", "--name", "x", fails=True)
