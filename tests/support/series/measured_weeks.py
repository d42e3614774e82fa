"""Values of three sites over five weeks, with three faults in the last hours."""

import csv
import io
import math
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

STEP = timedelta(minutes=10)
LENGTH = timedelta(days=35)
PER_POST = timedelta(days=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HEADER = ("device", "metric", "resource", "unit", "at", "value")
Shape = Callable[[datetime, timedelta], float]
"""Value at a time of people's clock, which is so long before now."""
WRONG = 3
"""Series that are abnormal at the end, each an alert."""
RANDOM = random.Random(12)


def noise(deviation: float) -> float:
    """Draw a deviation."""
    return RANDOM.gauss(0, deviation)


def afternoon(at: datetime) -> float:
    """Return 1 at four in the afternoon, -1 at four in the morning."""
    return math.cos((at.hour + at.minute / 60 - 16) / 24 * 2 * math.pi)


def is_busy(at: datetime) -> bool:
    """Return True in the working hours."""
    return at.weekday() < 5 and 8 <= at.hour < 18


def battery(at: datetime, _ago: timedelta) -> float:
    """A battery, warmer in the afternoon."""
    return round(24 + 0.6 * afternoon(at) + noise(0.15), 1)


def creeping(at: datetime, ago: timedelta) -> float:
    """A battery that warms for a day and a half."""
    return round(battery(at, ago) + max(0.0, (36 * HOUR - ago) / HOUR) * 0.15, 1)


def traffic(at: datetime, _ago: timedelta) -> float:
    """A port: busy in working hours."""
    return round((80e6 if is_busy(at) else 35e6) * math.exp(noise(0.1)))


def stopped(at: datetime, ago: timedelta) -> float:
    """A port that carries nothing for five hours."""
    return 0.0 if ago < 5 * HOUR else traffic(at, ago)


def processor(at: datetime, _ago: timedelta) -> float:
    """A processor, in percent."""
    return round((38 if is_busy(at) else 17) * math.exp(noise(0.1)), 1)


def inlet(_at: datetime, _ago: timedelta) -> float:
    """The inlet of a switch in a cooled room: no course of the day."""
    return round(23 + noise(0.3), 1)


def stuck(at: datetime, ago: timedelta) -> float:
    """A sensor that repeats one value for half a day."""
    return 23.1 if ago < 18 * HOUR else inlet(at, ago)


def voltage(_at: datetime, _ago: timedelta) -> float:
    """Mains."""
    return round(230 + noise(0.8), 1)


def load(at: datetime, _ago: timedelta) -> float:
    """The load of a UPS, in percent."""
    return round(41 + (6 if is_busy(at) else 0) + noise(1.2), 1)


def series() -> Iterator[tuple[str, str, str, str, Shape]]:
    """Yield device, metric, resource, unit and shape."""
    for site in ("lyon", "paris", "nice"):
        ups, core = f"{site}-ups-1", f"{site}-core-1"
        yield ups, "battery_temperature", "", "°C", creeping if site == "nice" else battery
        yield ups, "input_voltage", "", "V", voltage
        yield ups, "load", "", "%", load
        yield core, "cpu_load", "", "%", processor
        yield core, "temperature", "entPhysicalIndex=5", "°C", stuck if site == "paris" else inlet
        for port in (7, 8):
            halted = site == "nice" and port == 7
            yield core, "in_traffic", f"ifIndex={port}", "bit/s", stopped if halted else traffic


def shift_of(now: datetime) -> timedelta:
    """Return how far people's clock is behind, to show an afternoon of a weekday, when a stop is missed.

    Whole hours: work begins and ends with an hour, as the seasons of the detector do.
    """
    wanted = min(max(now.hour, 14), 16)
    return max(0, now.weekday() - 4) * DAY + (now.hour - wanted) * HOUR


def posts(now: datetime) -> Iterator[str]:
    """Yield CSV of all series in the order of time, some days in each."""
    every, shift = list(series()), shift_of(now)
    at = now - LENGTH
    while at < now:
        until = min(at + PER_POST, now)
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(HEADER)
        while at < until:
            for device, metric, resource, unit, shape in every:
                rows.writerow((device, metric, resource, unit, at.isoformat(), shape(at - shift, now - at)))
            at += STEP
        yield text.getvalue()
