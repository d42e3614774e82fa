"""Cost of a trap at each stage, in one process: `python -m tests.benchmarks.bench_stages`.

Microseconds of CPU of this process for a trap; reading sockets and the rest of the daemon are left out.
"""

import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import uvloop

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.receiving.informs import Informs
from connectors.snmp_trap.receiving.port import TrapPort
from connectors.snmp_trap.receiving.reception import TrapReceiver
from connectors.snmp_trap.receiving.samples import Samples
from connectors.snmp_trap.sender import AccessList
from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.config.settings import Settings
from opsconductor.connector.context import ConnectorContext
from opsconductor.engine.engine import Engine
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.changes import Changes
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages, fold, identify_all, normalize
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.pipeline.slicing import CooperativeYield
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.usm import UsmReceiver
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.bench_decode import MAPPINGS
from tests.benchmarks.bench_traps import NO_BUDGETS, STORM_FINGERPRINTS
from tests.benchmarks.load.traps import link_down

LOADS = {"distinct": (40_000, 1_000), "storm": (160_000, 4_000)}
"""Traps, and how many of them are in a batch, as the daemon takes them under load."""
HANDFUL = 150
PEER = ("127.0.0.1", 50_000)


class Bench:
    """The parts that a trap goes through, and the CPU that each has taken so far."""

    def __init__(self, pool: asyncpg.Pool, settings: Settings) -> None:
        self.spent: Counter[str] = Counter()
        self._pool = pool
        config = SnmpTrapConfig.model_validate({"listen": ["127.0.0.1:1162"], "communities": ["public"]})
        inventory = InventorySnapshot((), ())
        context = ConnectorContext(
            name="traps",
            data_dir=settings.data_dir,
            mappings=lambda: MAPPINGS,
            vendor_of=inventory.vendor_of,
        )
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        self._port = TrapPort(sock, is_ours=True)
        self._receiver = TrapReceiver(
            context,
            access=AccessList(config),
            usm=UsmReceiver([], LocalEngine(engine_id=b"\x80\0\0\0\1", boots=1, started_s=0.0)),
            samples=Samples(),
            informs=Informs(),
        )
        self._stages = Stages(
            sources={"traps": SnmpTrapSource(config, context)},
            budget=FloodLimiter(settings.storm, "noc-1"),
            archive=Archive(settings.archive),
            inventory=inventory,
            engine=Engine(settings.engine, inventory, ()),
            ledger=Ledger(),
            commit=self._commit,
            announce=lambda *_: None,
            last_seen=LastSeen(),
        )

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        """Count the CPU of the block for a stage."""
        begun = time.thread_time()
        yield
        self.spent[stage] += time.thread_time() - begun

    async def run(self, packets: list[bytes]) -> None:
        """Take one batch through all stages."""
        stages, now, pace = self._stages, datetime.now(UTC), CooperativeYield()
        with self.at("open the datagram"):
            events = []
            for start in range(0, len(packets), HANDFUL):
                datagrams = [(packet, PEER) for packet in packets[start : start + HANDFUL]]
                events += self._receiver.admit(datagrams, self._port)
        with self.at("normalize"):
            reports = await normalize(events, stages, pace)
        with self.at("identify"):
            identified = await identify_all(reports.alerts, stages.inventory, pace)
        with self.at("budgets"):
            admitted = stages.budget.admit(identified, stages.engine, stages.inventory, now)
        with self.at("engine"):
            changes = await fold(admitted.events, stages.engine, now, pace, in_flight=stages.in_flight)
        with self.at("commit"):
            await stages.commit(changes)

    async def _commit(self, changes: Changes) -> Durability:
        await commit(self._pool, changes)
        return "committed"


async def main() -> None:
    """Print a table for each load."""
    for kind, (amount, batch) in LOADS.items():
        with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
            settings = Settings(data_dir=Path(folder), storm=NO_BUDGETS)
            async with open_database(settings, upgrade=True) as pool:
                bench = Bench(pool, settings)
                numbers = (
                    range(amount) if kind == "distinct" else [n % STORM_FINGERPRINTS for n in range(amount)]
                )
                packets = [link_down(number, index) for index, number in enumerate(numbers)]
                spare_long_lived_objects()
                for start in range(0, amount, batch):
                    await bench.run(packets[start : start + batch])
        print(f"{kind}: CPU us for a trap of {sum(bench.spent.values()) / amount * 1e6:.1f}")
        for stage, seconds in bench.spent.items():
            print(f"  {stage:<20} {seconds / amount * 1e6:6.1f}")


if __name__ == "__main__":
    uvloop.run(main())
