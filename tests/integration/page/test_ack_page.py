"""The acknowledge link of a message: previews change nothing, a press acts once, nothing leaks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession

from opsconductor.model.alert import Alert
from opsconductor.model.command import Operator as Person
from opsconductor.model.command import Resolve, Unacknowledge
from opsconductor.model.enums import Status
from opsconductor.notify.ack_link import AckLinks
from tests.support.api.api_stage import Stage, problem, serving

LINKS = AckLinks(bytes(range(32)), "https://noc.example.net/", timedelta(hours=24))
NAME = "anna@example.net by link"


@pytest.fixture
def stage(pool: asyncpg.Pool) -> Stage:
    """Provide an engine and a store without any alert."""
    return Stage(pool)


@pytest.fixture
async def url(stage: Stage) -> AsyncIterator[str]:
    """Serve the API with links."""
    async with serving(stage, ack_links=LINKS) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    """Open a browser that is not logged in."""
    async with ClientSession() as session:
        yield session


def path_of(alert: Alert, *, issued_at: datetime | None = None) -> str:
    """Return the path of a link to an alert."""
    made = LINKS.url_of(alert.id, "anna@example.net", issued_at or datetime.now(UTC) - timedelta(minutes=1))
    return made.removeprefix("https://noc.example.net")


async def opened(browser: ClientSession, url: str, method: str = "GET") -> tuple[int, str]:
    """Return the status and the text of the page."""
    async with browser.request(method, url) as answer:
        return answer.status, unescape(await answer.text())


async def test_looking_changes_nothing_and_a_press_acknowledges(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """HEAD and GET, as previews send them, leave the alert active; POST names the recipient everywhere."""
    (alert,) = await stage.report(problem("Link Down - <edge> & co"))
    where = url + path_of(alert)
    for method in ("HEAD", "GET", "GET"):
        status, text = await opened(browser, where, method)
        assert status == 200
        assert stage.engine.open_alerts()[0].status is Status.ACTIVE
    assert "Link Down - <edge> & co" in text
    assert '<form method="post">' in text
    assert "You acknowledge as anna@example.net" in text
    status, text = await opened(browser, where, "POST")
    assert (status, "Acknowledged by anna@example.net by link." in text) == (200, True)
    assert "<form" not in text
    acknowledged = stage.engine.open_alerts()[0]
    assert (acknowledged.status, acknowledged.acknowledged_by) == (Status.ACKNOWLEDGED, NAME)
    row = await stage.pool.fetchrow("SELECT * FROM alert_history WHERE action = 'acknowledged'")
    assert (row["user_name"], row["alert_id"]) == (NAME, alert.id)
    audited = await stage.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'acknowledge.link'")
    assert (audited["actor"], audited["subject"], audited["remote_ip"]) == (NAME, str(alert.id), "127.0.0.1")


async def test_the_page_allows_no_scripts_and_stays_out_of_caches(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """The policy forbids everything but our own style, and the address with the token goes nowhere."""
    (alert,) = await stage.report(problem())
    async with browser.get(url + path_of(alert)) as answer:
        text, headers = await answer.text(), answer.headers
    assert "<script" not in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
    async with browser.get(f"{url}/static/acknowledge.css") as style:
        assert style.status == 200


async def test_a_second_press_says_who_has_it(stage: Stage, url: str, browser: ClientSession) -> None:
    """It is no error, and nothing is recorded twice."""
    (alert,) = await stage.report(problem())
    await opened(browser, url + path_of(alert), "POST")
    status, text = await opened(browser, url + path_of(alert), "POST")
    assert (status, f"This is already acknowledged by {NAME}" in text) == (200, True)
    assert await stage.pool.fetchval("SELECT count(*) FROM alert_history WHERE action = 'acknowledged'") == 1


async def test_a_link_acts_once_also_after_a_withdrawal(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """After a withdrawal of the acknowledgement the old link is used; that of a newer message works."""
    (alert,) = await stage.report(problem())
    old = path_of(alert)
    await opened(browser, url + old, "POST")
    await stage.command(Unacknowledge(alert_id=alert.id, operator=Person(name="ben")))
    for method in ("GET", "POST"):
        status, text = await opened(browser, url + old, method)
        assert (status, "This link has been used" in text) == (410, True)
    assert stage.engine.open_alerts()[0].status is Status.ACTIVE
    newer = path_of(alert, issued_at=datetime.now(UTC) + timedelta(seconds=1))
    assert (await opened(browser, url + newer, "POST"))[0] == 200
    assert stage.engine.open_alerts()[0].acknowledged_by == NAME


async def test_expired_resolved_and_unknown_have_their_page(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """None of them acts; each page has the reason."""
    (alert,) = await stage.report(problem())
    late = path_of(alert, issued_at=datetime.now(UTC) - timedelta(hours=25))
    status, text = await opened(browser, url + late, "POST")
    assert (status, "This link has expired" in text) == (410, True)
    assert stage.engine.open_alerts()[0].status is Status.ACTIVE
    await stage.command(Resolve(alert_id=alert.id, operator=Person(name="ben")))
    status, text = await opened(browser, url + path_of(alert), "POST")
    assert (status, "This problem is over" in text) == (410, True)
    gone = LINKS.url_of(uuid4(), "anna@example.net", datetime.now(UTC))
    status, text = await opened(browser, url + gone.removeprefix("https://noc.example.net"))
    assert (status, "not known any more" in text) == (410, True)


async def test_a_wrong_signature_reveals_nothing(stage: Stage, url: str, browser: ClientSession) -> None:
    """Cut, changed or invented: one page for all, which names no alert, whether it exists or not."""
    (alert,) = await stage.report(problem("The secret title"))
    right = path_of(alert)
    pages = set()
    for wrong in (right[:-1], right[:-2] + ("AA" if right[-2:] != "AA" else "BB"), "/ack/x", "/ack/%00"):
        for method in ("GET", "POST"):
            pages.add(await opened(browser, url + wrong, method))
    assert len(pages) == 1
    ((status, text),) = pages
    assert (status, "This link is not valid" in text, "secret" in text) == (404, True, False)
    assert stage.engine.open_alerts()[0].status is Status.ACTIVE


async def test_wrong_links_are_limited_and_do_not_lock_out_a_right_one(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """Behind one address: guesses are answered 429 after some, the recipient's own link still works."""
    (alert,) = await stage.report(problem())
    statuses = [(await opened(browser, f"{url}/ack/guess{number}"))[0] for number in range(30)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert (await opened(browser, url + path_of(alert), "POST"))[0] == 200
    own = [(await opened(browser, url + path_of(alert)))[0] for _ in range(30)]
    assert own[-1] == 429


async def test_without_the_database_a_link_still_acknowledges(
    stage: Stage, url: str, browser: ClientSession
) -> None:
    """Earlier uses of the link cannot be looked up; the engine's state decides."""
    (alert,) = await stage.report(problem())
    await stage.pool.execute("ALTER TABLE alert_history RENAME TO elsewhere")
    status, text = await opened(browser, url + path_of(alert))
    assert (status, '<form method="post">' in text) == (200, True)


async def test_without_links_every_one_is_invalid(stage: Stage, browser: ClientSession) -> None:
    """No public address, no links: none is read."""
    (alert,) = await stage.report(problem())
    async with serving(stage) as address:
        assert (await opened(browser, address + path_of(alert)))[0] == 404


async def test_key_1_of_a_call_acknowledges(stage: Stage, url: str, browser: ClientSession) -> None:
    """Another key, none and a GET change nothing; the answers are read to the person."""
    (alert,) = await stage.report(problem())
    where = f"{url}{path_of(alert)}/call"
    for data in ({"Digits": "2"}, {}, {"Digits": "11"}):
        async with browser.post(where, data=data) as answer:
            assert (answer.status, answer.content_type) == (200, "text/xml")
            assert "Nothing was acknowledged" in await answer.text()
    assert (await opened(browser, where))[0] == 405
    assert stage.engine.open_alerts()[0].status is Status.ACTIVE
    async with browser.post(where, data={"Digits": "1"}) as answer:
        assert "<Say>Acknowledged by anna@example.net by call.</Say>" in await answer.text()
    assert stage.engine.open_alerts()[0].acknowledged_by == "anna@example.net by call"
    async with browser.post(f"{url}/ack/guess/call", data={"Digits": "1"}) as answer:
        assert "not valid" in await answer.text()
