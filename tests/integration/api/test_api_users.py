"""Users and API keys through the API: permissions, refusals, and remaining data."""

import pytest

from opsconductor.store.access.keys import NewKey, add_key, principal_of_key
from opsconductor.store.access.permissions import Permission
from tests.support.api.accounts import BY, PASSWORD, browser_of, rows, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, caller

pytest_plugins = ["tests.integration.api_fixtures"]


@pytest.fixture
async def admin(stage: Stage, stranger: Caller) -> Caller:
    """Yield a client with all permissions."""
    return await caller(stage, stranger.http, stranger.url, "admin")


async def test_an_administrator_creates_lists_changes_and_disables_users(
    admin: Caller, stranger: Caller
) -> None:
    """The password is never shown; the disabled user is out at once and comes back when enabled."""
    body = {"username": "anna", "roles": ["operator"], "password": PASSWORD, "email": "anna@example.net"}
    made = await admin.post("/users", body)
    assert (made.status, made.data["roles"], made.data["has_password"]) == (200, ["operator"], True)
    assert (await admin.post("/users", {**body, "username": "ANNA"})).status == 409
    browser = await browser_of(stranger, "anna")
    changed = await admin.ask("PATCH", "/users/anna", json={"roles": ["viewer"], "display_name": "Anna B"})
    assert (changed.data["roles"], changed.data["display_name"]) == (["viewer"], "Anna B")
    assert changed.data["email"] == "anna@example.net"
    assert "alerts:write" not in (await stranger.get("/me", headers=browser)).data["permissions"]
    await admin.ask("PATCH", "/users/anna", json={"enabled": False})
    assert (await stranger.get("/me", headers=browser)).status == 401
    assert (await sign_in(stranger, "anna")).status == 401
    await admin.ask("PATCH", "/users/anna", json={"enabled": True})
    assert (await sign_in(stranger, "anna")).status == 200
    listed = await admin.get("/users")
    assert [user["username"] for user in rows(listed)] == ["anna"]
    assert PASSWORD not in str(listed.body)
    assert (await admin.get("/users/unknown")).status == 404
    assert {role["name"] for role in rows(await admin.get("/roles"))} == {
        "admin",
        "operator",
        "viewer",
        "reporter",
    }


async def test_no_user_grants_more_than_they_have(stage: Stage, stranger: Caller, admin: Caller) -> None:
    """A key that may create users cannot make or take over an administrator, nor a stronger key."""
    await user_of(stage, "root", "admin")
    scopes: tuple[Permission, ...] = (
        "users:read",
        "users:write",
        "alerts:read",
        "config:read",
        "datasets:read",
        "config:write",
    )
    key = await add_key(stage.pool, NewKey(name="helpdesk", scopes=scopes), BY)
    desk = Caller(stranger.http, stranger.url, key)
    assert (await desk.post("/users", {"username": "a", "roles": ["viewer"]})).status == 200
    refused = [
        await desk.post("/users", {"username": "b", "roles": ["admin"]}),
        await desk.ask("PATCH", "/users/a", json={"roles": ["operator"]}),
        await desk.ask("PATCH", "/users/root", json={"password": PASSWORD}),
        await desk.post("/password-links", {"username": "root"}),
        await desk.ask("DELETE", "/users/root/sessions"),
        await desk.post("/api-keys", {"name": "strong", "scopes": ["audit:read"]}),
        await desk.ask("DELETE", "/api-keys/the admin"),
        await desk.ask("PATCH", "/people/root", json={"enabled": False}),
        await desk.ask("DELETE", "/people/ROOT"),
        await desk.post("/config/apply", {"people": [{"name": "root", "enabled": False}]}),
    ]
    assert [reply.status for reply in refused] == [403] * len(refused)
    assert (await admin.post("/password-links", {"username": "root"})).data["path"].startswith("#password=")


async def test_the_last_administrator_stays(stage: Stage, admin: Caller) -> None:
    """The last user who can administer users is neither disabled nor deprived of the role."""
    await user_of(stage, "root", "admin")
    for change in ({"enabled": False}, {"roles": ["viewer"]}):
        reply = await admin.ask("PATCH", "/users/root", json=change)
        assert (reply.status, reply.error["code"]) == (409, "conflict")
    await user_of(stage, "second", "admin")
    assert (await admin.ask("PATCH", "/users/root", json={"enabled": False})).status == 200


async def test_keys_have_scopes_quota_and_an_end(stage: Stage, admin: Caller, stranger: Caller) -> None:
    """A key is shown once, may what its scopes say, and waits when its quota is spent."""
    body = {"name": "grafana", "scopes": ["alerts:read"], "quota_per_minute": 5}
    made = await admin.post("/api-keys", {**body, "expires_at": "2099-01-01T00:00:00Z"})
    grafana = Caller(stranger.http, stranger.url, made.data["key"])
    assert (await admin.post("/api-keys", body)).status == 409
    assert (await admin.post("/api-keys", {"name": "nothing"})).status == 422
    statuses = [(await grafana.get("/alerts")).status for _ in range(4)]
    assert (await grafana.get("/connectors")).status == 403
    refused = await grafana.get("/alerts")
    assert (statuses, refused.status, refused.error["code"]) == ([200] * 4, 429, "quota")
    assert refused.headers["Retry-After"] == "12"
    (listed,) = [key for key in rows(await admin.get("/api-keys")) if key["name"] == "grafana"]
    assert (listed["scopes"], listed["created_by"]) == (["alerts:read"], "the admin")
    assert made.data["key"].startswith(f"ops_{listed['prefix']}_")
    assert (await admin.ask("DELETE", "/api-keys/grafana")).status == 200
    assert (await admin.ask("DELETE", "/api-keys/grafana")).status == 404
    assert await principal_of_key(stage.pool, made.data["key"]) is None
