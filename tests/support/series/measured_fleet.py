"""A small fleet of measured series, minute by minute, with faults at chosen times."""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from opsconductor.thresholds.matching import WatchedSeries

MONDAY = 1_704_067_200.0
"""2024-01-01, a Monday, in seconds since 1970."""
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
Shape = Callable[[float, random.Random], float | None]
"""Value of a series at a time; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Points of all series at one time."""

    sequence: int
    series: np.ndarray[tuple[int], np.dtype[np.int32]]
    times: np.ndarray[tuple[int], np.dtype[np.float64]]
    values: np.ndarray[tuple[int], np.dtype[np.float64]]


class MeasuredFleet:
    """Series with shapes; faults replace the value of a series from a time on.

    Attributes:
        known: The series by id.
    """

    def __init__(self, shapes: Mapping[tuple[str, str, str], Shape], step_s: float = 300.0) -> None:
        self.known = {
            number: WatchedSeries(
                id=number, device=device, device_name=device, metric=metric, resource=resource
            )
            for number, (device, metric, resource) in enumerate(shapes, start=1)
        }
        self._shapes = list(shapes.values())
        self._random = random.Random(12)
        self._step = step_s
        self._faults: list[tuple[int, float, float, Shape]] = []

    def fault(self, device: str, metric: str, span: tuple[float, float], shape: Shape) -> None:
        """Make the series of a device follow another shape for a span, in seconds after the first Monday."""
        for each in self.known.values():
            if each.device == device and each.metric == metric:
                self._faults.append((each.id, MONDAY + span[0], MONDAY + span[1], shape))

    def minutes(self, first: float, last: float) -> Iterator[Minute]:
        """Yield the points of each step between two times, in seconds after the first Monday."""
        steps = int((last - first) / self._step)
        for step in range(steps):
            at = MONDAY + first + step * self._step
            found = [(number, self._value(number, at)) for number in self.known]
            there = [(number, value) for number, value in found if value is not None]
            yield Minute(
                sequence=int(at / self._step),
                series=np.array([number for number, _ in there], np.int32),
                times=np.full(len(there), at),
                values=np.array([value for _, value in there], np.float64),
            )

    def _value(self, number: int, at: float) -> float | None:
        for series, first, last, shape in self._faults:
            if series == number and first <= at < last:
                return shape(at, self._random)
        return self._shapes[number - 1](at, self._random)


def temperature(at: float, noise: random.Random) -> float:
    """A battery: 25 degrees, half a degree warmer in the afternoon."""
    return round(25 + 0.5 * math.sin((at % DAY) / DAY * 2 * math.pi) + noise.gauss(0, 0.15), 2)


def traffic(at: float, noise: random.Random) -> float:
    """A port: busy on weekdays from 8 to 18, quiet else."""
    day, hour = int((at - MONDAY) // DAY) % 7, (at % DAY) / HOUR
    busy = 80e6 if day < 5 and 8 <= hour < 18 else 8e6
    return busy * math.exp(noise.gauss(0, 0.12))
