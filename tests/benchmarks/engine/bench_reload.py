"""A new configuration while much is open: the longest step of the engine, and how long all of it takes.

Run with `python -m tests.benchmarks.engine.bench_reload`. 100,000 alerts are open on 5,000 devices with
17,000 dependencies when the inventory is replaced, first by an equal one, then by one without its
dependencies, then by the former one.
"""

import gc
import random
from collections.abc import Sequence
from datetime import timedelta

from opsconductor.app.collector import THRESHOLDS
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.device import Dependency
from opsconductor.pipeline.slicing import FOLDED
from tests.benchmarks.engine.bench_engine import NO_MATCH
from tests.benchmarks.engine.bench_outage import WIDTH, Meter, address
from tests.support.engine.pipeline_scene import START, report

DEVICES = 5_000
DEPENDENCIES = 17_000
ALERTS_EACH = 20
LATER = timedelta(hours=1)


def dependencies() -> Sequence[Dependency]:
    """List a tree of ten with further paths between neighbouring levels, none of which closes a circle."""
    chance = random.Random(1)
    pairs = {(number, (number - 1) // WIDTH) for number in range(1, DEVICES)}
    while len(pairs) < DEPENDENCIES:
        number = chance.randrange(WIDTH + 1, DEVICES)
        above = (number - 1) // WIDTH
        pairs.add((number, chance.randrange((above - 1) // WIDTH, above + 1)))
    return [
        Dependency(
            device_ip=address(number), depends_on_ip=address(above), dependency_type=DependencyType.NETWORK
        )
        for number, above in sorted(pairs)
    ]


def measure(engine: Engine, title: str, inventory: InventorySnapshot) -> None:
    """Take over an inventory and print what it costs until nothing is left to be looked at."""
    gc.collect()
    gc.freeze()
    meter, now = Meter(), START + LATER
    meter.run(lambda: engine.reconfigure(EngineSettings(), inventory, [NO_MATCH], now))
    while (due := engine.next_due()) is not None and due <= now:
        meter.run(lambda: engine.tick(now))
    longest_ms = meter.longest_s * 1_000
    print(
        f"{title:<32} {meter.total_s:>8.2f} {longest_ms:>11.1f} {meter.steps:>6} {meter.rows:>8,}", flush=True
    )


def main() -> None:
    """Print the table."""
    gc.set_threshold(*THRESHOLDS)
    known = dependencies()
    inventory = InventorySnapshot((), known)
    engine = Engine(EngineSettings(), inventory, [NO_MATCH])
    events = [
        report(address(number), "network_unreachable" if not port else "test", "major", f"{port}", at=START)
        for port in range(ALERTS_EACH)
        for number in range(DEVICES)
    ]
    for start in range(0, len(events), FOLDED):
        engine.apply(identify(events[start : start + FOLDED], inventory), START)
    while (due := engine.next_due()) is not None and due <= START + LATER:
        engine.tick(due)
    print(f"{len(engine.open):,} alerts, {DEVICES:,} devices, {len(known):,} dependencies")
    print(f"{'inventory':<32} {'CPU s':>8} {'longest ms':>11} {'steps':>6} {'rows':>8}")
    measure(engine, "equal", InventorySnapshot((), known))
    measure(engine, "without dependencies", InventorySnapshot())
    measure(engine, "the former one", InventorySnapshot((), known))


if __name__ == "__main__":
    main()
