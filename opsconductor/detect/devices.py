"""Tests of all series of a device together: T2 and SPE on their robust correlation, and the share that fires.

T2 is the distance within the directions in which the series usually vary together, SPE what lies outside of
them: a metric that no longer goes with the others. Correlations are learnt from clipped deviations, so that
an outage does not shape them. `device_class` holds what is learnt, devices of one width together.

Source: Jackson and Mudholkar, Control Procedures for Residuals Associated With Principal Component
Analysis (1979).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.device_class import DeviceClass
from opsconductor.detect.sample import Floats
from opsconductor.detect.tails import SHIFT, fitted, rarity

WIDTHS = (4, 8, 16, 32, 64)
"""Series of a device whose correlation is learnt, rounded up; of more, the first 64."""
FEWEST = 3
FIRES = 1.0
"""Rarity from which a series counts as firing: once in ten days."""
TO_SIGMA = np.float32(0.8)
"""Mean absolute deviation of a normal distribution, in sigmas."""
HALF_OF_BUDGET = np.float32(np.log10(2))
STALE_INTERVALS = 3
LEAST_BLOCKS = 8
CALM_STEPS = 8
CONTRIBUTIONS = 5
FIRST_TICK_S = 300.0
LONGEST_TICK_S = 3_600.0


class DeviceTest(IntEnum):
    """Which test found something."""

    T2 = 0
    SPE = 1
    SHARE = 2


AS_OF_A_SERIES = float(np.log10(2 * CHANNELS / len(DeviceTest)))
"""What a rarity is more where devices compete with series, each of which has twenty tails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFinding:
    """What the series of a device show together.

    Attributes:
        device: Number of the device.
        time: Seconds since 1970.
        test: The test that is the rarest.
        rarities: Log10 of days by test, after each got half of the device's budget.
        statistic: Value of the test.
        usual: What the highest of a block exceeds in a quarter of the blocks.
        since: When the device was first looked at, in seconds since 1970.
        firing: Number of series of the device that fire by themselves.
        of_series: Number of its series.
        series: Rows of the series that contribute most, most first.
        deviations: Theirs, in usual deviations; with sign.
        ends: Whether the episode ends.
    """

    device: int
    time: float
    test: DeviceTest
    rarities: tuple[float, ...]
    statistic: float
    usual: float
    since: float
    firing: int
    of_series: int
    series: tuple[int, ...]
    deviations: tuple[float, ...]
    ends: bool = False

    @property
    def rarity(self) -> float:
        """Return the rarity of the test that is the rarest."""
        return self.rarities[self.test]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The present deviations of all series, and how many fire by device."""

    time: float
    tick_s: float
    deviation: Floats
    fires: NDArray[np.bool_]
    firing: NDArray[np.intp]
    total: NDArray[np.intp]


class DeviceTests:
    """All devices with at least three series.

    Attributes:
        device_of: Number of the device by series; -1: none.
        classes: What is learnt, by width.
        last: Time of the last step; -inf: there was none.
    """

    def __init__(self, config: DetectorConfig) -> None:
        self._config = config
        self.device_of = np.zeros(0, np.int32)
        self.classes: tuple[DeviceClass, ...] = ()
        self.last = -np.inf

    def assign(self, device_of: NDArray[np.int32]) -> None:
        """Take the device of each series, -1 for none.

        A device keeps what is learnt while most of its series stay; series that it gets learn anew.
        """
        self.device_of = device_of.copy()
        members = _members(device_of)
        known = {int(device): (each, row) for each in self.classes for row, device in enumerate(each.devices)}
        classes = []
        for width, below in zip(WIDTHS, (0, *WIDTHS), strict=False):
            chosen = [
                device
                for device, each in members.items()
                if len(each) >= FEWEST and below < min(len(each), WIDTHS[-1]) <= width
            ]
            if chosen:
                fresh = DeviceClass.new(width, chosen, [members[device][:width] for device in chosen])
                for row, device in enumerate(chosen):
                    if device in known:
                        fresh.take_over(row, *known[device])
                classes.append(fresh)
        self.classes = tuple(classes)

    def restore(self, device_of: NDArray[np.int32], classes: Sequence[DeviceClass], last: float) -> None:
        """Take what a checkpoint has."""
        self.device_of, self.classes, self.last = device_of, tuple(classes), last

    def open_devices(self) -> set[int]:
        """Return the devices with an episode that lasts."""
        return {each for group in self.classes for each in group.devices[group.open].tolist()}

    def not_beyond(self, now: float) -> None:
        """Follow a clock that was set back."""
        self.last = min(self.last, now)

    def step(self, detector: Detector, now: float) -> list[DeviceFinding]:
        """Judge and learn the present deviations of all devices; called every few minutes.

        Args:
            detector: Whose last deviations are taken; series without new samples count as usual.
            now: Time of the samples, in seconds since 1970; later than the last.
        """
        tick_s = min(now - self.last, LONGEST_TICK_S) if np.isfinite(self.last) else FIRST_TICK_S
        self.last = now
        if not self.classes:
            return []
        size = len(self.device_of)
        detector.grow(size)
        names = ("last_time", "interval", "deviation", "rarity")
        state = {name: detector.state.fields[name][:size] for name in names}
        fresh = now - state["last_time"] <= STALE_INTERVALS * np.maximum(state["interval"], 1) + tick_s
        fires = (state["rarity"] >= FIRES) & fresh
        device_of = self.device_of
        owned = device_of >= 0
        devices = int(device_of.max(initial=-1)) + 1
        look = _Look(
            time=now,
            tick_s=tick_s,
            deviation=np.where(fresh, state["deviation"], 0) * TO_SIGMA,
            fires=fires,
            firing=np.bincount(device_of[owned & fires], minlength=devices),
            total=np.bincount(device_of[owned], minlength=devices),
        )
        return [found for each in self.classes for found in self._judge(each, look)]

    def _judge(self, group: DeviceClass, look: _Look) -> list[DeviceFinding]:
        """Judge the devices of one width."""
        values = np.where(group.present, look.deviation[group.members], 0).astype(np.float32)
        group.fit(look.time)
        t2, spe = group.distances(values)
        share = 3 * look.firing[group.devices] / np.sqrt(look.total[group.devices])
        statistics = np.stack([t2, spe, share]).astype(np.float32)
        group.end_blocks(look.time, self._config.block_s)
        fit = fitted(group.tails.spread, group.blocks, self._config)
        claims = rarity(statistics, group.tails, fit) - HALF_OF_BUDGET
        np.maximum(group.tails.highest, statistics, out=group.tails.highest)
        group.learn(values, look.tick_s)
        rarest = np.where(group.blocks < LEAST_BLOCKS, np.float32(-9), claims.max(axis=0))
        begins = ~group.open & (rarest >= np.log10(self._config.open_days))
        rises = group.open & (rarest >= group.peak + np.float32(0.3))
        group.calm[...] = np.where(rarest < np.log10(self._config.close_days), group.calm + 1, 0)
        ends = group.open & (group.calm >= CALM_STEPS)
        group.peak[...] = np.where(begins | rises, rarest, group.peak)
        group.open[...] = (group.open & ~ends) | begins
        reported = np.flatnonzero(begins | rises | ends).tolist()
        numbers = claims, statistics, values
        return [_finding(group, row, look, numbers, is_end=bool(ends[row])) for row in reported]


def _members(device_of: NDArray[np.int32]) -> dict[int, list[int]]:
    """Return the series of each device, in order."""
    order = np.argsort(device_of, kind="stable")
    order = order[device_of[order] >= 0]
    if not len(order):
        return {}
    devices = device_of[order]
    first = np.flatnonzero(np.r_[True, devices[1:] != devices[:-1]])
    parts = np.split(order, first[1:])
    return {int(devices[at]): part.tolist() for at, part in zip(first, parts, strict=True)}


def _finding(
    group: DeviceClass, row: int, look: _Look, numbers: tuple[Floats, Floats, Floats], *, is_end: bool
) -> DeviceFinding:
    """Return the finding of one device with the series that contribute most."""
    claims, statistics, values = numbers
    test = DeviceTest(int(claims[:, row].argmax()))
    if test is DeviceTest.SHARE:
        members = group.members[row]
        weight = np.abs(values[row]) * (group.present[row] & look.fires[members])
    else:
        weight = group.contributions(row, values[row], is_outside=test is DeviceTest.SPE)
    order = [each for each in np.argsort(-weight, kind="stable")[:CONTRIBUTIONS].tolist() if weight[each] > 0]
    device = int(group.devices[row])
    return DeviceFinding(
        device=device,
        time=look.time,
        test=test,
        rarities=tuple(round(each, 4) for each in claims[:, row].tolist()),
        statistic=float(statistics[test, row]),
        usual=float(np.exp(group.tails.mean[test, row]) - SHIFT),
        since=float(group.began[row]),
        firing=int(look.firing[device]),
        of_series=int(look.total[device]),
        series=tuple(group.members[row, order].tolist()),
        deviations=tuple(round(each, 2) for each in (values[row, order] / TO_SIGMA).tolist()),
        ends=is_end,
    )
