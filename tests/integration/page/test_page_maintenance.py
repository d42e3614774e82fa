"""The page shows what mutes an alert, shelves one by a key, and shows the number of hidden alerts."""

import re

from playwright.async_api import Page, expect

from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def test_a_muted_alert_says_by_what_and_until_when(stage: Stage, page: Page, operator: Caller) -> None:
    """In the list, in its pane, and under Why."""
    body = {"behind": "10.9.9.9", "lasts": "2h", "name": "fibre work"}
    await operator.post("/maintenance", body)
    await stage.report(problem("in maintenance"))
    row = page.locator("tr.row")
    await expect(row.locator(".mark.muted")).to_contain_text("not notified: maintenance fibre work, until")
    await row.click()
    await expect(page.locator("#detail .facts")).to_contain_text("maintenance fibre work, until")
    why = page.locator("#detail .reason").first
    await expect(why).to_contain_text("If the problem still exists then, it is notified")


async def test_s_shelves_with_a_reason_and_takes_back(stage: Stage, page: Page) -> None:
    """The button beside acknowledge does the same; without a reason nothing happens."""
    await stage.report(problem("to be shelved"))
    await page.locator("tr.row").click()
    await page.keyboard.press("s")
    await expect(page.locator("#ask h2")).to_have_text("Shelve this alert?")
    await page.locator("#ask textarea").fill("spare part")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("tr.chosen .mark.muted")).to_contain_text("shelved by the operator: spare part")
    await expect(page.locator('[data-act="Unshelve"]')).to_be_visible()
    entries = page.locator("#detail .timeline .do-updated")
    await expect(entries.first.locator(".what span")).to_have_text("Muted by the operator")
    changes = entries.first.locator(".change")
    await expect(changes.first).to_have_text("muted by: shelved by the operator: spare part")
    await expect(changes.last).to_have_text(re.compile(r"^muted until: (\w+ \d+, )?\d\d:\d\d:\d\d$"))
    await page.keyboard.press("s")
    await expect(page.locator("tr.chosen .mark.muted")).to_be_hidden()
    await expect(entries.first.locator(".what span")).to_have_text("No longer muted by the operator")
    await expect(entries.first.locator(".change")).to_have_count(1)


async def test_hidden_alerts_are_counted_where_the_list_is_empty(
    stage: Stage, page: Page, operator: Caller
) -> None:
    """The list leaves them out, and says how many; they are listed when asked for."""
    body = {"behind": "10.9.9.9", "lasts": "2h", "mode": "hide"}
    await operator.post("/maintenance", body)
    await stage.report(problem("hidden"))
    await expect(page.locator("#hidden")).to_have_text("1 hidden by maintenance")
    await expect(page.locator("#empty")).to_contain_text("1 open alert is hidden by maintenance windows")
    await expect(page.locator("#empty")).not_to_contain_text("All sources are connected")
    assert (await operator.get("/alerts?status=active")).data == []
    (alert,) = stage.engine.open_alerts()
    for query in ("hidden=also&status=active", "hidden=only&status=active", "hidden=also", f"id={alert.id}"):
        listed = (await operator.get(f"/alerts?{query}")).data
        assert isinstance(listed, list)
        assert [each["title"] for each in listed] == ["hidden"], query
    assert (await operator.get("/alerts")).data == []
