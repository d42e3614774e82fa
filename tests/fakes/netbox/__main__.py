"""`python -m tests.fakes.netbox DEVICES`: serves a made-up network until its standard input ends.

The first line it prints is its URL. Then it takes one word a line, and answers each with the number of
requests so far: `rename` (a device), `recable` (move a cable), `count`.
"""

import asyncio
import sys

from tests.fakes.netbox.estate import Estate
from tests.fakes.netbox.network import made_up
from tests.fakes.netbox.server import FakeNetbox, serving


async def main(devices: int) -> None:
    """Serve, and obey the orders."""
    fake = FakeNetbox(made_up(devices))
    async with serving(fake):
        say(fake.url)
        while line := await asyncio.to_thread(sys.stdin.readline):
            orders = {"rename": rename, "recable": recable}
            if line.strip() in orders:
                orders[line.strip()](fake.estate)
            say(str(len(fake.requests)))


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)  # noqa: T201 - read by the process that started it


def rename(estate: Estate) -> None:
    """Rename the last device."""
    estate.change("dcim.device", max(estate.of("dcim.device")), name="renamed")


def recable(estate: Estate) -> None:
    """Plug a camera into the other switch of its rack."""
    camera = next(key for key, row in estate.of("dcim.device").items() if row["name"].endswith("ip-camera-0"))
    [port] = [
        key
        for key, row in estate.of("dcim.interface").items()
        if row["device"] == camera and row.get("cable")
    ]
    cable = estate.of("dcim.interface")[port]["cable"]
    switch = next(key for key, row in estate.of("dcim.device").items() if row["name"].endswith("-acc-b"))
    estate.remove("dcim.cable", cable)
    estate.cable(("dcim.interface", port), estate.port(switch, "new"))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
