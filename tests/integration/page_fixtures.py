"""Fixtures of the page's tests: a real browser, a page with an operator logged in."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.api.api_stage import Caller, Stage
from tests.support.page.browsers import browser_at, chromium_running
from tests.support.page.page_stage import connector, log_in

expect.set_options(timeout=60_000)  # twelve times the usual: other tests run at the same time


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """Run Chromium once for all tests."""
    with chromium_running() as address:
        yield address


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Connect to Chromium; whatever a test opens in it is closed after it."""
    async with browser_at(chromium) as connected:
        yield connected


@pytest.fixture
async def page(stage: Stage, browser: Browser, operator: Caller) -> AsyncIterator[Page]:
    """Open the page and log in as an operator, with one source that works; no script may fail meanwhile."""
    stage.desk.known = [connector("traps")]
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None,
    )
    await log_in(opened, operator)
    yield opened
    assert errors == []
