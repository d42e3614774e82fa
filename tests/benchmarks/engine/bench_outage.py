"""A mass outage on the engine alone: CPU microseconds per event, and the longest step.

Run with `python -m tests.benchmarks.engine.bench_outage [--sizes 1000,10000]`. Every device of a tree of
ten fails and comes back, in three orders of arrival; the engine is stepped as the pipeline does, in parts
of 200 reports, with a tick whenever something is due. What the same reports cost without dependencies is
taken off: the rest is correlation.
"""

import argparse
import gc
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import process_time

from opsconductor.app.collector import THRESHOLDS
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.changes import Changes
from opsconductor.model.enums import DependencyType
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.inventory.device import Dependency
from opsconductor.pipeline.slicing import FOLDED, garbage_collector
from tests.benchmarks.engine.bench_engine import NO_MATCH
from tests.support.engine.pipeline_scene import START, report, seconds

SIZES = (1_000, 10_000, 100_000)
ORDERS = ("root first", "leaves first", "random")
WIDTH = 10
EVENTS_PER_S = 5_000


@dataclass(slots=True)
class Meter:
    """CPU time of the steps of an engine, and what they write.

    Attributes:
        rows: Rows of `alerts` that the steps write.
    """

    total_s: float = 0.0
    longest_s: float = 0.0
    steps: int = 0
    rows: int = 0

    def run(self, step: Callable[[], Changes]) -> None:
        """Run a step and add what it costs."""
        started = process_time()
        changes = step()
        took_s = process_time() - started
        self.longest_s = max(self.longest_s, took_s)
        if garbage_collector.is_due(took_s):  # between two pauses, as in the pipeline
            started = process_time()
            garbage_collector.finish()
            collected_s = process_time() - started
            self.longest_s = max(self.longest_s, collected_s)
            took_s += collected_s
        self.total_s += took_s
        self.steps += 1
        self.rows += len(changes.created) + len(changes.updated)


def address(number: int) -> str:
    """Return the address of a device by its position in the tree."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def tree(size: int) -> InventorySnapshot:
    """Build a tree in which ten devices depend on each."""
    return InventorySnapshot(
        (),
        [
            Dependency(
                device_ip=address(number),
                depends_on_ip=address((number - 1) // WIDTH),
                dependency_type=DependencyType.NETWORK,
            )
            for number in range(1, size)
        ],
    )


def arrival(order: str, size: int) -> list[int]:
    """List the devices in an order of arrival."""
    numbers = list(range(size))
    if order == "leaves first":
        numbers.reverse()
    if order == "random":
        random.Random(1).shuffle(numbers)
    return numbers


def reports(
    numbers: Sequence[int], severity: str, inventory: InventorySnapshot, at: datetime
) -> list[IdentifiedReport]:
    """Report every device unreachable, or reachable again."""
    found = [report(address(number), "network_unreachable", severity, at=at) for number in numbers]
    return identify(found, inventory)


def outage(
    engine: Engine, events: Sequence[IdentifiedReport], begun_at: datetime
) -> Iterator[Callable[[], Changes]]:
    """List the steps of the engine for reports that arrive at 5,000/s, until nothing is due for now."""
    for start in range(0, len(events), FOLDED):
        now = begun_at + seconds(start / EVENTS_PER_S)
        part = events[start : start + FOLDED]
        yield lambda part=part, now=now: engine.apply(part, now)  # type: ignore[misc]
    end = begun_at + seconds(len(events) / EVENTS_PER_S)
    while (due := engine.next_due()) is not None and due <= end:
        yield lambda: engine.tick(end)


def costs(order: str, size: int, inventory: InventorySnapshot) -> dict[str, Meter]:
    """Return what it costs that every device fails and comes back."""
    numbers, meters = arrival(order, size), {}
    engine = Engine(EngineSettings(), inventory, [NO_MATCH])
    for name, severity, at in (("fail", "major", START), ("recover", "clear", START + seconds(600))):
        events = reports(numbers, severity, inventory, at)
        gc.collect()
        gc.freeze()
        meter = meters[name] = Meter()
        for step in outage(engine, events, at):
            meter.run(step)
    return meters


def measure(order: str, size: int) -> None:
    """Print what an outage costs, and how much of that is correlation."""
    alone = costs(order, size, InventorySnapshot())
    for name, meter in costs(order, size, tree(size)).items():
        total_us, own_us = (each.total_s * 1_000_000 / size for each in (meter, alone[name]))
        print(
            f"{size:>7,} {order:<13} {name:<8} {total_us:>8.1f} {total_us - own_us:>11.1f}"
            f" {meter.longest_s * 1_000:>11.1f} {meter.rows / size:>11.2f} {meter.steps:>6}",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of devices")
    chosen = options.parse_args()
    gc.set_threshold(*THRESHOLDS)
    columns = f"{'us/event':>8} {'correlation':>11} {'longest ms':>11} {'rows/event':>11} {'steps':>6}"
    print(f"{'devices':>7} {'order':<13} {'':<8} {columns}")
    for size in map(int, chosen.sizes.split(",")):
        for order in ORDERS:
            measure(order, size)


if __name__ == "__main__":
    main()
