"""The second factor: set up, asked for, never accepted twice, replaced by recovery codes, reset."""

import time
from base64 import b32decode

from opsconductor.api.auth.totp import code_at
from tests.support.api.accounts import PASSWORD, browser_of, cookies, user_of
from tests.support.api.api_stage import Caller, Reply, Stage, caller

pytest_plugins = ["tests.integration.api_fixtures"]


async def sign_in_with(stranger: Caller, code: str | None) -> Reply:
    """Send name, password and a code."""
    body = {"username": "anna", "password": PASSWORD}
    return await stranger.post("/session/password", body if code is None else {**body, "code": code})


async def set_up(stage: Stage, stranger: Caller) -> tuple[bytes, list[str]]:
    """Set up a second factor as its user does; return secret and recovery codes."""
    await user_of(stage, "anna", "viewer")
    browser = await browser_of(stranger, "anna")
    wrong = await stranger.post("/me/second-factor", {"password": "wrong"}, headers=browser)
    assert (wrong.status, wrong.error["code"]) == (403, "wrong_password")
    made = await stranger.post("/me/second-factor", {"password": PASSWORD}, headers=browser)
    assert isinstance(made.data, dict)
    secret = b32decode(made.data["secret"])
    mistyped = await stranger.post("/me/second-factor/confirm", {"code": "000000"}, headers=browser)
    assert (mistyped.status, mistyped.error["code"]) == (403, "wrong_code")
    code = code_at(secret, int(time.time()) // 30 - 1)
    done = await stranger.post("/me/second-factor/confirm", {"code": code}, headers=browser)
    assert isinstance(done.data, dict)
    again = await stranger.post("/me/second-factor", {"password": PASSWORD}, headers=browser)
    assert (await stranger.get("/me/second-factor", headers=browser)).data == {"is_on": True}
    assert again.status == 409
    return secret, done.data["recovery_codes"]


async def test_a_user_with_a_second_factor_needs_its_code_once_each(stage: Stage, stranger: Caller) -> None:
    """Without a code it is asked for; a wrong one, the one that confirmed it, and a used one are refused."""
    secret, _ = await set_up(stage, stranger)
    asked = await sign_in_with(stranger, None)
    assert (asked.status, asked.error["code"]) == (401, "code_needed")
    now = int(time.time()) // 30
    refused = [await sign_in_with(stranger, code) for code in ("000000", code_at(secret, now - 5))]
    good = code_at(secret, now)
    entered = await sign_in_with(stranger, f"{good[:3]} {good[3:]}")
    repeated = await sign_in_with(stranger, good)
    assert [reply.status for reply in (*refused, entered, repeated)] == [401, 401, 200, 401]
    assert (await stranger.get("/alerts", headers=cookies(entered))).status == 200


async def test_a_recovery_code_replaces_the_app_once(stage: Stage, stranger: Caller) -> None:
    """It is stored as a hash and gone after its use; the secret is stored encrypted."""
    secret, codes = await set_up(stage, stranger)
    stored = str(await stage.pool.fetch("SELECT * FROM users"))
    assert codes[0] not in stored
    assert secret.hex() not in stored
    replies = [await sign_in_with(stranger, code) for code in (codes[0].upper(), codes[0], codes[1])]
    assert [reply.status for reply in replies] == [200, 401, 200]
    left = "SELECT details FROM audit_log WHERE action = 'user.recovery_code' ORDER BY seq"
    assert [row["details"]["left"] for row in await stage.pool.fetch(left)] == [9, 8]


async def test_it_is_removed_by_its_user_or_reset_by_an_administrator(stage: Stage, stranger: Caller) -> None:
    """Its user needs the password, an administrator the permission; then the password alone is enough."""
    _, codes = await set_up(stage, stranger)
    browser = cookies(await sign_in_with(stranger, codes[0]))
    admin = await caller(stage, stranger.http, stranger.url, "admin")
    assert (await admin.get("/users/anna")).data["has_second_factor"] is True  # type: ignore[index]
    done = await stranger.post("/me/second-factor/remove", {"password": PASSWORD}, headers=browser)
    assert done.status == 200
    assert (await sign_in_with(stranger, None)).status == 200
    await stranger.post("/me/second-factor", {"password": PASSWORD}, headers=browser)
    assert (await admin.ask("DELETE", "/users/anna/second-factor")).status == 200
    assert (await sign_in_with(stranger, None)).status == 200
