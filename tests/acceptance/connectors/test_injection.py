"""Hostile text in traps, through the whole daemon: shown everywhere, executed nowhere."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from opsconductor.snmp.message.oid import encode_oid
from tests.fuzz.harmless import HEADERS, Tags, assert_plain
from tests.property.snmp.test_hostile_packets import UP_TIME, element, message
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import Mailbox, served

pytest_plugins = ["tests.integration.page_fixtures"]

BRANCH = "1.3.6.1.4.1.32473"
HIGHEST_ROW = 200
"""Pixels that a title of 255 characters takes on a telephone."""
HOSTILE: dict[str, bytes] = {
    "header": b"\r\nBcc: everybody@example.org\r\nSubject: forged\r\n\r\nforged",
    "smtp end": b"\r\n.\r\nMAIL FROM:<evil@example.org>\r\n",
    "html": b"<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "html end": b"</pre></td></tr></table><a href=javascript:alert(1)>x</a><!--",
    "jinja": b"{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "format": b"{device_name.__class__} {0} {} %s%s%n %(x)s {resource} {device_name}",
    "ansi": b"\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m",
    "c1": "\x9b31m\x9d0;owned\x9c".encode(),
    "nul": b"before\0after",
    "bidi": "invoice\u202egnp.exe \u2066\u2067\u2069\u200f\u061c".encode(),
    "lines": "a\u2028b\u2029c\x85d\x0be\x0cf\ufeff".encode(),
    "sql": b"'; DROP TABLE alerts; -- \" \\' $1 $$ %_",
    "csv": b"=cmd|' /C calc'!A0 @SUM(1+1)*cmd +1 -1",
    "log": b'x" level=critical text="forged" \\',
    "reference": b"${env:PATH} ${file:/etc/passwd} vault:smtp",
    "zalgo": ("e" + "\u0301\u0327\u0489" * 40).encode() * 3,
    "wide": "\ufdfd\u12031\u2800\u3164".encode() * 20,
    "long": b"W" * 60_000,
    "long words": b"word " * 12_000,
    "bytes": bytes(range(256)),
}


def trap(text: bytes) -> bytes:
    """Write a v2c trap whose one variable holds the text."""
    which = element(
        0x30, element(0x06, encode_oid("1.3.6.1.6.3.1.1.4.1.0")), element(0x06, encode_oid(f"{BRANCH}.0.1"))
    )
    variable = element(0x30, element(0x06, encode_oid(f"{BRANCH}.2.1")), element(0x04, text))
    return message(UP_TIME + which + variable)


def declare(daemon: Daemon, smtp_port: int) -> None:
    """Use a device's text in title and resource, and send everything by mail."""
    daemon.declare(
        "hostile",
        connectors=[
            {
                "name": "noc-mail",
                "type": "email",
                "config": {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "from": "ops@example.org"},
            }
        ],
        devices=[{"ip_address": "127.0.0.1", "name": "<b>edge-1</b>\u202e{{7*7}}"}],
        oid_mappings=[
            {
                "oid_pattern": f"{BRANCH}.0.1",
                "alert_type": "network_hostile",
                "category": "network",
                "default_severity": "critical",
                "title_template": f"Hostile {{{BRANCH}.2}} - {{device_name}}",
                "resource_expression": f"{{{BRANCH}.2}}",
            }
        ],
        notification_rules=[
            {
                "name": "all",
                "conditions": {"alert_type": "network_hostile"},  # the daemon may raise one on itself
                "channels": [{"channel": "noc-mail", "recipients": ["noc@example.org"]}],
            }
        ],
    )


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    """A socket to send datagrams from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


async def test_hostile_text_is_shown_everywhere_and_obeyed_nowhere(
    daemon: Daemon, sender: socket.socket, browser: Browser
) -> None:
    """Mail, page, terminal, log and database show every text, and stay intact."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare(daemon, smtp_port)
        daemon.write_settings(
            {
                "log": {"format": "text", "level": "debug"},
                "engine": {"settle_time": "0s"},
                "notifications": {"recipient_limit": {"messages": 0}},
            }
        )
        async with running(daemon):
            for text in HOSTILE.values():
                sender.sendto(trap(text), ("127.0.0.1", daemon.trap_port))
                sender.sendto(trap(text).replace(b"public", b"wrong!"), ("127.0.0.1", daemon.trap_port))
            found = await daemon.alerts_when(lambda alerts: len(alerts) == len(HOSTILE))
            assert {str(alert["alert_type"]) for alert in found} == {"network_hostile"}
            async with asyncio.timeout(60):
                while len(mailbox.envelopes) < len(HOSTILE):
                    await asyncio.sleep(0.1)
            await look_at_database(daemon, found)
            look_at_mail(mailbox)
            await look_at_terminal(daemon, found)
            await look_at_page(browser, daemon, found)
    look_at_log(daemon.log)


