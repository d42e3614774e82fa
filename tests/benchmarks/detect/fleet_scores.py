"""Precision and recall over a synthetic fleet, beside a random and a null detector."""

import argparse
from collections import Counter

import numpy as np

from opsconductor.detect.budget import BudgetConfig
from tests.benchmarks.detect.fleet import Fleet, FleetPlan, draw
from tests.benchmarks.detect.injected import ANOMALIES, GRACE_S, Anomaly
from tests.benchmarks.detect.replay import Reported, replay


def matched(fleet: Fleet, reported: Reported) -> set[Anomaly]:
    """Return the anomalies that a notification covers: on one of its series, meanwhile or soon after."""
    return {
        anomaly
        for anomaly in fleet.anomalies
        if anomaly.series in reported.series
        and fleet.times[anomaly.start] <= reported.time <= fleet.times[anomaly.end - 1] + GRACE_S
    }


def at_random(fleet: Fleet, per_day: float) -> list[Reported]:
    """Return notifications about series and times drawn at random, as many as the budget has."""
    rng = np.random.default_rng(fleet.plan.seed + 1)
    days = fleet.plan.days - fleet.plan.clean_days
    count = int(per_day * days)
    times = fleet.clean_until + rng.uniform(0, days * 86_400, count)
    rows = rng.integers(0, len(fleet.values), count)
    return [
        Reported(time=float(at), series=(int(row),), channel="random", rarity=0)
        for at, row in zip(times, rows, strict=True)
    ]


def report(name: str, fleet: Fleet, reported: list[Reported]) -> None:
    """Print one detector's figures."""
    found: set[Anomaly] = set()
    false = []
    for each in reported:
        matches = matched(fleet, each)
        found |= matches
        if not matches:
            false.append(each)
    days = fleet.plan.days - fleet.plan.clean_days
    precision = 1 - len(false) / len(reported) if reported else float("nan")
    kinds = Counter(each.kind for each in fleet.anomalies)
    hits = Counter(each.kind for each in found)
    per_5000 = len(false) / (len(fleet.values) * days) * 5_000
    print(
        f"{name:<9} {len(reported) / days:5.1f} alerts a day  precision {precision:.2f}"
        f"  recall {len(found) / len(fleet.anomalies):.2f}  false in 5,000 series-days {per_5000:.2f}"
    )
    print(
        "   recall by anomaly:",
        {kind: round(hits[kind] / kinds[kind], 2) for kind in ANOMALIES if kinds[kind]},
    )
    on = Counter(fleet.kinds[each.series] for each in fleet.anomalies)
    seen = Counter(fleet.kinds[each.series] for each in found)
    print("   recall by series: ", {kind: round(seen[kind] / on[kind], 2) for kind in sorted(on)})
    print("   false by channel: ", dict(Counter(each.channel for each in false)))
    print(
        "   false by series:  ", dict(Counter(fleet.kinds[each.series[0]] for each in false if each.series))
    )


def main() -> None:
    """Draw, replay and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--kinds", choices=("developed", "held-out", "all"), default="held-out")
    parser.add_argument("--series", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--anomalies-per-day", type=float, default=15.0)
    parser.add_argument("--interval", type=float, default=600.0)
    chosen = parser.parse_args()
    plan = FleetPlan(
        series=chosen.series,
        days=chosen.days,
        interval_s=chosen.interval,
        kinds=chosen.kinds,
        seed=chosen.seed,
        anomalies=int(chosen.anomalies_per_day * (chosen.days - FleetPlan().clean_days)),
    )
    fleet = draw(plan)
    print(
        f"seed {plan.seed}, {plan.series:,} series of kinds {sorted(set(fleet.kinds))}, {plan.days} days",
        flush=True,
    )
    print(
        f"{len(fleet.anomalies)} anomalies in the last {plan.days - plan.clean_days} days, budget 20 a day",
        flush=True,
    )
    reported, held = replay(fleet, BudgetConfig())
    report("detector", fleet, reported)
    print(f"   held back: {held}")
    report("random", fleet, at_random(fleet, 20))
    report("null", fleet, [])


if __name__ == "__main__":
    main()
