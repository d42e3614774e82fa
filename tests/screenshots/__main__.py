"""Take the pictures of docs/: `make screenshots`, or `python -m tests.screenshots NAME...` for some."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.screenshots.pictures import PICTURES, Picture
from tests.screenshots.scene import scene
from tests.support.daemons.daemon import ROOT, Daemon
from tests.support.page.browsers import browser_at, chromium_running
from tests.support.page.page_stage import FADED

PATIENCE_MS = 120_000
"""How long each step may take: the first list of all mappings reads their index, on a busy machine slowly."""


async def take(browser: Browser, daemon: Daemon, key: str, picture: Picture) -> None:
    """Log in, go to the address, act, and write the picture."""
    width, height = (390, 844) if picture.is_phone else (1440, 900)
    page = await browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=picture.theme,
        timezone_id="Europe/Paris",
        device_scale_factor=2 if picture.is_phone else 1,
    )
    page.set_default_timeout(PATIENCE_MS)
    await log_in(page, daemon, key)
    await page.goto(f"http://127.0.0.1:{daemon.api_port}{picture.path}")
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator(picture.shown).first).to_be_visible()
    await picture.act(page)
    await page.wait_for_function(FADED)
    await page.screenshot(path=ROOT / "docs" / f"{picture.name}.png")
    await page.context.close()


async def log_in(page: Page, daemon: Daemon, key: str) -> None:
    """Log in with an API key."""
    await page.goto(f"http://127.0.0.1:{daemon.api_port}/")
    await page.fill("#login-key", key)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")


async def main(names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as place, chromium_running() as address:
        async with scene(Path(place)) as daemon, browser_at(address) as browser:
            key = (await daemon.run("token", "create", "--role", "admin", "--name", "ada")).split()[-1]
            for picture in wanted:
                await take(browser, daemon, key, picture)
                print(f"docs/{picture.name}.png")  # noqa: T201 - progress for the user


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
