"""Routing: CPU microseconds to find out which of 1,000 rules fire for an alert.

Run with `python -m tests.benchmarks.engine.bench_rules`. Every alert is another device; half of the devices
are new to the index. A reload compiles the rules in a thread: shown is for how long the event loop then
waits.
"""

import asyncio
import gc
from dataclasses import replace
from datetime import timedelta
from time import perf_counter, process_time
from uuid import UUID

from opsconductor.app.collector import THRESHOLDS
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import AlertEvent, Severity
from opsconductor.model.inventory.device import DeviceFacts
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from tests.unit.api.test_api_pure import an_alert

RULES = 1_000
ALERTS = 10_000
SITES = 200


def conditions(number: int) -> Conditions:
    """Return conditions as people write them: by site, address, name, type, tag, age, team."""
    site = f"site-{number % SITES}"
    either = (Conditions(site=(f"site-{number}",)), Conditions(device_tags=(f"tag-{number}",)))
    kinds = (
        Conditions(site=(site,), minimum_severity=Severity.MAJOR),
        Conditions(site=(site,), role=("core",), severity=(Severity.CRITICAL,)),
        Conditions(device_ip_pattern=(f"10.{number // 250}.{number % 250}.0/24",)),
        Conditions(device_name=(f"sw-{number}-*",)),
        Conditions(alert_type=(f"power_{number}_*",)),
        Conditions(any=either),
        Conditions(site=(site,), minimum_age=timedelta(minutes=10)),
        Conditions(custom_fields=(("team", (f"team-{number}",)),)),
    )
    return kinds[number % len(kinds)]


def rules() -> list[NotificationRule]:
    """Return the rules."""
    channel = RuleChannel(channel="mail", recipients=("noc@example.org",))
    return [
        NotificationRule(
            id=UUID(int=number + 1), name=f"rule {number}", channels=(channel,), conditions=conditions(number)
        )
        for number in range(RULES)
    ]


def situations() -> list[Situation]:
    """Return alerts of many devices."""
    alert = an_alert()
    severities = list(Severity)
    found = []
    for number in range(ALERTS):
        device = DeviceFacts(
            ip_address=None,
            name="device",
            site=f"site-{number % 1_000}",
            role="core" if number % 3 else "access",
            tags=("voice", f"tag-{number % 1_000}"),
            custom_fields={"team": f"team-{number % 1_000}"},
        )
        values = {
            "device_ip": f"10.{number // 2_500}.{number % 250}.{number % 200}",
            "device_name": f"sw-{number % 1_000}-{number % 5_000}",
            "severity": severities[number % 5],
        }
        changed = replace(alert, **values)  # type: ignore[arg-type]
        found.append(Situation(alert=changed, event=AlertEvent.CREATED, at=alert.received_at, device=device))
    return found


async def reload() -> float:
    """Take over other rules as the daemon does; return the longest wait of the event loop in seconds."""
    engine, declared = Engine(EngineSettings(), InventorySnapshot(), ()), rules()
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        before = perf_counter()
        while True:
            await asyncio.sleep(0.001)
            before, passed = perf_counter(), perf_counter() - before
            longest = max(longest, passed)

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    compiled = await asyncio.to_thread(Router, declared)
    engine.reconfigure(EngineSettings(), InventorySnapshot(), compiled, an_alert().received_at)
    await asyncio.sleep(0.01)
    watcher.cancel()
    return longest


def main() -> None:
    """Print the table."""
    gc.set_threshold(*THRESHOLDS)
    started = process_time()
    router = Router(rules())
    print(f"compile {RULES:,} rules: {(process_time() - started) * 1_000:.0f} ms")
    longest_s = asyncio.run(reload())
    print(f"reload of {RULES:,} rules, longest wait of the event loop: {longest_s * 1_000:.0f} ms")
    alerts = situations()
    gc.collect()
    gc.freeze()
    print(f"{'CPU microseconds per alert':<52} {'route':>9} {'fired':>9}")
    for name in ("distinct alerts of devices not seen before", "distinct alerts of devices seen before"):
        started = process_time()
        fired = sum(len(router.route(situation).fired) for situation in alerts)
        spent = (process_time() - started) / ALERTS
        print(f"{name:<52} {spent * 1_000_000:>9.2f} {fired / ALERTS:>9.2f}")
    started = process_time()
    for situation in alerts[:100]:
        list(router.explain(situation))
    spent = (process_time() - started) / 100
    print(f"explain all {RULES:,} rules for one alert: {spent * 1_000:.2f} ms")


if __name__ == "__main__":
    main()
