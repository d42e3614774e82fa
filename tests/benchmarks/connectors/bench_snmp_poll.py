"""Measures what asking devices costs: `python -m tests.benchmarks.connectors.bench_snmp_poll`.

First one GET by v2c, beside pysnmp against the same agent, and one by v3 against net-snmp; then the poller
with 1,000 devices of 20 values each, of which 50 never answer, at a tenth of the usual interval. Microseconds
and share of our own CPU.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop
from pysnmp.hlapi.v3arch import asyncio as pysnmp

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.definition import CheckDefinition
from connectors.snmp_poll.device import DevicePoll
from connectors.snmp_poll.report import PollReport
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.security.access import SnmpAccess
from tests.benchmarks.load.snmp_responder import BRANCH, VALUES
from tests.support.snmp.snmpd import snmpd

UP_TIME = "1.3.6.1.2.1.1.3.0"
USER = 'createUser joe SHA "the auth password" AES "the priv password"\nrouser joe priv\n'
GETS, PYSNMP_GETS, ROUNDS = 3_000, 200, 3
DEVICES, SILENT = 1_000, 50
INTERVAL_S, USUAL_S, LASTS_S = 6.0, 60.0, 30.0


def main() -> None:
    """Print the tables."""
    with responder(1, 0) as (port,):
        single = uvloop.run(costs(port))
    with TemporaryDirectory() as folder, snmpd(Path(folder), USER) as port:
        single |= uvloop.run(costs_v3(port))
    print("CPU us for a GET")
    for name, cost in single.items():
        print(f"  {name:28}{cost:8.1f}")
    with responder(DEVICES, SILENT) as ports:
        cost_s, late = uvloop.run(poll(ports))
    polls = DEVICES * LASTS_S / INTERVAL_S
    print(f"poller: {DEVICES} devices of {VALUES} values, {SILENT} of them silent, every {INTERVAL_S:g} s")
    print(f"  CPU us for a poll           {cost_s / polls * 1e6:8.1f}")
    print(f"  share of a core, every {USUAL_S:g} s {cost_s / LASTS_S * INTERVAL_S / USUAL_S:8.1%}")
    late.sort()
    print(f"  late, ms: half {late[len(late) // 2] * 1e3:.1f}, 99 % {late[len(late) * 99 // 100] * 1e3:.1f}, "
          f"worst {late[-1] * 1e3:.1f}")  # fmt: skip


@contextmanager
def responder(ports: int, silent: int) -> Iterator[list[int]]:
    """Run the agent; gives its ports."""
    command = [sys.executable, "-m", "tests.benchmarks.load.snmp_responder", str(ports), str(silent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield [int(port) for port in process.stdout.readline().split()]
    finally:
        process.terminate()
        process.wait()


async def costs(port: int) -> dict[str, float]:
    """Measure single questions: microseconds in the best of the rounds."""
    twenty = [f"{BRANCH}.{value}.0" for value in range(VALUES)]
    async with SnmpClient("127.0.0.1", port, SnmpAccess()) as client:
        found = {
            "one value": await cost(lambda: client.get([UP_TIME]), GETS),
            f"{VALUES} values": await cost(lambda: client.get(twenty), GETS),
        }
    engine = pysnmp.SnmpEngine()
    target = await pysnmp.UdpTransportTarget.create(("127.0.0.1", port))

    async def ask_by_pysnmp() -> object:
        question = pysnmp.ObjectType(pysnmp.ObjectIdentity(UP_TIME))
        return await pysnmp.get_cmd(
            engine, pysnmp.CommunityData("public"), target, pysnmp.ContextData(), question, lookupMib=False
        )

    found["pysnmp, one value"] = await cost(ask_by_pysnmp, PYSNMP_GETS)
    return found


async def costs_v3(port: int) -> dict[str, float]:
    """Measure single questions by v3, signed and encrypted."""
    user = {
        "username": "joe",
        "auth_protocol": "SHA",
        "auth_password": "the auth password",
        "priv_protocol": "AES",
        "priv_password": "the priv password",
    }
    access = SnmpAccess.model_validate({"version": "v3", "snmpv3_user": user})
    async with SnmpClient("127.0.0.1", port, access) as client:
        return {"one value, v3 SHA AES": await cost(lambda: client.get([UP_TIME]), GETS)}


async def cost(ask: Callable[[], Awaitable[object]], amount: int) -> float:
    """Measure one question after another."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(amount):
            await ask()
        best = min(best, (time.process_time() - begun) / amount)
    return best * 1e6


async def poll(ports: Sequence[int]) -> tuple[float, list[float]]:
    """Run the poller; return seconds of CPU, and how late each visit began."""
    source, late = SnmpPollSource(configuration(ports), context()), list[float]()
    began: dict[int, float] = {}
    visit = DevicePoll.poll

    async def timed(device: DevicePoll, due: Sequence[CheckDefinition]) -> Sequence[PollReport]:
        now_s = asyncio.get_running_loop().time()
        if device.port in began and device.misses == 0:
            late.append(abs(now_s - began[device.port] - INTERVAL_S))
        began[device.port] = now_s
        return await visit(device, due)

    async def emit(events: Sequence[RawEvent]) -> None:
        for event in events:
            source.normalize(event)

    DevicePoll.poll = timed  # type: ignore[method-assign]
    running = asyncio.create_task(source.run(emit))
    await asyncio.sleep(INTERVAL_S)
    begun = time.process_time()
    await asyncio.sleep(LASTS_S)
    used_s = time.process_time() - begun
    running.cancel()
    await asyncio.wait({running})
    DevicePoll.poll = visit  # type: ignore[method-assign]
    return used_s, late


def configuration(ports: Sequence[int]) -> SnmpPollConfig:
    """Ask every port for 20 values, each with a threshold."""
    names = [f"value{number}" for number in range(VALUES)]
    rules = [
        {
            "alert_type": "environment_value",
            "value": name,
            "thresholds": [{"severity": "warning", "above": 1000, "hysteresis": 10}],
            "resource": name,
            "title": f"{name} {{value}}",
        }
        for name in names
    ]
    scalars = {name: f"{BRANCH}.{number}.0" for number, name in enumerate(names)}
    return SnmpPollConfig.model_validate({
        "targets": [{"addresses": ["127.0.0.1"], "port": port, "checks": ["values"]} for port in ports],
        "poll_interval": INTERVAL_S,
        "checks": [{"name": "values", "scalars": scalars, "rules": rules}],
    })  # fmt: skip


def context() -> ConnectorContext:
    """Stand for a daemon in which nothing is open."""
    return ConnectorContext(
        name="bench",
        data_dir=Path("/nowhere"),
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
    )


if __name__ == "__main__":
    main()
