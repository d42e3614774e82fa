"""Steps of page tests in a browser: log in, open tabs, set up connectors."""

from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect

from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.model.enums import ConnectorStatus
from tests.support.api_stage import Caller, Stage

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text()
MOVE = """(path) => ["/alerts", path].forEach((each) => {
    history.pushState(null, "", each);
    dispatchEvent(new PopStateEvent("popstate"));
})"""
FADED = """() => document.getAnimations().every(
    (each) => each.playState !== "running" || each.effect.getTiming().iterations === Infinity)"""


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


async def go_within(page: Page, path: str) -> None:
    """Go to another address within the page, as Back does; a reload takes half a second of CPU.

    It goes by way of the alert list, so that nothing of another section is on the page meanwhile.
    """
    await page.evaluate(MOVE, path)


async def violations(page: Page, *, is_contrast_known: bool = False) -> list[str]:
    """Return the violations that axe finds in the shown page.

    No rule in force needs `preload`, which loads style sheets and media once more.

    Args:
        page: What is looked at.
        is_contrast_known: The test has the same judged in the same theme at another width. On a page with
            large tables or plots contrast takes most of the time.
    """
    await page.wait_for_function(FADED)
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(AXE)
    options = {
        "resultTypes": ["violations"],
        "preload": False,
        "rules": {"color-contrast": {"enabled": not is_contrast_known}},
    }
    found = await page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]
