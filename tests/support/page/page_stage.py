"""Steps of page tests in a browser: log in, open tabs, set up connectors."""

from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect

from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.model.enums import ConnectorStatus
from tests.support.api.api_stage import Caller, Stage

AXE = (Path(__file__).resolve().parents[2] / "vendor" / "axe-core" / "axe.min.js").read_text()
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
    """Open the page with a session of this key and wait until the feed is live.

    The log-in form has tests of its own; without it, a page takes a fifth less processor time.
    """
    opened = await page.context.request.post(f"{someone.url}/api/v1/session", data={"key": str(someone.key)})
    await expect(opened).to_be_ok()
    await page.goto(someone.url)
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


async def use_theme(page: Page, theme: str) -> None:
    """Switch the theme of an open page; the preference of the browser counts only when it is loaded."""
    await page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)


async def violations_in_both_themes(page: Page) -> list[str]:
    """Return all violations in the dark theme, and those of colors in the light one.

    The light theme changes nothing but colors.
    """
    await use_theme(page, "dark")
    found = await violations(page)
    await use_theme(page, "light")
    return found + await _axe(page, {"runOnly": ["color-contrast", "link-in-text-block"]})


async def violations(page: Page, *, is_contrast_known: bool = False) -> list[str]:
    """Return the violations that axe finds in the shown page.

    Args:
        page: What is looked at.
        is_contrast_known: The test has the same judged in the same theme at another width. On a page with
            large tables or plots contrast takes most of the time.
    """
    return await _axe(page, {"rules": {"color-contrast": {"enabled": not is_contrast_known}}})


async def _axe(page: Page, chosen: Mapping[str, object]) -> list[str]:
    """Return the violations of the chosen rules.

    No rule in force needs `preload`, which loads style sheets and media once more.
    """
    await page.wait_for_function(FADED)
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(AXE)
    options = {"resultTypes": ["violations"], "preload": False, **chosen}
    found = await page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]
