"""Rules, people, on-call schedules and maintenance are edited on the page, with a running daemon."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from playwright.async_api import Browser, Page, expect

from tests.support.daemons.daemon import Daemon, running
from tests.support.page.page_stage import go_within, violations

pytest_plugins = ["tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
HOOK = {"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:9/"}}
LOCAL_NOW = "new Date(Date.now() - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 16)"
PARTS = ("rules", "rules/+new", "on-call", "maintenance", "people", "people/schedules/primary")
TODAY = datetime.now(UTC).date()
LAYER = {
    "name": "week",
    "starts": f"{TODAY - timedelta(days=1)}",  # by any clock anna's week has begun, and goes on for days
    "participants": ["anna", "bob"],
}


def declare_people(daemon: Daemon) -> None:
    """Declare two persons who take turns, a rule with a hostile name, a window that recurs."""
    methods = [{"channel": "hook", "recipient": "x"}]
    daemon.declare(
        "people",
        connectors=[HOOK],
        people=[{"name": name, "contact_methods": methods} for name in ("anna", "bob")],
        schedules=[{"name": "primary", "time_zone": "Europe/Berlin", "layers": [LAYER]}],
        notification_rules=[
            {
                "name": HOSTILE,
                "description": HOSTILE,
                "conditions": {"any": [{"site": "lyon"}, {"device_tags": "core"}]},
                "channels": [{"schedule": "primary"}],
            }
        ],
        maintenance_windows=[
            {
                "name": "patches",
                "conditions": {"site": "lyon"},
                "start_at": "2026-11-01T22:00:00+01:00",
                "recurring": {"rule": "FREQ=MONTHLY;BYDAY=2TU", "zone": "Europe/Paris", "duration": "4h"},
            }
        ],
    )


async def signed_in(browser: Browser, daemon: Daemon, *, width: int = 1360) -> Page:
    """Open the page as an administrator."""
    output = await daemon.run("token", "create", "--role", "admin", "--name", f"page{width}")
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark")
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{daemon.api_port}/notifications")
    await page.fill("#login-key", output.split()[-1])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Rules")).to_be_visible()
    return page


async def test_what_is_made_on_the_page_is_in_force(daemon: Daemon, browser: Browser) -> None:
    """A rule is made, refused, tried, tested and deleted; a person is put on call; a window mutes."""
    declare_people(daemon)
    async with running(daemon):
        page = await signed_in(browser, daemon)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await make_rule(page)
        found = dict(await daemon.api("/notifications/rules/core"))["data"]
        assert found["row"]["conditions"] == {"minimum_severity": "major", "site": ["lyon", "paris"]}  # type: ignore[index]
        assert found["row"]["channels"] == [{"person": "anna"}]  # type: ignore[index]
        await try_rule(page)
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_role("table", name="Notification rules")).to_be_visible()
        await expect(page.get_by_role("link", name="core", exact=True)).to_have_count(0)
        await put_on_call(page)
        await mute(page, daemon)
        assert errors == []


async def test_lists_of_more_than_a_page_are_whole(daemon: Daemon, browser: Browser) -> None:
    """With 205 persons and rules all are listed and counted, and a form knows the last of them."""
    methods = [{"channel": "hook", "recipient": "x"}]
    names = [f"person-{number:03}" for number in range(205)]
    daemon.declare(
        "many",
        connectors=[HOOK],
        people=[{"name": name, "contact_methods": methods} for name in names],
        notification_rules=[
            {"name": f"rule-{name}", "conditions": {"site": name}, "channels": [{"person": name}]}
            for name in names
        ],
    )
    async with running(daemon):
        page = await signed_in(browser, daemon)
        await expect(page.locator(".pager [role=status]")).to_have_text("1 to 100 of 205 rules")
        await page.goto(f"http://127.0.0.1:{daemon.api_port}/notifications/rules/rule-person-204")
        chosen = page.get_by_label("Which person").locator("option:checked")
        await expect(page.get_by_label("Which person").locator("option")).to_have_count(206)
        await expect(chosen).to_have_text("person-204")
        await page.goto(f"http://127.0.0.1:{daemon.api_port}/notifications/people")
        await expect(page.get_by_role("region", name="People")).to_contain_text("1 to 100 of 205 people")


async def make_rule(page: Page) -> None:
    """Make a rule; a name that is taken is refused at the form."""
    await page.get_by_role("link", name="New rule").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("core")
    await page.get_by_label("Add a condition").select_option("minimum_severity")
    await page.get_by_label("Severity at least").locator("select").select_option("major")
    await page.get_by_label("Add a condition").select_option("site")
    await page.get_by_role("textbox", name="Site").fill("lyon, paris")
    await page.get_by_label("Add a condition").select_option("unacknowledged_for")
    await page.get_by_role("textbox", name="Not acknowledged for").fill("soon")
    await page.get_by_label("Kind of target").select_option("person")
    await page.get_by_label("Which person").select_option("anna")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("unacknowledged_for")
    await page.get_by_role("button", name="Remove not acknowledged for").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="core")).to_be_visible()
    await expect(page.locator(".in-words")).to_have_text(
        "Of major or worse, site lyon or paris: person anna."
    )


async def try_rule(page: Page) -> None:
    """Ask who would be notified, and which messages the rule would have sent."""
    await page.get_by_role("textbox", name="Device", exact=True).fill("sw-1")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_label("Try it")).to_contain_text("Not by this rule: the device has no site")
    await page.get_by_role("button", name="Test").click()
    await expect(page.get_by_label("Back-test")).to_contain_text("0 messages instead of 0")


async def put_on_call(page: Page) -> None:
    """The calendar shows who takes turns, and an override that is added and deleted."""
    await page.get_by_role("tab", name="On call").click()
    calendar = page.locator("table.calendar")
    await expect(calendar.locator("td")).to_have_count(28)
    await expect(calendar).to_contain_text("anna")
    await expect(calendar.locator("li", has_text="*")).to_have_count(0)
    now = page.get_by_role("list", name="On call now")
    await expect(now).to_contain_text("anna")
    begin = datetime.fromisoformat(await page.evaluate(LOCAL_NOW))
    await page.get_by_label("Person").select_option("bob")
    await page.get_by_label("from", exact=True).fill(f"{begin:%Y-%m-%dT%H:%M}")
    await page.get_by_label("to", exact=True).fill(f"{begin + timedelta(days=30):%Y-%m-%dT%H:%M}")
    await page.get_by_role("button", name="Put on call").click()
    await expect(calendar.locator("li", has_text="*").first).to_contain_text("bob")
    await expect(now).to_contain_text("bob")
    await page.get_by_role("row", name="bob").get_by_role("button", name="Delete").click()
    await expect(calendar.locator("li", has_text="*")).to_have_count(0)
    await expect(now).to_contain_text("anna")


async def mute(page: Page, daemon: Daemon) -> None:
    """A silence that begins now mutes new alerts, and is ended."""
    await page.get_by_role("tab", name="Maintenance").click()
    await expect(page.get_by_role("row", name="patches")).to_contain_text("planned")
    await page.get_by_role("button", name="New window").click()
    window = page.get_by_role("dialog")
    await window.get_by_label("Add a condition").select_option("device_name")
    await window.get_by_role("textbox", name="Device name").fill("sw-*")
    await window.get_by_label("Name", exact=True).fill("work on switches")
    await window.get_by_role("button", name="Begin now").click()
    row = page.get_by_role("row", name="work on switches")
    await expect(row).to_contain_text("active")
    event = {"device": "sw-1", "alert_type": "network_link_down", "severity": "major"}
    await daemon.api("/events", event)
    (alert,) = await daemon.alerts_when(lambda found: len(found) == 1)
    assert alert["muted_by"] == "maintenance work on switches"
    await row.get_by_role("button", name="End now").click()
    await page.get_by_role("dialog").get_by_role("button", name="End it").click()
    await expect(row).to_contain_text("over")


async def test_every_part_is_accessible_and_takes_names_as_text(daemon: Daemon, browser: Browser) -> None:
    """Axe finds nothing, on a phone neither; hostile names run nothing; a person in use is not deleted."""
    declare_people(daemon)
    async with running(daemon):
        for width in (1360, 390):
            page = await signed_in(browser, daemon, width=width)
            await expect(page.get_by_role("table", name="Notification rules")).to_contain_text(HOSTILE)
            for path in (
                "rules",
                "rules/+new",
                "on-call",
                "maintenance",
                "people",
                "people/schedules/primary",
            ):
                await go_within(page, f"/notifications/{path}")
                await expect(page.locator("#section :is(table, form)").first).to_be_visible()
                assert await violations(page, is_contrast_known=width == 390) == [], path
        await page.route("**/api/v1/notifications/schedules*", lambda _route: None)  # never answered
        await page.goto(f"http://127.0.0.1:{daemon.api_port}/notifications/rules/{quote(HOSTILE, safe='')}")
        chosen = page.get_by_label("Which schedule").locator("option:checked")
        await expect(chosen).to_have_text("primary")  # not: does not exist
        await page.goto(f"http://127.0.0.1:{daemon.api_port}/notifications/people/people/anna")
        await page.get_by_role("button", name="Take over").click()
        await expect(page.locator(".head")).to_contain_text("taken over from")
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.locator("#toasts")).to_contain_text("schedules.primary")
        assert await page.locator("#section img").count() == 0
        assert "owned" not in await page.title()
