"""Rules over measured values, which alert by limits that people set."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from opsconductor.model.enums import Category
from opsconductor.model.notifications.time_window import RecurringWindow

CATEGORY_OF_METRIC: Mapping[str, Category] = {
    "battery": Category.POWER,
    "ups": Category.POWER,
    "input": Category.POWER,
    "output": Category.POWER,
    "load": Category.POWER,
    "voltage": Category.POWER,
    "current": Category.POWER,
    "power": Category.POWER,
    "runtime": Category.POWER,
    "temperature": Category.ENVIRONMENT,
    "humidity": Category.ENVIRONMENT,
    "fan": Category.ENVIRONMENT,
    "cpu": Category.COMPUTE,
    "memory": Category.COMPUTE,
    "process": Category.COMPUTE,
    "disk": Category.STORAGE,
    "storage": Category.STORAGE,
    "volume": Category.STORAGE,
    "if": Category.NETWORK,
    "interface": Category.NETWORK,
    "traffic": Category.NETWORK,
    "ping": Category.NETWORK,
    "packet": Category.NETWORK,
    "bandwidth": Category.NETWORK,
    "signal": Category.WIRELESS,
    "wifi": Category.WIRELESS,
}
"""Category of a metric by its words, the first of them first."""


class LimitSide(StrEnum):
    """On which side of a limit a value is wrong."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScope:
    """Devices that a rule is about: all that is given must match; nothing given: every device.

    Attributes:
        device: Shell patterns on name or main address, case aside; the others likewise.
        tag: One tag of the device must match one of them.
    """

    device: tuple[str, ...] = ()
    device_type: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is ordinary for a metric of a type of machine, until a series is known.

    Attributes:
        variation: Usual distance from the expected value, one standard deviation.
        young_s: Seconds since the first value of a series for which it is judged by this.
    """

    expected: float
    variation: float
    young_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One row of `alert_rules`, or a part of one of `machine_configurations`.

    Attributes:
        metric: Shell pattern on the metric; empty: the rule has an expression.
        resource: Shell pattern on the resource of the series.
        expression: Over metrics of one device and resource; its value is compared in place of a metric's.
        warning: Limit of a warning in the unit of the series; reaching it counts. None: there is none.
        hysteresis: How far behind the limit a value must return for the violation to end.
        samples: Number of values in a row that begin, and that end, a violation.
        alert_type: Of its alerts; equal to that of a trap, both are one alert.
        hold_back: It has no limits: anomalies of these series become no alerts.
        hours: When the machines work: limits hold within, what is held back is so outside. Empty: always.
        baseline: Its limits come from this, and hold as long as a series is young.
        fault: Why it cannot be evaluated; empty: it can.
    """

    id: UUID
    name: str
    scope: RuleScope
    metric: str = ""
    resource: str = "*"
    expression: str = ""
    direction: LimitSide = LimitSide.ABOVE
    warning: float | None = None
    critical: float | None = None
    hysteresis: float = 0.0
    samples: int = 1
    category: Category
    alert_type: str
    hold_back: bool = False
    hours: tuple[RecurringWindow, ...] = ()
    baseline: Baseline | None = None
    fault: str = ""


def category_of(metric: str) -> Category:
    """Return the category of a metric by the words of its name; unknown if none of them is known."""
    words = metric.lower().split("_")
    found = (CATEGORY_OF_METRIC[word] for word in words if word in CATEGORY_OF_METRIC)
    return next(found, Category.UNKNOWN)
