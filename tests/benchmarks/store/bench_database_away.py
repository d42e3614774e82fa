"""PostgreSQL is dead for minutes: seconds from a critical trap to the e-mail about it.

Run with `python -m tests.benchmarks.store.bench_database_away --minutes 10`. PostgreSQL is killed with
signal 9; a critical inform comes every ten seconds, each of another port, and every third problem ends; the
mail server is a real one on this machine. Afterwards PostgreSQL starts again, and everything must be in the
log once.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from opsconductor.store.postgres import cluster as embedded_files
from tests.acceptance.outages.test_live_state import stored
from tests.acceptance.outages.test_outage_notifications import declare_mail
from tests.benchmarks.load.processes import AS_COMMAND
from tests.conftest import LASTING, Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.notify.smtp_server import Mailbox, served
from tests.support.snmp.trap_archive import ACME

EVERY_S = 10.0
WITHIN_S = 60.0
FAILED, BACK, PORT = f"{ACME}.61.1", f"{ACME}.61.2", f"{ACME}.62.1.0"
MAPPING = {
    "oid_pattern": FAILED,
    "alert_type": "network_uplink_lost",
    "category": "network",
    "default_severity": "critical",
    "title_template": "Uplink lost",
    "resource_expression": f"port={{{PORT}}}",
    "clear_oid_pattern": BACK,
}


async def trap(daemon: Daemon, number: int, oid: str = FAILED) -> float:
    """Send an inform, which is acknowledged once it is durable; return how many seconds that took."""
    started = time.perf_counter()
    await daemon.trap(oid, PORT, "i", str(number), tool="snmpinform")
    return time.perf_counter() - started


async def mailed(mailbox: Mailbox, number: int, started: float) -> float:
    """Wait for the mail about a port; return how many seconds after the start it was there."""
    async with asyncio.timeout(WITHIN_S):
        while not any(f"port={number}" in str(mail["Subject"]) for mail in mailbox.messages[-20:]):
            await asyncio.sleep(0.01)
    return time.perf_counter() - started


async def outage(daemon: Daemon, mailbox: Mailbox, minutes: float) -> list[float]:
    """Send a critical every ten seconds; return the seconds from each to its mail."""
    found: list[float] = []
    begun = time.monotonic()
    number = 1
    while time.monotonic() - begun < 60 * minutes:
        started = time.perf_counter()
        await trap(daemon, number)
        found.append(await mailed(mailbox, number, started))
        if number % 3 == 0:
            await trap(daemon, number, BACK)
        number += 1
        await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - started)))
    return found


async def recorded(cluster: Cluster, amount: int) -> float:
    """Wait until the problems and recoveries are in the log; return how many seconds that took."""
    started, query = time.perf_counter(), "SELECT count(*) FROM notification_log WHERE status = 'sent'"
    async with asyncio.timeout(WITHIN_S):
        while stored(cluster, query)[0][0] < amount:
            await asyncio.sleep(0.05)
    return time.perf_counter() - started


async def measure(folder: Path, minutes: float) -> None:
    """Print the figures of one outage."""
    mailbox, cluster = Mailbox(), Cluster(embedded_files.programs(), LASTING)
    cluster.start()
    daemon = Daemon(folder)
    no_limit = {"recipient_limit": {"messages": 0}}
    daemon.write_settings({"database": {"url": cluster.url(cluster.create())}, "notifications": no_limit})
    daemon.declare("mappings", oid_mappings=[MAPPING])
    try:
        async with served(mailbox) as smtp_port:
            declare_mail(daemon, smtp_port)
            async with running(daemon, *AS_COMMAND):
                before_s = time.perf_counter()
                await trap(daemon, 0)
                before_s = await mailed(mailbox, 0, before_s)
                await asyncio.to_thread(cluster.crash)
                seconds = await outage(daemon, mailbox, minutes)
                await asyncio.to_thread(cluster.resume)
                ended = len(seconds) // 3
                back_s = await recorded(cluster, 1 + len(seconds) + ended)
        print_figures(seconds, before_s, back_s, minutes)
        subjects = [str(mail["Subject"]) for mail in mailbox.messages]
        twice = {each for each in subjects if subjects.count(each) > 1}
        print(f"{len(subjects)} mails, {len(twice)} of them more than once")
    finally:
        daemon.clean_up()
        cluster.stop()


def print_figures(seconds: list[float], before_s: float, back_s: float, minutes: float) -> None:
    """Print one line for each figure."""
    longest_s, ordered = max(seconds), sorted(seconds)
    print(f"with PostgreSQL: {before_s:.2f} s from the inform to the mail")
    print(
        f"dead for {minutes:g} minutes, {len(seconds)} criticals: median {ordered[len(ordered) // 2]:.2f} s,"
        f" 95 % within {ordered[len(ordered) * 19 // 20]:.2f} s, longest {longest_s:.2f} s"
        f" (number {1 + seconds.index(longest_s)})"
    )
    print(f"back: everything is in the log after {back_s:.1f} s", flush=True)


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=1.0)
    minutes = options.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as name:
        asyncio.run(measure(Path(name), minutes))


if __name__ == "__main__":
    main()
