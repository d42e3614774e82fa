"""Accounts that are kept elsewhere, on the page in a real browser."""

from contextlib import aclosing
from ipaddress import ip_network

from playwright.async_api import Browser, expect

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.config.sections.sign_in import ProxySettings
from opsconductor.connector.destinations import Destinations
from opsconductor.identity.oidc.provider import OidcProvider
from tests.support.api.api_stage import Stage, serving
from tests.support.api.oidc_provider import running_provider
from tests.support.page.page_stage import violations
from tests.support.ports import free_port

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def test_a_user_logs_in_at_another_site_and_out_of_both(stage: Stage, browser: Browser) -> None:
    """By a button to the provider and back with a session, although its cookie is for the own site only."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with running_provider("localhost") as provider:
        rules = AccountRules(oidc=OidcProvider(provider.settings, f"{url}/", Destinations()))
        async with aclosing(rules), serving(stage, port=port, accounts=rules):
            page = await browser.new_page()
            await page.goto(url)
            button = page.get_by_role("button", name="Log in with Test ID")
            await expect(button).to_be_visible()
            assert await violations(page) == []
            await button.click()
            await expect(page.locator("#leave")).to_have_text("anna")
            await expect(page.locator("#live")).to_have_text("Live")
            await page.locator("#leave").click()
            async with page.expect_navigation(url=f"{url}/"):
                await page.locator("#log-out").click()
            await expect(page.locator("#login-name")).to_be_focused()
            assert provider.asked[-1]["post_logout_redirect_uri"] == f"{url}/"
            provider.refuses = "access_denied"
            await button.click()
            await expect(page.get_by_role("status")).to_contain_text("no <b>consent</b>")
            assert await violations(page) == []
            await page.get_by_role("link", name="Back to the log-in").click()
            await expect(page.locator("#login-name")).to_be_visible()


async def test_the_user_named_by_the_proxy_is_logged_in(stage: Stage, browser: Browser) -> None:
    """Without a form; after a log-out a button takes the user back in."""
    settings = ProxySettings(user_header="X-Forwarded-User", default_roles=("viewer",))
    here = (ip_network("127.0.0.0/8"),)
    async with serving(stage, trusted_proxies=here, accounts=AccountRules(proxy=settings)) as url:
        context = await browser.new_context(extra_http_headers={"X-Forwarded-User": "bo"})
        page = await context.new_page()
        await page.goto(url)
        await expect(page.locator("#leave")).to_have_text("bo")
        await page.locator("#leave").click()
        await page.locator("#log-out").click()
        await page.get_by_role("button", name="Log in as bo").click()
        await expect(page.locator("#leave")).to_have_text("bo")
