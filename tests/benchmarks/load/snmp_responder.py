"""A fast SNMP agent on many ports, as a process of its own: its arguments are PORTS and SILENT.

Prints its ports, separated by spaces, once it answers; the last SILENT of them never do.
"""

import asyncio
import resource
import sys

from tests.support.snmp import snmp_agent
from tests.support.snmp.snmp_agent import Agent

VALUES = 20
BRANCH = "1.3.6.1.4.1.99999.1"


async def answer(ports: int, silent: int) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    opened = []
    for number in range(ports):
        agent = Agent(silent_below=("",) if number >= ports - silent else ())
        agent.put({"1.3.6.1.2.1.1.3.0": snmp_agent.ticks(500)})
        agent.put({f"{BRANCH}.{value}.0": snmp_agent.integer(value) for value in range(VALUES)})
        transport, _ = await loop.create_datagram_endpoint(
            lambda agent=agent: agent, local_addr=("127.0.0.1", 0)
        )  # type: ignore[misc]
        opened.append(transport.get_extra_info("sockname")[1])
    print(*opened, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(answer(int(sys.argv[1]), int(sys.argv[2])))
