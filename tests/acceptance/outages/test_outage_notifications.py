"""Notifications are sent while PostgreSQL is away, and afterwards everything is recorded once."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, LINK_UP, port
from tests.acceptance.outages.test_live_state import cluster, daemon, health, stored
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import SENDER, Mailbox, served

__all__ = ["cluster", "daemon"]


def declare_mail(daemon: Daemon, smtp_port: int) -> None:
    """Notify one mailbox of every alert, at once."""
    mail = {"host": "localhost", "port": smtp_port, "tls": "none", "from": SENDER}
    daemon.declare(
        "noc",
        connectors=[{"name": "mail", "type": "email", "config": mail}],
        notification_rules=[
            {"name": "all", "channels": [{"channel": "mail", "recipients": ["noc@example.org"]}]}
        ],
    )


async def mails_when(mailbox: Mailbox, wanted: Callable[[list[EmailMessage]], bool]) -> list[EmailMessage]:
    """Wait until the mailbox has the wanted mails."""
    try:
        async with asyncio.timeout(30):
            while not wanted(mailbox.messages):
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise AssertionError([str(message["Subject"]) for message in mailbox.messages]) from error
    return mailbox.messages


def about(messages: list[EmailMessage], word: str) -> list[str]:
    """Return the subjects that contain a word."""
    return [str(message["Subject"]) for message in messages if word in str(message["Subject"])]


async def test_problem_and_recovery_arrive_while_the_database_is_down(
    daemon: Daemon, cluster: Cluster
) -> None:
    """A link goes down and up while PostgreSQL is crashed: two mails, each logged once later."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare_mail(daemon, smtp_port)
        async with running(daemon):
            await daemon.trap(LINK_DOWN, *port(1), tool="snmpinform")
            await mails_when(mailbox, lambda mails: len(about(mails, "ifIndex=1")) == 1)
            await asyncio.to_thread(cluster.crash)
            await daemon.trap(LINK_DOWN, *port(2), tool="snmpinform")
            await mails_when(mailbox, lambda mails: len(about(mails, "ifIndex=2")) == 1)
            await daemon.trap(LINK_UP, *port(2), tool="snmpinform")
            await daemon.trap(LINK_UP, *port(1), tool="snmpinform")
            await mails_when(mailbox, lambda mails: len(about(mails, "ifIndex=")) == 4)
            assert (await health(daemon))["database"] in {"away", "behind"}
            await asyncio.to_thread(cluster.resume)
            await daemon.database_is_back()
            await daemon.trap(LINK_DOWN, *port(3), tool="snmpinform")
            await mails_when(mailbox, lambda mails: len(about(mails, "ifIndex=3")) == 1)
            async with asyncio.timeout(20):
                while stored(cluster, "SELECT count(*) FROM notification_outbox") != [[0]]:
                    await asyncio.sleep(0.1)
        found = stored(
            cluster,
            "SELECT alerts.resource, log.kind, log.status, log.attempts FROM notification_log log "
            "JOIN alerts ON alerts.id = log.alert_id WHERE alerts.source_system = 'snmp_trap'",
        )
    assert sorted(found) == [
        ["ifIndex=1", "problem", "sent", 1],
        ["ifIndex=1", "recovery", "sent", 1],
        ["ifIndex=2", "problem", "sent", 1],
        ["ifIndex=2", "recovery", "sent", 1],
        ["ifIndex=3", "problem", "sent", 1],
    ]
    ids = [str(message["Message-ID"]) for message in mailbox.messages]
    assert len(ids) == len(set(ids))


async def test_what_cannot_be_sent_during_the_outage_is_sent_by_the_outbox(
    daemon: Daemon, cluster: Cluster
) -> None:
    """The mail server is away as well; when both are back the mail arrives once."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        pass
    declare_mail(daemon, smtp_port)
    async with running(daemon):
        await asyncio.to_thread(cluster.crash)
        await daemon.trap(LINK_DOWN, *port(2), tool="snmpinform")
        async with asyncio.timeout(20):
            while (await health(daemon))["connectors"].get("mail") == "connected":
                await asyncio.sleep(0.1)
        await asyncio.to_thread(cluster.resume)
        await daemon.database_is_back()
        async with served(mailbox, port=smtp_port):
            await mails_when(mailbox, lambda mails: len(about(mails, "ifIndex=2")) == 1)
            async with asyncio.timeout(20):
                while stored(cluster, "SELECT count(*) FROM notification_outbox") != [[0]]:
                    await asyncio.sleep(0.1)
    assert len(about(mailbox.messages, "ifIndex=2")) == 1
