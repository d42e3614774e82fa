"""Access: keys, roles, sessions, forged requests, limits."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.api.auth.attempts import ALLOWED, ALLOWED_FROM_ADDRESS
from opsconductor.api.routes import ENDPOINTS
from opsconductor.errors import StoreRejected
from opsconductor.store.access.keys import create_key, hash_of, list_keys, principal_of_key, revoke_key
from opsconductor.store.access.local_token import ensure_local_token, read_local_token
from opsconductor.store.access.permissions import PERMISSIONS, SIGNED_IN
from tests.support.api.api_stage import Caller, Stage, caller, problem, serving

pytest_plugins = ["tests.integration.api_fixtures"]

JSON = {"Content-Type": "application/json"}


async def test_every_endpoint_asks_for_what_it_declares(
    stage: Stage, operator: Caller, viewer: Caller, stranger: Caller
) -> None:
    """Without key 401, with too little 403, for every endpoint that declares a permission."""
    rows = await stage.pool.fetch("SELECT name, permissions FROM roles")
    may = {row["name"]: {*row["permissions"], SIGNED_IN} for row in rows}
    for endpoint in ENDPOINTS:
        if endpoint.permission is None or endpoint.media == "text/event-stream":
            continue
        path = endpoint.path.removeprefix("/api/v1").replace("{id}", str(uuid4())).replace("{name}", "traps")
        refused = await stranger.ask(endpoint.method, path, headers=JSON)
        assert (refused.status, refused.error["code"]) == (401, "unauthorized"), path
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        seen = await viewer.ask(endpoint.method, path, headers=JSON)
        assert (seen.status == 403) == (endpoint.permission not in may["viewer"]), path
        answered = await operator.ask(endpoint.method, path, headers=JSON)
        assert answered.status != 401, path
        assert (answered.status == 403) == (endpoint.permission not in may["operator"]), path


async def test_keys_are_kept_as_hashes_and_end(pool: asyncpg.Pool) -> None:
    """The table has no key; an expired or revoked key is refused."""
    key = await create_key(pool, name="a", role="admin")
    assert key.startswith("ops_")
    assert key not in str(await pool.fetch("SELECT * FROM api_keys"))
    assert await pool.fetchval("SELECT hash FROM api_keys") == hash_of(key)
    someone = await principal_of_key(pool, key)
    assert someone is not None
    assert someone.permissions == set(PERMISSIONS)
    assert key not in repr(someone)
    past = datetime.now(UTC) - timedelta(seconds=1)
    assert (
        await principal_of_key(pool, await create_key(pool, name="b", role="admin", expires_at=past)) is None
    )
    with pytest.raises(StoreRejected, match="already"):
        await create_key(pool, name="a", role="viewer")
    assert [(one.name, one.roles) for one in await list_keys(pool)] == [("a", ("admin",)), ("b", ("admin",))]
    assert await revoke_key(pool, "a")
    assert not await revoke_key(pool, "a")
    assert await principal_of_key(pool, key) is None


async def test_use_of_a_key_is_noted_once_a_minute(pool: asyncpg.Pool) -> None:
    """`last_used_at` is written at the first use and then not before a minute has passed."""
    key = await create_key(pool, name="a", role="viewer")
    noted = "SELECT last_used_at FROM api_keys"
    assert await pool.fetchval(noted) is None
    await principal_of_key(pool, key)
    first = await pool.fetchval(noted)
    await principal_of_key(pool, key)
    assert await pool.fetchval(noted) == first
    await pool.execute("UPDATE api_keys SET last_used_at = now() - interval '61 seconds'")
    await principal_of_key(pool, key)
    assert await pool.fetchval(noted) >= first


async def test_wrong_credentials_are_refused_in_every_form(stranger: Caller) -> None:
    """Empty, foreign, malformed and binary credentials are all answered 401."""
    for value in (
        "Bearer",
        "Bearer ",
        "Bearer ops_x_y",
        "Basic YTpi",
        "Bearer " + "x" * 4000,
        "Bearer \xff\xfe",
    ):
        reply = await stranger.get("/alerts", headers={"Authorization": value})
        assert reply.status == 401, value


async def test_the_same_wrong_key_must_wait_but_no_other(operator: Caller, stranger: Caller) -> None:
    """After ten failures the key gets 429 and a time to wait; a good key from there still works."""
    wrong = {"Authorization": "Bearer ops_deadbeef_guess"}
    statuses = [(await stranger.get("/alerts", headers=wrong)).status for _ in range(ALLOWED + 1)]
    assert statuses == [401] * ALLOWED + [429]
    refused = await stranger.get("/alerts", headers=wrong)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (await operator.get("/alerts")).status == 200


async def test_hundreds_of_wrong_keys_keep_no_right_key_out(
    stage: Stage, operator: Caller, stranger: Caller, tmp_path: Path
) -> None:
    """From an address that tried too many keys, wrong ones get 429 and right ones pass."""
    for number in range(ALLOWED_FROM_ADDRESS):
        await stranger.get("/alerts", headers={"Authorization": f"Bearer ops_{number:08x}_guess"})
    flood = [
        asyncio.create_task(stranger.get("/alerts", headers={"Authorization": f"Bearer ops_{n:08x}_more"}))
        for n in range(50)
    ]
    await ensure_local_token(stage.pool, tmp_path)
    local = Caller(operator.http, operator.url, read_local_token(tmp_path))
    replies = [await operator.get("/alerts"), await local.get("/alerts")]
    assert [reply.status for reply in replies] == [200, 200]
    refused = await asyncio.gather(*flood)
    assert {reply.status for reply in refused} == {429}
    assert 0 < int(refused[0].headers["Retry-After"]) <= 60
    login = await stranger.post("/session", {"key": operator.key})
    assert login.status == 200


async def test_a_browser_logs_in_and_out_with_a_cookie(stage: Stage, operator: Caller, url: str) -> None:
    """The cookie is HttpOnly and SameSite=Strict, acts as its key, and ends with the log-out."""
    (alert,) = await stage.report(problem())
    browser = Caller(operator.http, url, None)
    answer = await browser.post("/session", {"key": operator.key})
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    cookies = {"Cookie": cookie.split(";")[0]}
    who = await browser.get("/session", headers=cookies)
    assert who.data == {
        "name": "the operator",
        "origin": "local",
        "must_enrol": False,
        "is_limited": False,
        "limited": [],
        "kind": "key",
        "expires_at": None,
        "roles": ["operator"],
        "permissions": [
            "alerts:read",
            "alerts:write",
            "config:read",
            "datasets:read",
            "datasets:write",
            "events:write",
            "metrics:write",
            "system:read",
            "system:write",
            "users:read",
        ],
    }
    done = await browser.post(f"/alerts/{alert.id}/acknowledge", {}, headers=cookies)
    assert done.status == 200
    assert (await browser.ask("DELETE", "/session", headers={**cookies, **JSON})).status == 200
    assert (await browser.get("/alerts", headers=cookies)).status == 401


async def test_behind_a_proxy_with_tls_the_cookie_is_secure(stage: Stage, operator: Caller) -> None:
    """When a trusted proxy says that the browser came by HTTPS, the cookie goes by HTTPS only."""
    headers = {"X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}
    for proxies, is_secure in (((ip_network("127.0.0.1/32"),), True), ((), False)):
        async with serving(stage, trusted_proxies=proxies) as address:
            browser = Caller(operator.http, address, None)
            reply = await browser.post("/session", {"key": operator.key}, headers=headers)
            assert ("Secure" in reply.headers["Set-Cookie"]) == is_secure


async def test_sessions_end_with_their_key(stage: Stage, operator: Caller, stranger: Caller) -> None:
    """Revoking a key throws out the browsers that logged in with it."""
    reply = await stranger.post("/session", {"key": operator.key})
    cookies = {"Cookie": reply.headers["Set-Cookie"].split(";")[0]}
    assert (await stranger.get("/alerts", headers=cookies)).status == 200
    await revoke_key(stage.pool, "the operator")
    assert (await stranger.get("/alerts", headers=cookies)).status == 401


async def test_other_sites_cannot_use_the_cookie(
    stage: Stage, operator: Caller, stranger: Caller, url: str
) -> None:
    """Changes with the cookie are taken from our own page only; reading does not matter."""
    (alert,) = await stage.report(problem())
    reply = await stranger.post("/session", {"key": operator.key})
    cookies = {"Cookie": reply.headers["Set-Cookie"].split(";")[0]}
    path = f"/alerts/{alert.id}/acknowledge"
    for forged in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
    ):
        refused = await stranger.ask("POST", path, headers={**cookies, **JSON, **forged})
        assert (refused.status, refused.error["code"]) == (403, "forged"), forged
    for ours in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": url}, JSON):
        assert (await stranger.ask("POST", path, headers={**cookies, **ours})).status in {200, 409}, ours
    login = {**JSON, "Sec-Fetch-Site": "cross-site"}
    assert (await stranger.post("/session", {"key": operator.key}, headers=login)).status == 403


async def test_health_shows_details_to_those_with_a_key(
    stage: Stage, viewer: Caller, stranger: Caller
) -> None:
    """Without key the status alone; a failing daemon answers 503; a wrong key is not ignored."""
    assert (await stranger.get("/system/health")).data == {"status": "ok"}
    assert (await viewer.get("/system/health")).data == stage.health
    stage.health = {"status": "failing", "database": "away"}
    assert (await stranger.get("/system/health")).status == 503
    wrong = {"Authorization": "Bearer ops_no_no"}
    assert (await stranger.get("/system/health", headers=wrong)).status == 401


async def test_the_local_key_is_kept_private_and_made_anew(
    pool: asyncpg.Pool, tmp_path: Path, http: ClientSession, url: str
) -> None:
    """The file is the user's alone, survives restarts, and is replaced once its key is revoked."""
    path = await ensure_local_token(pool, tmp_path)
    first = read_local_token(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    await ensure_local_token(pool, tmp_path)
    assert read_local_token(tmp_path) == first
    await revoke_key(pool, "local-cli")
    await ensure_local_token(pool, tmp_path)
    assert read_local_token(tmp_path) != first
    assert (await Caller(http, url, read_local_token(tmp_path)).get("/alerts")).status == 200
    assert read_local_token(tmp_path / "elsewhere") is None


async def test_many_requests_at_once_share_the_pool(stage: Stage, http: ClientSession, url: str) -> None:
    """More requests than connections are all answered."""
    await stage.report(problem())
    someone = await caller(stage, http, url, "viewer")
    replies = await asyncio.gather(*(someone.get("/alerts") for _ in range(40)))
    assert {reply.status for reply in replies} == {200}
