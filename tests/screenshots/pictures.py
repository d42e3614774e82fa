"""The pictures, in one list; a section adds its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Page

Act = Callable[[Page], Awaitable[None]]


async def nothing(_page: Page) -> None:
    """Show the page as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: `docs/NAME.png`.

    Attributes:
        path: Address on the page.
        shown: Selector or text that is awaited.
        act: What is done before the picture is taken.
        is_phone: 390 pixels wide instead of 1440.
    """

    name: str
    path: str
    shown: str
    act: Act = nothing
    theme: Literal["dark", "light"] = "dark"
    is_phone: bool = False


async def open_cause(page: Page) -> None:
    """Open the alert that is the cause of others."""
    await page.locator("tr.row", has_text="consequences").first.click()
    await page.locator("#detail .timeline").wait_for()


async def open_traffic(page: Page) -> None:
    """Open the anomaly of the port that carries nothing."""
    await page.locator("table.data a", has_text="In traffic unusually low").first.click()
    await page.locator(".line-chart polyline").wait_for()


async def open_first(page: Page) -> None:
    """Open the first row of the table, and wait for what it shows."""
    await page.locator("table.data tbody a").first.click()
    await page.locator("#section .panel").first.wait_for()


async def open_analysis(page: Page) -> None:
    """Open a dataset and its analysis, and point at the farthest row."""
    await open_first(page)
    await page.get_by_role("table", name="Analyses").locator("tbody a").click()
    await page.locator(".picture .point.anomalous").first.dispatch_event("mouseenter")
    await page.locator(".picture").evaluate("(picture) => picture.scrollIntoView({ block: 'end' })")


async def open_series(page: Page) -> None:
    """Open the series of a port over a week."""
    await page.locator("table.data tr", has_text="ifIndex=7").first.click()
    await page.get_by_role("button", name="7d").click()
    await page.locator(".line-chart polyline").wait_for()


PICTURES = (
    Picture(name="page", path="/", shown="tr.row", act=open_cause),
    Picture(name="page-phone", path="/", shown="tr.row", is_phone=True),
    Picture(name="overview", path="/overview", shown="#section svg"),
    Picture(name="devices", path="/devices", shown="table.data"),
    Picture(name="system", path="/system", shown="#section h2", theme="light"),
    Picture(name="connectors", path="/connectors", shown="table.data"),
    Picture(name="connector", path="/connectors/snmp_trap", shown=".columns svg", theme="light"),
    Picture(name="connector-new", path="/connectors?new=webhook_in", shown="#section form"),
    Picture(name="connectors-phone", path="/connectors", shown="table.data", is_phone=True),
    Picture(name="mappings", path="/mappings?text=cisco", shown="table.data"),
    Picture(name="mapping-explained", path="/mappings/try?oid=1.3.6.1.6.3.1.1.5.3", shown=".decides"),
    Picture(name="unmapped", path="/mappings/unmapped", shown="table.data", theme="light"),
    Picture(name="rules", path="/notifications", shown="table.data"),
    Picture(name="rule", path="/notifications/rules/power", shown=".in-words", theme="light"),
    Picture(name="on-call", path="/notifications/on-call", shown="table.calendar"),
    Picture(name="maintenance-phone", path="/notifications/maintenance", shown="table.data", is_phone=True),
    Picture(name="anomalies", path="/measurements", shown="table.data"),
    Picture(
        name="anomaly", path="/measurements?filter=", shown="table.data", act=open_traffic, theme="light"
    ),
    Picture(name="series", path="/measurements/series?metric=traffic", shown="table.data", act=open_series),
    Picture(name="machine-types", path="/measurements/machines", shown="table.data", theme="light"),
    Picture(name="dataset", path="/datasets", shown="table.data", act=open_analysis),
)
