"""The peer: pysnmp's NotificationReceiver with an empty callback; prints what it counted."""

import asyncio
import sys

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv


async def main(port: int) -> None:
    """Receive until a line comes in on standard input."""
    snmp = engine.SnmpEngine()
    config.add_transport(snmp, udp.DOMAIN_NAME, udp.UdpTransport().open_server_mode(("127.0.0.1", port)))
    config.add_v1_system(snmp, "any", "public")
    received = 0

    def callback(*_: object) -> None:
        nonlocal received
        received += 1

    ntfrcv.NotificationReceiver(snmp, callback)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(received, flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
