"""Passkeys: as second factor and alone, refused where they must be, removed, and in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Route, expect

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.api.auth.passkeys import relying_party_of
from opsconductor.store.access.second_factor import reset_second_factors
from opsconductor.store.access.users import UserFields, change_user, find_user
from tests.support.api.accounts import BY, JSON, PASSWORD, browser_of, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, serving
from tests.support.api.authenticator import Authenticator
from tests.support.page.page_stage import violations
from tests.support.ports import free_port

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


@pytest.fixture
async def here(stage: Stage) -> AsyncIterator[Caller]:
    """Serve the API for passkeys of localhost, to a client without a key."""
    port = free_port()
    rules = AccountRules(relying_party=relying_party_of(f"http://localhost:{port}/"))
    async with serving(stage, port=port, accounts=rules) as url, ClientSession() as http:
        yield Caller(http=http, url=url.replace("127.0.0.1", "localhost"), key=None)


async def registered(here: Caller, name: str, device: Authenticator) -> dict[str, str]:
    """Register a passkey as its user does; return the headers of the user's browser."""
    browser = await browser_of(here, name)
    begun = await here.post("/me/passkeys/options", {"password": PASSWORD}, headers=browser)
    made = device.make(begun.data["options"])
    done = await here.post("/me/passkeys", {"name": "phone", "credential": made}, headers=browser)
    assert done.status == 200, done.error
    again = await here.post("/me/passkeys", {"name": "phone", "credential": made}, headers=browser)
    assert (again.status, "used before" in str(again.error["message"])) == (403, True)
    return browser


async def answered(here: Caller, device: Authenticator) -> dict[str, object]:
    """Return an answer of a passkey to a new challenge."""
    return device.sign((await here.post("/session/passkey/options", headers=JSON)).data["options"])


async def test_a_passkey_logs_in_alone_or_after_the_password(stage: Stage, here: Caller) -> None:
    """Each answer once; the password alone is not enough any more; the audit log knows all of it."""
    await user_of(stage, "anna", "viewer")
    device = Authenticator(here.url)
    browser = await registered(here, "anna", device)
    needed = await sign_in(here, "anna")
    assert (needed.status, needed.error["code"]) == (401, "passkey_needed")
    both = {"username": "anna", "password": PASSWORD}
    second = {**both, "passkey": await answered(here, device)}
    assert (await here.post("/session/password", second)).status == 200
    answer = await answered(here, device)
    alone = await here.post("/session/passkey", {"credential": answer})
    repeated = await here.post("/session/passkey", {"credential": answer})
    assert (alone.status, alone.data["name"], repeated.status) == (200, "anna", 403)
    [one] = (await here.get("/me/passkeys", headers=browser)).data
    assert (one["name"], one["last_used_at"] is None) == ("phone", False)
    named = await here.ask("PATCH", f"/me/passkeys/{one['id']}", json={"name": "key ring"}, headers=browser)
    other = await here.ask("PATCH", f"/me/passkeys/{UUID(int=1)}", json={"name": "x"}, headers=browser)
    assert (named.data["name"], other.status) == ("key ring", 404)
    wrong = await here.post(f"/me/passkeys/{one['id']}/remove", {"password": "no"}, headers=browser)
    gone = await here.post(f"/me/passkeys/{one['id']}/remove", {"password": PASSWORD}, headers=browser)
    unknown = await here.post("/session/passkey", {"credential": await answered(here, device)})
    assert [reply.status for reply in (wrong, gone, unknown)] == [403, 200, 403]
    assert (await sign_in(here, "anna")).status == 200
    kept = await stage.pool.fetch(
        "SELECT action, details, remote_ip::text FROM audit_log WHERE actor = 'anna' ORDER BY seq"
    )
    entries = {row["action"]: row["details"] for row in kept}
    assert entries["user.passkey"]["after"]["name"] == "phone"
    assert entries["user.passkey_name"]["before"]["name"] == "phone"
    assert entries["user.passkey_off"]["before"]["name"] == "key ring"
    assert any(row["details"] == {"by": "passkey"} for row in kept)
    assert all(row["remote_ip"] for row in kept)


