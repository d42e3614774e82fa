"""Logging in with name and password: who is admitted, and when a session ends."""

import pytest

from opsconductor.api.auth.login_throttle import ALLOWED_OF_PAIR
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.password_links import create_link, first_link
from opsconductor.store.access.users import UserFields, change_user
from tests.support.api.accounts import BY, PASSWORD, browser_of, cookies, rows, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]

NEW = "another long password"


async def test_a_user_signs_in_acts_under_the_own_name_and_signs_out(stage: Stage, stranger: Caller) -> None:
    """The cookie is HttpOnly and SameSite=Strict; history names the user; the name's case does not matter."""
    await user_of(stage, "anna", "operator")
    (alert,) = await stage.report(problem())
    reply = await sign_in(stranger, "Anna")
    assert (reply.status, reply.data["name"], reply.data["kind"]) == (200, "anna", "user")
    assert all(part in reply.headers["Set-Cookie"] for part in ("HttpOnly", "SameSite=Strict"))
    browser = cookies(reply)
    done = await stranger.post(f"/alerts/{alert.id}/acknowledge", {}, headers=browser)
    assert done.data["acknowledged_by"] == "anna"
    assert (await stranger.get("/me", headers=browser)).data["roles"] == ["operator"]
    assert (await stranger.ask("DELETE", "/session", headers=browser)).status == 200
    assert (await stranger.get("/me", headers=browser)).status == 401
    assert await stage.pool.fetchval("SELECT last_login_at FROM users") is not None


async def test_who_is_refused_learns_nothing_and_must_wait(stage: Stage, stranger: Caller) -> None:
    """Unknown, disabled, without password or wrong: the same answer; after ten failures 429."""
    await user_of(stage, "anna")
    await change_user(stage.pool, (await user_of(stage, "bo")).username, UserFields(enabled=False), BY)
    replies = [
        await sign_in(stranger, "unknown"),
        await sign_in(stranger, "bo"),
        await sign_in(stranger, "anna", "not this password"),
    ]
    assert {(reply.status, reply.error["message"]) for reply in replies} == {
        (401, "the name or the password is wrong")
    }
    statuses = [(await sign_in(stranger, "anna", "wrong")).status for _ in range(ALLOWED_OF_PAIR)]
    assert statuses == [401] * (ALLOWED_OF_PAIR - 1) + [429]
    refused = await sign_in(stranger, "anna")
    wait_s = int(refused.headers["Retry-After"])
    assert 0 < wait_s <= 300
    length = f"{wait_s} s" if wait_s < 120 else f"{-(-wait_s // 60)} minutes"
    assert refused.error["message"] == f"too many failed log-ins: wait {length} before the next"
    rows = await stage.pool.fetch("SELECT subject FROM audit_log WHERE action = 'login.failed'")
    assert {row["subject"] for row in rows} == {""}


async def test_another_site_cannot_sign_a_browser_in(stage: Stage, stranger: Caller) -> None:
    """A forged log-in would make the victim act under the attacker's name."""
    await user_of(stage, "anna")
    body = {"username": "anna", "password": PASSWORD}
    forged = {"Sec-Fetch-Site": "cross-site"}
    assert (await stranger.post("/session/password", body, headers=forged)).status == 403


@pytest.mark.parametrize(
    "over",
    [
        "UPDATE sessions SET expires_at = now()",
        "UPDATE users SET enabled = false",
        "DELETE FROM users",
    ],
)
async def test_sessions_end_by_time_and_with_their_user(stage: Stage, stranger: Caller, over: str) -> None:
    """Unused for too long, disabled or gone: the next request is refused."""
    await user_of(stage, "anna", "viewer")
    browser = await browser_of(stranger, "anna")
    assert (await stranger.get("/alerts", headers=browser)).status == 200
    await stage.pool.execute(over)
    assert (await stranger.get("/alerts", headers=browser)).status == 401


async def test_use_extends_a_session_but_not_beyond_its_lifetime(stage: Stage, stranger: Caller) -> None:
    """Twelve hours from each use, seven days at most."""
    await user_of(stage, "anna", "viewer")
    browser = await browser_of(stranger, "anna")
    left = "SELECT expires_at - now() < interval '12 hours 1 minute' AS idle, ends_at FROM sessions"
    assert (await stage.pool.fetchrow(left))["idle"]
    await stage.pool.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '2 minutes', ends_at = now() + interval '1 hour'"
    )
    assert (await stranger.get("/alerts", headers=browser)).status == 200
    row = await stage.pool.fetchrow("SELECT expires_at, ends_at FROM sessions")
    assert row["expires_at"] == row["ends_at"]


