"""How fluid the operators' page is with many open alerts, in a real browser.

Run with `python -m tests.benchmarks.bench_page`. The API, the engine, the embedded server and Chromium run on
this machine. Printed: the first paint and the first row after a reload, the times of frames while the list is
scrolled through from top to bottom, how long a new alert takes until its row is there, and the largest layout
shift while the page is built. With the load of the machine: other work makes all of it slower.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from aiohttp import ClientSession
from playwright.async_api import Page

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.enums import Severity
from opsconductor.store.postgres.database import open_database
from tests.support.api.api_stage import Stage, caller, problem, serving
from tests.support.page.browsers import browser_at, chromium_running
from tests.support.page.page_stage import log_in

NEWS = 10
SCROLL = """async () => {
    const list = document.querySelector("#scroll");
    const times = [];
    let before = performance.now();
    for (let top = 0; top < list.scrollHeight - list.clientHeight && times.length < 600; top += 900) {
        list.scrollTop = top;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        times.push(now - before);
        before = now;
    }
    return times;
}"""
PAINT = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return paint ? paint.startTime : 0;
}"""
SHIFTS = """() => new Promise((done) => {
    let most = 0;
    new PerformanceObserver((found) => {
        for (const each of found.getEntries()) if (!each.hadRecentInput) most = Math.max(most, each.value);
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(most), 200);
})"""


def shown(times_ms: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum."""
    ordered = sorted(times_ms)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {statistics.median(ordered):.0f} ms, p99 {late:.0f} ms, most {ordered[-1]:.0f} ms"


async def measure(page: Page, stage: Stage) -> None:
    """Print what a person at the page waits for."""
    await page.reload()
    await page.wait_for_selector("tr.row")
    first_row_ms = await page.evaluate("performance.now()")
    await page.wait_for_timeout(1_000)
    print(f"first paint {await page.evaluate(PAINT):.0f} ms, first row {first_row_ms:.0f} ms")
    print(f"largest layout shift until then: {await page.evaluate(SHIFTS):.3f}")
    print(f"rows in the document: {await page.locator('tr.row').count()}")
    await page.mouse.move(700, 5)
    waits = []
    for number in range(NEWS):
        title = f"news {number}"
        started_s = time.perf_counter()
        await stage.report(problem(title, device_ip=f"10.200.0.{number}", severity=Severity.CRITICAL))
        await page.wait_for_selector(f"tr.row:has-text('{title}')")
        waits.append((time.perf_counter() - started_s) * 1000)
        await asyncio.sleep(0.3)
    print(f"news: {shown(waits)}")
    print(f"frames while scrolling: {shown(await page.evaluate(SCROLL))}")


async def run(amount: int, pool: asyncpg.Pool) -> None:
    """Report the alerts, open the page and measure."""
    stage = Stage(pool)
    problems = [problem(f"alert {n}", device_ip=f"10.{n >> 8 & 255}.{n & 255}.1") for n in range(amount)]
    await stage.report(*problems)
    with chromium_running() as address:
        async with (
            serving(stage) as url,
            ClientSession() as http,
            browser_at(address) as browser,
        ):
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await log_in(page, await caller(stage, http, url, "operator"))
            print(f"-- {amount:,} open alerts, load {os.getloadavg()[0]:.1f}")
            await measure(page, stage)


async def main(amounts: Sequence[int]) -> None:
    """Measure with each number of open alerts."""
    for amount in amounts:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data_dir=Path(folder), database=DatabaseSettings())
            async with open_database(settings, upgrade=True) as pool:
                await run(amount, pool)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--alerts", type=int, nargs="+", default=[100, 10_000])
    asyncio.run(main(parser.parse_args().alerts))
