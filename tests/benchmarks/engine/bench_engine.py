"""The engine alone: CPU microseconds per event, and how fast it takes in what the database holds.

Run with `python -m tests.benchmarks.engine.bench_engine`. The garbage collector is set as the daemon
sets it.
"""

import gc
from collections.abc import Sequence
from time import process_time
from uuid import UUID

from opsconductor.app.collector import THRESHOLDS
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import DependencyType, Severity
from opsconductor.model.inventory.device import Dependency
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from tests.support.engine.pipeline_scene import START, report, seconds

EVENTS = 100_000
BATCH = 5_000
FINGERPRINTS = 1_000
DEPENDENCIES = 1_000
NO_MATCH = NotificationRule(
    id=UUID(int=1),
    name="only critical",
    channels=(RuleChannel(channel="mail", recipients=("noc@example.org",)),),
    conditions=Conditions(severity=(Severity.CRITICAL,)),
)


def link_down(number: int, *, severity: str = "major") -> NormalizedAlert:
    """Report a link-down of one of many devices."""
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    title = "Link Down - {device_name}"
    return report(address, severity=severity, resource="ifIndex=7", at=START, title=title, message="down")


def tree() -> InventorySnapshot:
    """Draw 1,000 devices below one root, ten on each."""
    names = [f"10.0.{number >> 8}.{number & 255}" for number in range(DEPENDENCIES + 1)]
    return InventorySnapshot(
        (),
        [
            Dependency(
                device_ip=names[number],
                depends_on_ip=names[(number - 1) // 10],
                dependency_type=DependencyType.NETWORK,
            )
            for number in range(1, DEPENDENCIES + 1)
        ],
    )


def measure(
    name: str, events: Sequence[NormalizedAlert], inventory: InventorySnapshot, *, batch: int = BATCH
) -> Engine:
    """Send events in batches and print what one costs to identify and to apply."""
    engine = Engine(EngineSettings(), inventory, [NO_MATCH])
    gc.collect()
    gc.freeze()
    identified_s = applied_s = 0.0
    for start in range(0, len(events), batch):
        started = process_time()
        identified = identify(events[start : start + batch], inventory)
        between = process_time()
        engine.apply(identified, START + seconds(1 + start / EVENTS))
        applied_s += process_time() - between
        identified_s += between - started
    per_event = 1_000_000 / len(events)
    print(f"{name:<52} {identified_s * per_event:>9.2f} {applied_s * per_event:>9.2f}")
    return engine


def measure_load(engine: Engine) -> None:
    """Print how long a new engine takes to take in the open alerts of another."""
    alerts = list(engine.open_alerts())
    gc.collect()
    gc.freeze()
    started = process_time()
    loaded = Engine(EngineSettings(), InventorySnapshot(), [NO_MATCH])
    loaded.load(alerts, START + seconds(2))
    loaded.tick(START + seconds(2))
    print(f"load and review {len(alerts):,} open alerts: {process_time() - started:.2f} s")


def main() -> None:
    """Print the table."""
    gc.set_threshold(*THRESHOLDS)
    print(f"{'CPU microseconds per event':<52} {'identify':>9} {'apply':>9}")
    repeats = [link_down(number % FINGERPRINTS) for number in range(EVENTS)]
    measure(f"repeats over {FINGERPRINTS:,} fingerprints", repeats, InventorySnapshot())
    measure("the same in batches of 500", repeats, InventorySnapshot(), batch=500)
    full = measure("all distinct", [link_down(number) for number in range(EVENTS)], InventorySnapshot())
    inside = [link_down(number % (DEPENDENCIES + 1), severity="minor") for number in range(EVENTS)]
    measure(f"repeats within {DEPENDENCIES:,} dependencies", inside, tree())
    leaves_first = [link_down(number) for number in range(DEPENDENCIES, -1, -1)]
    measure(f"{DEPENDENCIES:,} devices fail, the leaves first", leaves_first, tree())
    measure(f"{DEPENDENCIES:,} devices fail, the root first", leaves_first[::-1], tree())
    measure_load(full)


if __name__ == "__main__":
    main()