async def test_sign_out_everywhere_ends_all_own_sessions_and_no_others(
    stage: Stage, stranger: Caller
) -> None:
    """A lost telephone is logged out from anywhere; colleagues stay."""
    await user_of(stage, "anna", "viewer")
    await user_of(stage, "bo", "viewer")
    phone, desk, other = [await browser_of(stranger, name) for name in ("anna", "anna", "bo")]
    listed = rows(await stranger.get("/me/sessions", headers=desk))
    assert [one["is_this"] for one in listed].count(True) == 1
    assert len(listed) == 2
    ended = await stranger.ask("DELETE", "/me/sessions", headers=desk)
    assert ended.data == {"sessions": 2}
    statuses = [(await stranger.get("/alerts", headers=each)).status for each in (phone, desk, other)]
    assert statuses == [401, 401, 200]


async def test_a_user_changes_the_password(stage: Stage, stranger: Caller) -> None:
    """The present one is asked for; all other sessions end; a weak one is refused with the reason."""
    await user_of(stage, "anna", "viewer")
    here, elsewhere = [await browser_of(stranger, "anna") for _ in range(2)]
    wrong = await stranger.post("/me/password", {"current": "wrong", "new": NEW}, headers=here)
    assert (wrong.status, wrong.error["code"]) == (403, "wrong_password")
    weak = await stranger.post("/me/password", {"current": PASSWORD, "new": "short"}, headers=here)
    assert (weak.status, weak.error["details"][0]["found"]) == (422, "a secret (not shown)")
    done = await stranger.post("/me/password", {"current": PASSWORD, "new": NEW}, headers=here)
    assert done.status == 200
    statuses = [(await stranger.get("/alerts", headers=each)).status for each in (here, elsewhere)]
    assert statuses == [401, 401]
    assert (await stranger.get("/alerts", headers=cookies(done))).status == 200
    assert (await sign_in(stranger, "anna")).status == 401
    assert (await sign_in(stranger, "anna", NEW)).status == 200


async def test_the_first_administrator_is_created_by_a_link_once(stage: Stage, stranger: Caller) -> None:
    """The link of the latest start works once, within its time; with a user there is none."""
    old = (await first_link(stage.pool)).removeprefix("#setup=")
    token = (await first_link(stage.pool)).removeprefix("#setup=")
    body = {"token": token, "username": "root", "password": NEW}
    assert (await stranger.post("/password-links/look", {"token": token})).data == {"username": None}
    assert (await stranger.post("/password-links/use", {**body, "token": old})).status == 404
    assert (await stranger.post("/password-links/use", {"token": token, "password": NEW})).status == 422
    reply = await stranger.post("/password-links/use", body)
    assert (reply.status, reply.data["roles"]) == (200, ["admin"])
    assert (await stranger.get("/users", headers=cookies(reply))).status == 200
    assert (await stranger.post("/password-links/use", body)).status == 404
    assert await first_link(stage.pool) == ""
    assert token not in str(await stage.pool.fetch("SELECT * FROM audit_log"))


async def test_a_link_gives_a_user_a_new_password(stage: Stage, stranger: Caller) -> None:
    """It names its user, ends the old sessions, and is void after a day."""
    await user_of(stage, "anna", "viewer")
    before = await browser_of(stranger, "anna")
    token = (await create_link(stage.pool, "anna", DAEMON)).removeprefix("#password=")
    assert (await stranger.post("/password-links/look", {"token": token})).data == {"username": "anna"}
    reply = await stranger.post("/password-links/use", {"token": token, "password": NEW})
    assert (reply.status, reply.data["name"]) == (200, "anna")
    assert (await stranger.get("/alerts", headers=before)).status == 401
    late = (await create_link(stage.pool, "anna", DAEMON)).removeprefix("#password=")
    await stage.pool.execute("UPDATE password_links SET expires_at = now()")
    assert (await stranger.post("/password-links/use", {"token": late, "password": NEW})).status == 404
