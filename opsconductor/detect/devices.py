"""Tests of all series of a device together: T2 and SPE on their robust correlation, and the share that fires.

T2 is the distance within the directions in which the series usually vary together, SPE what lies outside of
them: a metric that no longer goes with the others. Correlations are learnt from clipped deviations, so that
an outage does not shape them.

Source: Jackson and Mudholkar, Control Procedures for Residuals Associated With Principal Component
Analysis (1979).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.sample import Floats
from opsconductor.detect.tails import Tails, end_block, fitted, rarity

WIDTHS = (4, 8, 16, 32, 64)
"""Series of a device that are looked at together, rounded up; of more, the first 64."""
FEWEST = 3
FIRES = 1.0
"""Rarity from which a series counts as firing: once in ten days."""
LEARN_CLIP = np.float32(2.5)
TEST_CLIP = np.float32(6.0)
TO_SIGMA = np.float32(0.8)
"""Mean absolute deviation of a normal distribution, in sigmas."""
RIDGE = np.float32(0.1)
EXPLAINED = 0.8
HALF_OF_BUDGET = np.float32(np.log10(2))
FIT_EVERY_S = 6 * 3600.0
MEMORY_S = 10 * DAY_S
STALE_INTERVALS = 3
LEAST_BLOCKS = 8
CONTRIBUTIONS = 5


class DeviceTest(IntEnum):
    """Which test found something."""

    T2 = 0
    SPE = 1
    SHARE = 2


TESTS = len(DeviceTest)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFinding:
    """What the series of a device show together.

    Attributes:
        device: Number of the device.
        time: Seconds since 1970.
        test: The test that is the rarest.
        rarity: Log10 of days, after each test got half of the device's budget.
        statistic: Value of the test.
        firing: Number of series of the device that fire by themselves.
        of_series: Number of series that were looked at.
        series: Rows of the series that contribute most, most first.
        ends: Whether the episode ends.
    """

    device: int
    time: float
    test: DeviceTest
    rarity: float
    statistic: float
    firing: int
    of_series: int
    series: tuple[int, ...]
    ends: bool = False


class _Class:
    """Devices of one width: stacked matrices, so that each step is one operation for all of them."""

    def __init__(self, width: int, devices: list[int], members: list[list[int]]) -> None:
        count = len(devices)
        self.devices = np.array(devices, dtype=np.intp)
        self.members = np.full((count, width), -1, dtype=np.intp)
        for row, each in enumerate(members):
            self.members[row, : len(each)] = each
        self.present = self.members >= 0
        self.correlation = np.tile(np.eye(width, dtype=np.float32), (count, 1, 1))
        self.t2_root = np.zeros((count, width, width), dtype=np.float32)
        self.spe_root = np.zeros((count, width, width), dtype=np.float32)
        self.ticks = 0
        self.fitted = -np.inf
        self.began = np.inf
        self.block = -1
        self.blocks = 0
        self.tails = Tails(
            **{
                name: np.zeros((TESTS, count), dtype=np.float32)
                for name in ("mean", "spread", "highest", "limit")
            }
        )
        self.open = np.zeros(count, dtype=bool)
        self.peak = np.zeros(count, dtype=np.float32)
        self.calm = np.zeros(count, dtype=np.int32)

    def learn(self, deviations: Floats, tick_s: float) -> None:
        """Follow the correlation of clipped deviations."""
        self.ticks += 1
        gain = np.float32(max(1 / self.ticks, min(1.0, tick_s / MEMORY_S)))
        clipped = np.clip(deviations, -LEARN_CLIP, LEARN_CLIP)
        self.correlation += gain * (clipped[:, :, None] * clipped[:, None, :] - self.correlation)

    def fit(self) -> None:
        """Decompose the correlations: the root of each statistic is a matrix of scaled directions."""
        variance = np.einsum("dii->di", self.correlation)
        scale = 1 / np.sqrt(np.maximum(variance, np.float32(0.05)))
        matrix = self.correlation * scale[:, :, None] * scale[:, None, :]
        width = matrix.shape[1]
        matrix += RIDGE * np.eye(width, dtype=np.float32)
        lengths, directions = np.linalg.eigh(matrix)
        lengths = np.maximum(lengths[:, ::-1], RIDGE)
        directions = directions[:, :, ::-1] * scale[:, :, None]
        before = np.cumsum(lengths, axis=1) - lengths
        inside = before < EXPLAINED * lengths.sum(axis=1, keepdims=True)
        outside = ~inside
        mean = (lengths * outside).sum(axis=1) / np.maximum(outside.sum(axis=1), 1)
        share = 1 / np.maximum(inside.sum(axis=1), 1)
        self.t2_root = directions * (inside * np.sqrt(share[:, None] / lengths))[:, None, :]
        rest = 1 / np.maximum(outside.sum(axis=1) * np.maximum(mean, RIDGE), RIDGE)
        self.spe_root = directions * (outside * np.sqrt(rest)[:, None])[:, None, :]

    def statistics(self, deviations: Floats, firing: NDArray[np.bool_]) -> Floats:
        """Return the statistics of all devices, shape (TESTS, devices)."""
        bounded = np.clip(deviations, -TEST_CLIP, TEST_CLIP)[:, None, :]
        t2 = np.sqrt(((bounded @ self.t2_root)[:, 0] ** 2).sum(axis=1))
        spe = np.sqrt(((bounded @ self.spe_root)[:, 0] ** 2).sum(axis=1))
        share = 3 * firing.sum(axis=1) / np.sqrt(self.present.sum(axis=1))
        return np.stack([t2, spe, share]).astype(np.float32)


class DeviceTests:
    """All devices with at least three series."""

    def __init__(self, config: DetectorConfig) -> None:
        self._config = config
        self._classes: list[_Class] = []
        self._last = -np.inf

    def assign(self, device_of: NDArray[np.int32]) -> None:
        """Take the device of each series, -1 for none; a device with the same series keeps its state."""
        order = np.argsort(device_of, kind="stable")
        members: dict[int, list[int]] = {}
        for series in order.tolist():
            device = int(device_of[series])
            if device >= 0:
                members.setdefault(device, []).append(series)
        known = {
            int(device): (each, row) for each in self._classes for row, device in enumerate(each.devices)
        }
        classes = []
        for width, below in zip(WIDTHS, (0, *WIDTHS), strict=False):
            chosen = [
                device
                for device, each in members.items()
                if len(each) >= FEWEST and below < min(len(each), WIDTHS[-1]) <= width
            ]
            if chosen:
                fresh = _Class(width, chosen, [members[device][:width] for device in chosen])
                _keep(fresh, known)
                classes.append(fresh)
        self._classes = classes

    def step(self, detector: Detector, now: float) -> list[DeviceFinding]:
        """Judge and learn the present deviations of all devices; called every few minutes.

        Args:
            detector: Whose last deviations are taken; series without new samples count as usual.
            now: Time of the samples, in seconds since 1970.
        """
        tick_s = min(now - self._last, 3600.0) if np.isfinite(self._last) else 300.0
        self._last = now
        state = {name: column[: detector.size] for name, column in detector.state.fields.items()}
        fresh = now - state["last_time"] <= STALE_INTERVALS * np.maximum(state["interval"], 1) + tick_s
        deviation = np.where(fresh, state["deviation"], 0) * TO_SIGMA
        fires = (state["rarity"] >= FIRES) & fresh
        findings = []
        for each in self._classes:
            findings += self._judge(each, deviation, fires, now, tick_s)
        return findings

    def _judge(
        self, group: _Class, deviation: Floats, fires: NDArray[np.bool_], now: float, tick_s: float
    ) -> list[DeviceFinding]:
        """Judge the devices of one width."""
        values = np.where(group.present, deviation[group.members], 0).astype(np.float32)
        firing = group.present & fires[group.members]
        if now - group.fitted >= FIT_EVERY_S:
            group.fitted = now
            group.fit()
        statistics = group.statistics(values, firing)
        self._end_block(group, now)
        fit = fitted(group.tails.spread, np.full(len(group.open), group.blocks, np.float32), self._config)
        claims = rarity(statistics, group.tails, fit) - HALF_OF_BUDGET
        np.maximum(group.tails.highest, statistics, out=group.tails.highest)
        group.learn(values, tick_s)
        if group.blocks < LEAST_BLOCKS:
            return []
        rarest = claims.max(axis=0)
        begins = ~group.open & (rarest >= np.log10(self._config.open_days))
        rises = group.open & (rarest >= group.peak + np.float32(0.3))
        group.calm[...] = np.where(rarest < np.log10(self._config.close_days), group.calm + 1, 0)
        ends = group.open & (group.calm >= LEAST_BLOCKS)
        group.peak[...] = np.where(begins | rises, rarest, group.peak)
        group.open[...] = (group.open & ~ends) | begins
        rows = np.flatnonzero(begins | rises | ends).tolist()
        return [
            _finding(group, row, (now, bool(ends[row])), (claims, statistics, values), firing) for row in rows
        ]

    def _end_block(self, group: _Class, now: float) -> None:
        """Learn the maxima of a block that ended."""
        block = int(now // self._config.block_s)
        group.began = min(group.began, now)
        if now - group.began < DAY_S:
            group.tails.highest[...] = 0
        elif group.block not in (-1, block):
            end_block(group.tails, np.full(len(group.devices), group.blocks, dtype=np.float32))
            group.blocks += 1
        group.block = block


def _finding(
    group: _Class,
    row: int,
    when: tuple[float, bool],
    numbers: tuple[Floats, Floats, Floats],
    firing: NDArray[np.bool_],
) -> DeviceFinding:
    """Return the finding of one device with the series that contribute most."""
    claims, statistics, values = numbers
    test = int(claims[:, row].argmax())
    if test == DeviceTest.SHARE:
        weight = np.abs(values[row]) * firing[row]
    else:
        root = (group.t2_root if test == DeviceTest.T2 else group.spe_root)[row]
        weight = np.abs(values[row] * (root @ (values[row] @ root)))
    order = [each for each in np.argsort(-weight)[:CONTRIBUTIONS].tolist() if weight[each] > 0]
    return DeviceFinding(
        device=int(group.devices[row]),
        time=when[0],
        test=DeviceTest(test),
        rarity=float(claims[test, row]),
        statistic=float(statistics[test, row]),
        firing=int(firing[row].sum()),
        of_series=int(group.present[row].sum()),
        series=tuple(group.members[row, order].tolist()),
        ends=when[1],
    )


def _keep(fresh: _Class, known: dict[int, tuple[_Class, int]]) -> None:
    """Copy what was learnt about devices whose series are still the same."""
    for row, device in enumerate(fresh.devices.tolist()):
        found = known.get(device)
        if found is None:
            continue
        old, at = found
        if old.members.shape[1] != fresh.members.shape[1] or (old.members[at] != fresh.members[row]).any():
            continue
        for name in ("correlation", "t2_root", "spe_root", "open", "peak", "calm"):
            getattr(fresh, name)[row] = getattr(old, name)[at]
        for name in ("mean", "spread", "highest", "limit"):
            getattr(fresh.tails, name)[:, row] = getattr(old.tails, name)[:, at]
        fresh.ticks = max(fresh.ticks, old.ticks)
        fresh.blocks = max(fresh.blocks, old.blocks)
        fresh.block, fresh.fitted, fresh.began = old.block, old.fitted, min(old.began, fresh.began)