async def look_at_database(daemon: Daemon, found: Sequence[dict[str, object]]) -> None:
    """Every text is kept readable, and nothing in it was executed."""
    assert all(str(alert["title"]).isprintable() and len(str(alert["title"])) <= 255 for alert in found)
    titles = " ".join(str(alert["title"]) for alert in found)
    for shown in ("{{7*7}}", "DROP TABLE alerts", "{device_name.__class__}", "${env:PATH}", "=cmd|"):
        assert shown in titles
    assert "owned" not in titles.replace("document.title='owned'", "").replace("0;owned", "")
    for alert in found:
        story = await daemon.api(f"/alerts/{alert['id']}")
        assert story["success"]
    assert len(await daemon.alerts("search=" + "'%3B%20DROP%20TABLE")) == 1


def look_at_mail(mailbox: Mailbox) -> None:
    """Each mail goes to its one recipient, has our headers, and nothing of the text is markup."""
    assert {tuple(envelope.rcpt_tos) for envelope in mailbox.envelopes} == {("noc@example.org",)}
    assert {envelope.mail_from for envelope in mailbox.envelopes} == {"ops@example.org"}
    # a mail whose answer came too late is sent again under the same id
    assert len({mail["Message-ID"] for mail in mailbox.messages}) == len(HOSTILE)
    for mail in mailbox.messages:
        assert set(mail.keys()) == HEADERS
        assert str(mail["Subject"]).isprintable()
        text, html = (str(part.get_content()).replace("\r\n", "\n") for part in mail.iter_parts())  # type: ignore[attr-defined]
        assert_plain(text)
        assert_plain(html)
        tags = Tags()
        tags.feed(html)
        tags.close()
    subjects = " ".join(str(mail["Subject"]) for mail in mailbox.messages)
    assert "{{7*7}}" in subjects
    assert "49" not in subjects


async def look_at_terminal(daemon: Daemon, found: Sequence[dict[str, object]]) -> None:
    """The command line prints no control sequence."""
    assert_plain(await daemon.run("alerts", "list"))
    for alert in found[:: len(found) // 4]:
        assert_plain(await daemon.run("alerts", "show", str(alert["id"])))


async def look_at_page(browser: Browser, daemon: Daemon, found: Sequence[dict[str, object]]) -> None:
    """A real browser runs nothing of it, and its page keeps its layout."""
    for width in (1440, 400):
        await look_at_page_of(browser, daemon, found, width=width)


async def look_at_page_of(
    browser: Browser, daemon: Daemon, found: Sequence[dict[str, object]], *, width: int
) -> None:
    """Log in with a window of a width, and open every alert."""
    page = await browser.new_page(viewport={"width": width, "height": 2_400})  # shows every row
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on(
        "request", lambda asked: None if f":{daemon.api_port}/" in asked.url else errors.append(asked.url)
    )
    await page.goto(f"http://127.0.0.1:{daemon.api_port}/")
    await page.fill("#login-key", daemon.local_token())
    errors.clear()  # before the log-in the browser notes that there was no session
    await page.keyboard.press("Enter")
    for alert in found:  # the daemon may have raised one on itself meanwhile
        await expect(page.locator(f"tr[data-id='{alert['id']}']")).to_have_count(1)
    await in_shape(page)
    for alert in found:
        await page.evaluate("id => document.querySelector(`tr[data-id='${id}']`).click()", str(alert["id"]))
        await expect(page.locator("#detail h2")).to_have_text(str(alert["title"]))
        await page.evaluate("document.querySelector('#detail details').open = true")
        await in_shape(page)
    assert errors == []
    assert "owned" not in await page.title()
    assert (
        await page.locator(
            "#app img[src=x], #app script, #app b:has-text('edge-1'), #app a[href^=java]"
        ).count()
        == 0
    )
    await page.close()


async def in_shape(page: Page) -> None:
    """Nothing is wider than the window, no row is higher than a few lines, no text overlaps another."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    heights = await page.evaluate("[...document.querySelectorAll('tr.row')].map(row => row.offsetHeight)")
    assert max(heights) <= HIGHEST_ROW, heights
    assert await page.evaluate(
        "[...document.querySelectorAll('#detail, #detail *')].every("
        "part => part.getBoundingClientRect().right <= window.innerWidth + 1)"
    )


def look_at_log(path: Path) -> None:
    """Every line of the log is printable, and is a record or part of a traceback."""
    lines = path.read_text().splitlines()
    assert lines
    for line in lines:
        assert line.isprintable(), line
        assert line[:8].count(":") == 2 or line.startswith("    "), line
    assert not any("forged" in line for line in lines)
    assert not any("Traceback" in line for line in lines)
