"""`python -m tests.fakes.netbox DEVICES`: serves a made-up network; the first line printed is its URL."""

import asyncio
import sys

from tests.fakes.netbox.network import made_up
from tests.fakes.netbox.server import V2, FakeNetbox, serving


async def main(devices: int) -> None:
    """Serve until interrupted."""
    fake = FakeNetbox(made_up(devices))
    async with serving(fake):
        estate = fake.estate
        counts = {kind: len(estate.of(kind)) for kind in ("dcim.device", "dcim.cable", "dcim.interface")}
        print(fake.url, V2, counts, flush=True)  # noqa: T201 - this is what it is started for
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
