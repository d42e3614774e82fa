"""Thousands of new alerts at once: a mailbox gets a few mails, with the right numbers."""

import asyncio
import re
import socket
from email.message import EmailMessage
from signal import SIGKILL

from tests.acceptance.outages.test_outage_notifications import mails_when
from tests.benchmarks.bench_traps import NO_BUDGETS
from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import SENDER, Mailbox, served

ALERTS = 2_000
OWN = 10


def declare(daemon: Daemon, smtp_port: int, *, summary_every: str) -> None:
    """Notify one mailbox of every trap, and of nothing else."""
    limit = {"messages": OWN, "within": "15m", "summary_every": summary_every}
    daemon.write_settings({"storm": NO_BUDGETS, "notifications": {"recipient_limit": limit}})
    mail = {"host": "localhost", "port": smtp_port, "tls": "none", "from": SENDER}
    channels = [{"channel": "mail", "recipients": ["noc@example.org"]}]
    daemon.declare(
        "noc",
        connectors=[{"name": "mail", "type": "email", "config": mail}],
        notification_rules=[
            {"name": "traps", "conditions": {"source_system": "snmp_trap"}, "channels": channels}
        ],
    )


async def send(daemon: Daemon, *, is_up: bool) -> None:
    """Send a linkDown or linkUp of every port, within some seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        for number in range(ALERTS):
            link.sendto(link_down(number, number, is_up=is_up), ("127.0.0.1", daemon.trap_port))
            if number % 50 == 0:
                await asyncio.sleep(0.15)


def counted(messages: list[EmailMessage], words: str) -> int:
    """Add up a number that subjects have: `1,980 major`, `1,990 RESOLVED`."""
    found = (re.search(rf"([0-9,]+) {words}", str(message["Subject"])) for message in messages)
    return sum(int(each[1].replace(",", "")) for each in found if each)


def summaries(messages: list[EmailMessage]) -> list[EmailMessage]:
    """Pick the messages about several alerts."""
    return [message for message in messages if message["X-OpsConductor-Kind"] == "summary"]


async def test_two_thousand_alerts_at_once_and_their_end(daemon: Daemon) -> None:
    """Ten mails of their own, the rest in summaries that count every alert; so do those of the recoveries."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare(daemon, smtp_port, summary_every="5s")
        async with running(daemon):
            await send(daemon, is_up=False)
            async with asyncio.timeout(90):
                while OWN + counted(summaries(mailbox.messages), "major") < ALERTS:
                    await asyncio.sleep(0.2)
            received_mails = list(mailbox.messages)
            assert len(received_mails) - len(summaries(received_mails)) == OWN
            assert 1 <= len(summaries(received_mails)) <= 8
            assert OWN + counted(summaries(received_mails), "major") == ALERTS
            text = str(summaries(received_mails)[0].get_body(("plain",)))
            assert "You get more messages than the limit allows" in text
            assert re.search(r"and [0-9,]+ more, which are less severe or came later", text)
            await send(daemon, is_up=True)
            async with asyncio.timeout(90):
                while counted(summaries(mailbox.messages[len(received_mails) :]), "RESOLVED") < ALERTS:
                    await asyncio.sleep(0.2)
            over = mailbox.messages[len(received_mails) :]
            assert over == summaries(over)
            assert counted(over, "RESOLVED") == ALERTS
            assert len(over) <= 8


async def test_what_waits_survives_a_kill(daemon: Daemon) -> None:
    """Killed while a summary waits, the daemon sends it after its next start, once."""
    mailbox = Mailbox()
    async with served(mailbox) as smtp_port:
        declare(daemon, smtp_port, summary_every="15s")
        await daemon.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            for number in range(OWN + 5):
                link.sendto(link_down(number, number), ("127.0.0.1", daemon.trap_port))
        await mails_when(mailbox, lambda mails: len(mails) == OWN)
        await daemon.stop(SIGKILL)
        async with running(daemon):
            await mails_when(mailbox, lambda mails: counted(summaries(mails), "major") > 0)
            await asyncio.sleep(3)
    sent = {str(message["Message-ID"]): message for message in mailbox.messages}  # one may be sent twice
    assert len(sent) == OWN + 1
    assert counted(summaries(list(sent.values())), "major") == 5
