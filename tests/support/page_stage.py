"""What tests of the page do in a browser beside looking: log in, open tabs, set up connectors."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import gettempdir
from threading import Thread
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from opsconductor.api.dependencies import ConnectorState
from opsconductor.model.enums import ConnectorStatus
from tests.support.api_stage import Caller, Stage
from tests.support.daemon import free_port

# the driver of Playwright is started for each test; half of that is reading its own code
os.environ.setdefault("NODE_COMPILE_CACHE", str(Path(gettempdir()) / "opsconductor-tests-node"))

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text()
FADED = """() => document.getAnimations().every(
    (each) => each.playState !== "running" || each.effect.getTiming().iterations === Infinity)"""
CHROMIUM = "/usr/bin/chromium-headless-shell"
"""The engine of Chromium without its windows: opens a page for half the processor time."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StillBrowser(Browser):
    """A browser of someone who wants no movement: nothing fades, so that no test waits until it has."""

    async def new_page(self, **options: Any) -> Page:
        """Open a page in a context of its own."""
        return await super().new_page(**{"reduced_motion": "reduce", **options})

    async def new_context(self, **options: Any) -> BrowserContext:
        """Make a context, which shares nothing with others."""
        return await super().new_context(**{"reduced_motion": "reduce", **options})


@contextmanager
def chromium_running() -> Iterator[str]:
    """Run Chromium, for many tests: each start takes a second. Returns its address."""
    port = free_port()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[*CHROMIUM_ARGUMENTS, f"--remote-debugging-port={port}"],
            )
            is_enough = asyncio.Event()
            started.set_result((asyncio.get_running_loop(), is_enough))
            await is_enough.wait()
            await browser.close()

    thread = Thread(target=asyncio.run, args=[run()])
    thread.start()
    loop, is_enough = started.result(timeout=60)
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(is_enough.set)
    thread.join()


@asynccontextmanager
async def browser_at(address: str) -> AsyncIterator[Browser]:
    """Connect to a running Chromium; what is opened is closed at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        yield StillBrowser(browser._impl_obj)
        for context in browser.contexts:
            await context.close()
        await browser.close()


def connector(
    name: str,
    status: ConnectorStatus = ConnectorStatus.CONNECTED,
    *,
    role: str = "source",
    error: str | None = None,
) -> ConnectorState:
    """Make the state of a connector."""
    return ConnectorState(
        name=name,
        type=name,
        role=role,
        enabled=True,
        status=status,
        error_message=error,
        takes_posts=False,
        last_poll_at=None,
        last_success_at=None,
        alerts_received=None,
        alerts_today=None,
    )


async def declare(stage: Stage, *states: ConnectorState) -> None:
    """Store connectors in these states."""
    stage.desk.known = list(states)
    rows = [(state.name, state.type) for state in states]
    await stage.pool.executemany("INSERT INTO connectors (name, type, config) VALUES ($1, $2, '{}')", rows)


async def log_in(page: Page, someone: Caller) -> None:
    """Fill in the key and wait until the feed is live."""
    await page.goto(someone.url)
    await page.fill("#login-key", str(someone.key))
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")


async def tab(context: BrowserContext, url: str) -> Page:
    """Open one more tab of a browser that is logged in, and wait until it is live."""
    opened = await context.new_page()
    await opened.goto(url)
    await expect(opened.locator("#live")).to_have_text("Live")
    return opened


async def violations(page: Page) -> list[str]:
    """Let axe look at everything that is shown."""
    await page.wait_for_function(FADED)
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]
