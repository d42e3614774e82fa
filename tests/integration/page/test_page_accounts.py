"""Accounts on the page, in a real browser: set up, log in, change the password, log out."""

import time
from base64 import b32decode

import pytest
from playwright.async_api import Browser, Route, expect

from opsconductor.api.auth.totp import code_at
from opsconductor.store.access.password_links import first_link
from tests.support.api.accounts import PASSWORD, user_of
from tests.support.api.api_stage import Caller, Stage
from tests.support.page.page_stage import violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

NEW = "another long password"


async def test_a_user_signs_in_by_name_and_out_everywhere(
    stage: Stage, browser: Browser, stranger: Caller
) -> None:
    """A wrong password is reported; the name is in the corner; from there all sessions end."""
    await user_of(stage, "anna", "operator")
    page = await browser.new_page()
    await page.goto(stranger.url)
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-fault")).to_contain_text("Enter your name")
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", "this is not it")
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-fault")).to_contain_text("name or the password is wrong")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator("#leave")).to_have_text("anna")
    await page.reload()
    await expect(page.locator("#live")).to_have_text("Live")
    await page.locator("#leave").click()
    await expect(page.locator("#account-about")).to_contain_text("anna · operator")
    assert await violations(page) == []
    await page.fill("#password-now", PASSWORD)
    await page.fill("#password-new", NEW)
    await page.fill("#password-again", NEW)
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast")).to_contain_text("The password is changed")
    await page.locator("#leave").click()
    await page.locator("#log-out-everywhere").click()
    await expect(page.locator("#login-name")).to_be_focused()
    assert await stage.pool.fetchval("SELECT count(*) FROM sessions") == 0
    await page.reload()
    await expect(page.locator("#login-name")).to_be_visible()


async def test_the_first_administrator_is_set_up_by_the_link(
    stage: Stage, browser: Browser, stranger: Caller
) -> None:
    """The token leaves the address at once; different or weak passwords are reported."""
    link = await first_link(stage.pool)
    page = await browser.new_page()
    await page.goto(f"{stranger.url}/{link}")
    await expect(page.locator("#link-about")).to_contain_text("first administrator")
    assert "#" not in page.url
    assert await violations(page) == []
    await page.fill("#link-name", "root")
    await page.fill("#link-password", "password of root")
    await page.fill("#link-again", "password of no one")
    await page.keyboard.press("Enter")
    await expect(page.locator("#link-fault")).to_contain_text("differ")
    await page.fill("#link-again", "password of root")
    await page.keyboard.press("Enter")
    await expect(page.locator("#link-fault")).to_contain_text("contains the user's name")
    await page.fill("#link-password", NEW)
    await page.fill("#link-again", NEW)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
    await page.goto("about:blank")
    again = await browser.new_page()
    await again.goto(f"{stranger.url}/{link}")
    await expect(again.locator("#link-fault")).to_contain_text("has been used")


@pytest.mark.parametrize(
    ("origin", "about", "shown"),
    [
        ("local", "anna · operator", ["password-form", "factor-section"]),
        ("ldap", "anna · operator. Password and roles are those of the directory.", ["factor-section"]),
        ("oidc", "anna · operator. Log-in and roles are those of the identity provider.", []),
    ],
)
async def test_the_account_offers_what_is_kept_here(
    stage: Stage, browser: Browser, stranger: Caller, origin: str, about: str, shown: list[str]
) -> None:
    """A user of another log-in changes the password there, and has no second factor here."""
    await user_of(stage, "anna", "operator")
    page = await browser.new_page()

    async def answer_password(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["data"]["origin"] = origin
        await route.fulfill(response=answer, json=body)

    await page.route("**/api/v1/session/password", answer_password)
    await page.goto(stranger.url)
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("#leave").click()
    await expect(page.locator("#account-about")).to_have_text(about)
    for part in ("password-form", "factor-section"):
        await expect(page.locator(f"#{part}")).to_be_visible(visible=part in shown)
    assert await violations(page) == []


async def test_a_second_factor_is_set_up_and_asked_for(
    stage: Stage, browser: Browser, stranger: Caller
) -> None:
    """The key is shown, its code confirms it, recovery codes are listed; the next log-in asks for a code."""
    await user_of(stage, "anna", "operator")
    page = await browser.new_page()
    await page.goto(stranger.url)
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
    await page.locator("#leave").click()
    await page.fill("#factor-password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#factor-code")).to_be_focused()
    secret = b32decode((await page.locator("#factor-secret").inner_text()).replace(" ", ""))
    assert await violations(page) == []
    await page.fill("#factor-code", code_at(secret, int(time.time()) // 30))
    await page.keyboard.press("Enter")
    await expect(page.locator("#factor-list")).to_contain_text("-")
    codes = (await page.locator("#factor-list").inner_text()).splitlines()
    assert len(codes) == 10
    await page.locator("#account-close").click()
    await page.locator("#leave").click()
    await expect(page.locator("#factor-state")).to_be_visible()
    await expect(page.locator("#factor-set")).to_be_hidden()
    await expect(page.locator("#factor-remove")).to_be_visible()
    assert await violations(page) == []
    await page.locator("#log-out").click()
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-code")).to_be_focused()
    await page.fill("#login-code", codes[0])
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")
