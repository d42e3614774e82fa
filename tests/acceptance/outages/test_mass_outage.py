"""A mass outage, one cause and five hundred consequences in any order, is one mail, and so is its end."""

import asyncio
import random
import socket
import struct
from pathlib import Path

from opsconductor.config.settings import Settings
from opsconductor.store.postgres.database import open_database
from tests.acceptance.outages.test_outage_notifications import mails_when
from tests.benchmarks.bench_mass_outage import IP_PKTINFO
from tests.benchmarks.bench_traps import NO_BUDGETS
from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import SENDER, Mailbox, served

CONSEQUENCES = 500
CORE = "127.9.0.1"
BELOW = [f"127.9.{1 + number // 250}.{1 + number % 250}" for number in range(CONSEQUENCES)]


def send(daemon: Daemon, addresses: list[str], *, is_up: bool) -> None:
    """Send a linkDown or linkUp from each address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        for number, address in enumerate(addresses):
            source = struct.pack("I4s4s", 0, socket.inet_aton(address), bytes(4))
            packet = link_down(1, number, is_up=is_up)
            link.sendmsg(
                [packet], [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0, ("127.0.0.1", daemon.trap_port)
            )


async def draw(data_dir: Path) -> None:
    """Write the inventory of a daemon that has not started yet: half of the devices are in Kiel."""
    devices = [(CORE, "core-sw-1", "Hamburg")]
    devices += [(address, f"sw-{address}", ("Hamburg", "Kiel")[n % 2]) for n, address in enumerate(BELOW)]
    async with open_database(Settings(data_dir=data_dir), upgrade=True) as pool:
        await pool.executemany("INSERT INTO devices (ip_address, name, site) VALUES ($1, $2, $3)", devices)
        await pool.executemany(
            "INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ($1, $2)",
            [(address, CORE) for address in BELOW],
        )


async def test_a_mass_outage_is_one_mail_and_one_recovery(daemon: Daemon) -> None:
    """501 linkDowns in any order: one mail with the consequences of the cause; 501 linkUps: one more."""
    daemon.write_settings({"storm": NO_BUDGETS})
    mailbox = Mailbox()
    addresses = [CORE, *BELOW]
    random.Random(7).shuffle(addresses)
    async with served(mailbox) as smtp_port:
        mail = {"host": "localhost", "port": smtp_port, "tls": "none", "from": SENDER}
        daemon.declare(
            "noc",
            connectors=[{"name": "mail", "type": "email", "config": mail}],
            notification_rules=[
                {
                    "name": "traps",
                    "conditions": {"source_system": "snmp_trap"},
                    "channels": [{"channel": "mail", "recipients": ["noc@example.org"]}],
                }
            ],
        )
        daemon.bring_cluster()
        await draw(daemon.folder / "var")
        async with running(daemon):
            await asyncio.to_thread(send, daemon, addresses, is_up=False)
            (problem,) = await mails_when(mailbox, bool)
            assert problem["Subject"].endswith("500 devices behind it (Hamburg, Kiel)")
            assert "core-sw-1" in problem["Subject"]
            text = problem.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            assert "500 other alerts are a consequence of this one" in text
            random.Random(8).shuffle(addresses)
            await asyncio.to_thread(send, daemon, addresses, is_up=True)
            await mails_when(mailbox, lambda mails: len(mails) > 1)
            await asyncio.sleep(40)  # longer than the grace time
    assert [message["X-OpsConductor-Kind"] for message in mailbox.messages] == ["problem", "recovery"]
