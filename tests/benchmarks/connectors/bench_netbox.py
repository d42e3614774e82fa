"""The cost of reading a NetBox: seconds, memory and requests of a full sync, a quiet look and of changes.

Run with `python -m tests.benchmarks.connectors.bench_netbox`; the fake NetBox runs in a process of its own,
with 5,000 devices and 17,000 cables. A real one takes longer to answer, so CPU time means more than the
seconds.
"""

import asyncio
import resource
import sys
import time
from asyncio.subprocess import PIPE, Process

from connectors.netbox.inventory import NetboxInventory
from tests.fakes.netbox.server import FakeNetbox
from tests.support.connectors.netbox_stage import Seen, inventory

DEVICES = 5_000


async def main() -> None:
    """Print the table."""
    command = (sys.executable, "-m", "tests.fakes.netbox", str(DEVICES))
    netbox = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert netbox.stdout is not None
    seen = Seen()
    made = inventory(FakeNetbox(), seen, url=(await netbox.stdout.readline()).decode().strip())
    print(f"{'':<26} {'seconds':>8} {'CPU s':>8} {'requests':>9} {'peak MB':>8}")
    await measure("everything", made, seen, netbox)
    found = await seen.next()
    await measure("nothing has changed", made, seen, netbox)
    for order, title in (("rename", "a device is renamed"), ("recable", "a cable is moved")):
        await ordered(netbox, order)
        await measure(title, made, seen, netbox)
        await seen.next()
    print(f"{len(found.devices):,} devices with an address, {len(found.dependencies):,} dependencies")
    netbox.terminate()
    await netbox.wait()


async def measure(title: str, made: NetboxInventory, seen: Seen, netbox: Process) -> None:
    """Sync once and print what that has cost."""
    before, started, own = await ordered(netbox, "count"), time.perf_counter(), time.process_time()
    await made._sync(seen.publish)
    wall, cpu = time.perf_counter() - started, time.process_time() - own
    reported = await seen.stands()
    assert reported == "works", reported
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    asked = await ordered(netbox, "count") - before
    print(f"{title:<26} {wall:>8.2f} {cpu:>8.2f} {asked:>9} {peak:>8.0f}")


async def ordered(netbox: Process, word: str) -> int:
    """Send an order to the fake; return the number of requests it has had."""
    assert netbox.stdin is not None
    assert netbox.stdout is not None
    netbox.stdin.write(f"{word}\n".encode())
    return int(await netbox.stdout.readline())


if __name__ == "__main__":
    asyncio.run(main())
