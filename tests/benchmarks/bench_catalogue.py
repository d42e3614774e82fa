"""Measures what the whole catalogue costs: `python -m tests.benchmarks.bench_catalogue [FOLDER]`.

Beside ten mappings and the standard modules alone: CPU for a linkDown trap that is decoded and normalized.
Then CPU and memory of a process that opens the built index. FOLDER is a catalogue other than what ships.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.snmp_trap.normalize import normalize
from opsconductor.mib.built import shipped_index
from opsconductor.mib.derived_mappings import DerivedMappings
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.shipped import shipped
from opsconductor.snmp.message.ber import decode
from tests.benchmarks.bench_decode import MAPPINGS, NOW, cost
from tests.benchmarks.load.traps import link_down

TRAPS = 1_000
ROUNDS = 20
"""Short rounds by turns: what else the machine does then affects both alike."""

TEN = [
    replace(MAPPINGS.mappings[0], oid_pattern=f"1.3.6.1.6.3.1.1.5.{number}", origin=Origin.PACK)
    for number in range(1, 11)
]


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else shipped("mibs") / "catalogue"
    with TemporaryDirectory() as data_dir:
        index = shipped_index(folder, Path(data_dir))
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
            opened_ms, grown = pool.submit(opening, folder, Path(data_dir)).result()
    objects, notifications = index.size
    print(f"{objects:,} objects, {notifications:,} notifications: {opened_ms:.0f} ms CPU to open")
    print(f"  resident memory grows by {grown:.0f} MiB")
    full = MibFacts([index])
    few, many = MappingTable(TEN), MappingTable(TEN, DerivedMappings(full))
    storm = [[link_down(number % 1_000, number) for number in range(TRAPS)]] * ROUNDS
    distinct = [
        [link_down(each * TRAPS + number, number) for number in range(TRAPS)] for each in range(ROUNDS)
    ]
    print("CPU us for a trap of six variables, decoded and normalized: ten mappings, whole catalogue")
    for name, rounds in (("storm over 1,000 ports", storm), ("all distinct", distinct)):
        steps = (step(few, standard_facts()), step(many, full))
        costs = [[cost(each, [packets]) for each in steps] for packets in rounds]
        best = [min(column) for column in zip(*costs, strict=True)]
        print(f"  {name:24}{best[0]:8.1f}{best[1]:8.1f}")
    print(f"  first look-up of each derived mapping {first_lookups_us(many, full):8.1f}")


def opening(folder: Path, data_dir: Path) -> tuple[float, float]:
    """Open the built index; return milliseconds of CPU, and MiB of resident memory."""
    before, begun = resident_mib(), time.process_time()
    index = shipped_index(folder, data_dir)
    spent_ms = (time.process_time() - begun) * 1e3
    assert index.size
    return spent_ms, resident_mib() - before


def step(mappings: MappingTable, facts: MibFacts) -> Callable[[bytes], object]:
    """Return the step that decodes and normalizes with these mappings and facts."""

    def run(packet: bytes) -> object:
        raw = RawEvent(
            connector="traps", payload=packet, received_at=NOW, peer="192.0.2.1", parsed=decode(packet)
        )
        return normalize(
            raw, mappings=mappings, facts=facts, vendor_of=lambda _: None, is_forwarder=lambda _: False
        )

    return run


def first_lookups_us(mappings: MappingTable, facts: MibFacts) -> float:
    """Look every notification up for the first time; return the mean of a look-up."""
    oids = [each.oid for index in facts.indexes for each in index.notifications()]
    begun = time.process_time()
    for oid in oids:
        mappings.candidates(oid, None)
        mappings.cleared_by(oid, None)
    return (time.process_time() - begun) / max(len(oids), 1) * 1e6


def resident_mib() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4 / 1024


if __name__ == "__main__":
    main()
