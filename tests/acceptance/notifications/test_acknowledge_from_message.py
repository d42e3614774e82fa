"""The recipient of a mail acknowledges by its link: after a restart, and while PostgreSQL is away."""

import asyncio
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.acceptance.outages.test_live_state import cluster, health, stored
from tests.acceptance.outages.test_outage_notifications import about, declare_mail, mails_when
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import Mailbox, served

__all__ = ["cluster"]

NAME = "noc@example.org by link"
ACKNOWLEDGED = "SELECT user_name FROM alert_history WHERE action = 'acknowledged' ORDER BY created_at"


@pytest.fixture
def daemon(cluster: Cluster, tmp_path: Path) -> Iterator[Daemon]:
    """Provide a daemon on a server that the test can crash, with a public address."""
    made = Daemon(tmp_path)
    made.write_settings(
        {
            "database": {"url": cluster.url(cluster.create())},
            "limits": {"commit_timeout": "1s"},
            "public_url": f"http://127.0.0.1:{made.api_port}/",
        }
    )
    yield made
    made.clean_up()


async def link_about(mailbox: Mailbox, word: str) -> str:
    """Wait for the mail about a resource and return its link."""
    mails = await mails_when(mailbox, lambda found: len(about(found, word)) == 1)
    (mail,) = [each for each in mails if word in str(each["Subject"])]
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    found = re.search(r"Acknowledge: (\S+/ack/\S+)", str(part.get_content()))
    assert found is not None
    return found[1]


async def test_a_link_acknowledges_after_a_restart_and_while_the_database_is_down(
    daemon: Daemon, cluster: Cluster
) -> None:
    """Opening the link changes nothing; both presses are in the history once PostgreSQL is back."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port, ClientSession() as browser:
        declare_mail(daemon, smtp_port)
        async with running(daemon):
            await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
            first = await link_about(mailbox, "ifIndex=1")
        async with running(daemon):
            async with browser.get(first) as page:
                assert "This alert is not acknowledged yet" in await page.text()
            async with browser.post(first) as page:
                assert f"Acknowledged by {NAME}" in await page.text()
            await asyncio.to_thread(cluster.crash)
            await daemon.trap(LINK_DOWN, *port(2), tool="snmpinform")
            second = await link_about(mailbox, "ifIndex=2")
            async with browser.post(second) as page:
                assert f"Acknowledged by {NAME}" in await page.text()
            assert (await health(daemon))["database"] == "away"
            await asyncio.to_thread(cluster.resume)
            await daemon.database_is_back()
            async with asyncio.timeout(20):
                while len(found := stored(cluster, ACKNOWLEDGED)) < 2:
                    await asyncio.sleep(0.1)
    assert found == [[NAME], [NAME]]
