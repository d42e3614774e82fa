"""What is declared of types of machines, as rules over measured values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from glob import escape
from typing import Any
from uuid import uuid5

import asyncpg

from opsconductor.model.measured.alert_rule import AlertRule, Baseline, LimitSide
from opsconductor.store.declared.alert_rules import alert_rule_of
from opsconductor.store.declared.rules import parts_of, window_of
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("declared/machine_configurations")
FAR = 4.0
"""Standard deviations from the baseline at which a value is out of the ordinary ..."""
SAMPLES = 3
"""... as many times in a row."""
BACK = 1.0
"""Standard deviations behind that for the end."""
DEFAULTS = {
    "resource": "*",
    "expression": "",
    "direction": LimitSide.ABOVE,
    "warning": None,
    "critical": None,
    "hysteresis": 0.0,
    "samples": 1,
    "category": None,
    "alert_type": None,
    "hold_back": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUse:
    """What a configuration is about.

    Attributes:
        devices: Number of devices of the type.
        unmeasured: Its metrics for which no device of the type has a series.
    """

    machine_type: str
    devices: int
    unmeasured: Sequence[str]


async def load_machine_rules(pool: asyncpg.Pool, learning: timedelta) -> list[AlertRule]:
    """Return the rules that the enabled configurations of types of machines stand for.

    Args:
        learning: How long a series is judged by its baseline.
    """
    with translated():
        rows: list[Mapping[str, Any]] = await pool.fetch(SQL["machine_configurations"])
    return [rule for row in rows for rule in rules_of_machine(row, learning)]


async def read_machine_use(pool: asyncpg.Pool) -> list[MachineUse]:
    """Return what each enabled configuration is about, by the devices and series that there are."""
    with translated():
        rows = await pool.fetch(SQL["use"])
    return [
        MachineUse(
            machine_type=row["machine_type"],
            devices=row["devices"],
            unmeasured=[
                metric
                for metric in dict.fromkeys(
                    (*row["baselines"], *(each["metric"] for each in row["thresholds"]))
                )
                if not any(fnmatchcase(each, metric) for each in row["metrics"])
            ],
        )
        for row in rows
    ]


def rules_of_machine(row: Mapping[str, Any], learning: timedelta) -> Iterator[AlertRule]:
    """Yield the rules of a configuration: its limits, its baselines, and what is held back at rest."""
    hours = tuple(window_of(each) for each in parts_of(row["operational_pattern"]))
    for limits in row["thresholds"]:
        side = LimitSide(limits.get("direction", LimitSide.ABOVE))
        resource = limits.get("resource", "*")
        key = f"limits {limits['metric']} {side} {resource}"
        yield replace(_rule(row, key, f"{row['machine_type']} {limits['metric']}", limits), hours=hours)
    for metric, given in row["baselines"].items():
        baseline = Baseline(
            expected=given["expected"], variation=given["variation"], young_s=learning.total_seconds()
        )
        for side, sign in ((LimitSide.ABOVE, 1), (LimitSide.BELOW, -1)):
            limits = {
                "metric": metric,
                "direction": side,
                "warning": baseline.expected + sign * FAR * baseline.variation,
                "hysteresis": BACK * baseline.variation,
                "samples": SAMPLES,
            }
            rule = _rule(row, f"baseline {metric} {side}", f"{row['machine_type']} {metric} baseline", limits)
            yield replace(rule, hours=hours, baseline=baseline)
    if hours:
        name = f"{row['machine_type']} at rest"
        yield replace(_rule(row, "rest", name, {"metric": "*", "hold_back": True}), hours=hours)


def _rule(row: Mapping[str, Any], key: str, name: str, limits: Mapping[str, Any]) -> AlertRule:
    """Return a rule about the devices of the type; its id is the same after each change of the limits."""
    scope = {"device_type": [escape(row["machine_type"])]}
    return alert_rule_of({**DEFAULTS, **limits, "id": uuid5(row["id"], key), "name": name, "scope": scope})