async def test_passkeys_of_others_copies_and_strangers_are_refused(stage: Stage, here: Caller) -> None:
    """Another user's, one whose counter falls back, of a disabled user, of another page."""
    for name in ("anna", "bo"):
        await user_of(stage, name, "viewer")
    annas, bos = Authenticator(here.url), Authenticator(here.url)
    await registered(here, "anna", annas)
    await registered(here, "bo", bos)
    as_anna = {"username": "anna", "password": PASSWORD, "passkey": await answered(here, bos)}
    assert (await here.post("/session/password", as_anna)).status == 401
    annas.counter = 5
    assert (await here.post("/session/passkey", {"credential": await answered(here, annas)})).status == 200
    annas.counter = 3
    copied = await here.post("/session/passkey", {"credential": await answered(here, annas)})
    annas.origin = "http://localhost.evil:1"
    elsewhere = await here.post("/session/passkey", {"credential": await answered(here, annas)})
    await change_user(stage.pool, "bo", UserFields(enabled=False), BY)
    disabled = await here.post("/session/passkey", {"credential": await answered(here, bos)})
    assert [reply.status for reply in (copied, elsewhere, disabled)] == [403, 403, 403]
    assert await stage.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'login.failed'")
    await reset_second_factors(stage.pool, await find_user(stage.pool, "anna"), BY)
    assert (await sign_in(here, "anna")).status == 200


async def test_a_person_uses_a_passkey_on_the_page(stage: Stage, browser: Browser, here: Caller) -> None:
    """Made in the account dialog; then a button logs in, or the browser asks for it after the password."""
    await user_of(stage, "anna", "operator")
    context = await browser.new_context()
    page = await context.new_page()
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    kind |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    await page.goto(here.url)
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("#leave").click()
    await page.fill("#passkey-password", PASSWORD)
    await page.fill("#passkey-name", "laptop <b>")
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.locator("#passkey-list")).to_contain_text("laptop <b> · not used yet")
    await page.get_by_role("button", name="Rename laptop").click()
    await expect(page.get_by_label("New name of laptop")).to_be_focused()
    assert await violations(page) == []
    await page.keyboard.type("laptop <i>")
    await page.keyboard.press("Enter")
    await expect(page.locator("#passkey-list")).to_contain_text("laptop <i> · not used yet")
    assert await violations(page) == []
    await page.locator("#log-out").click()
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
    await page.locator("#leave").click()
    await page.locator("#log-out").click()
    assert await violations(page) == []
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.locator("#live")).to_have_text("Live")
    await page.locator("#leave").click()
    await expect(page.locator("#passkey-list")).to_contain_text("· used ")
    await page.fill("#passkey-password", PASSWORD)
    await page.get_by_role("button", name="Remove laptop").click()
    await expect(page.locator("#passkey-list")).to_be_empty()
    await page.locator("#log-out").click()
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.locator("#login-fault")).to_contain_text("not registered here")
    await context.close()


async def test_what_is_typed_while_the_page_asks_stays(stage: Stage, browser: Browser, here: Caller) -> None:
    """The dialog asks whether there are passkeys; until the answer it shows none, and then clears nothing."""
    await user_of(stage, "anna", "operator")
    page = await (await browser.new_context()).new_page()
    await page.goto(here.url)
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
    asked, answer = asyncio.Event(), asyncio.Event()

    async def later(route: Route) -> None:
        asked.set()
        await answer.wait()
        await route.continue_()

    await page.route("**/session/ways", later)
    await page.locator("#leave").click()
    await asked.wait()
    await expect(page.locator("#passkey-section")).to_be_hidden()
    await page.evaluate("document.getElementById('passkey-password').value = 'typed early'")
    answer.set()
    await expect(page.locator("#passkey-section")).to_be_visible()
    await expect(page.locator("#passkey-password")).to_have_value("typed early")
