"""What is learnt of devices of about the same number of series: correlations and tails, as stacked arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.config import DAY_S
from opsconductor.detect.sample import Floats
from opsconductor.detect.tails import Tails, end_block

LEARN_CLIP = np.float32(2.5)
TEST_CLIP = np.float32(6.0)
LEAST_VARIANCE = np.float32(0.05)
RIDGE = np.float32(0.1)
EXPLAINED = 0.8
FIT_EVERY_S = 6 * 3600.0
MEMORY_S = 10 * DAY_S
TESTS = 3
"""T2, SPE, share; the order is that of `DeviceTest`."""
AT_ONCE = 256
"""Devices whose matrices are worked on at once, so that they stay in the cache of the processor."""
KEPT = 0.75
"""A device keeps its tails while it has at least this share of its series from before."""
MOST_WORK = 64**4
"""Of the decompositions of one step: 64 devices of 64 series, more of fewer, as it grows with the cube."""
TAILS = tuple(each.name for each in fields(Tails))


@dataclass(slots=True, kw_only=True, eq=False)
class DeviceClass:
    """Devices of one width, one row each.

    Attributes:
        devices: Their numbers.
        members: Rows of their series, shape (devices, width); -1: none.
        correlation: Of clipped deviations, shape (devices, width, width).
        directions: In which the series vary, one a column, the widest first.
        inside: Weight of each direction in T2; `outside`: in SPE. Shape (devices, width).
        ticks: Steps seen.
        fitted: Time of the last fit; `began`: of the first step. Seconds since 1970.
        block: Number of the block under way; `blocks`: of those that ended.
        tails: Of the statistics, shape (TESTS, devices).
        open: An episode lasts; `peak` is its rarity, `calm` the number of quiet steps.
    """

    devices: NDArray[np.intp]
    members: NDArray[np.intp]
    correlation: Floats
    directions: Floats
    inside: Floats
    outside: Floats
    ticks: Floats
    fitted: NDArray[np.float64]
    began: NDArray[np.float64]
    block: NDArray[np.int64]
    blocks: Floats
    tails: Tails
    open: NDArray[np.bool_]
    peak: Floats
    calm: NDArray[np.int32]

    @classmethod
    def empty(cls, width: int, count: int) -> Self:
        """Return devices about which nothing is known, not even their series."""
        return cls(
            devices=np.zeros(count, np.intp),
            members=np.full((count, width), -1, np.intp),
            correlation=np.tile(np.eye(width, dtype=np.float32), (count, 1, 1)),
            directions=np.zeros((count, width, width), np.float32),
            inside=np.zeros((count, width), np.float32),
            outside=np.zeros((count, width), np.float32),
            ticks=np.zeros(count, np.float32),
            fitted=np.full(count, -np.inf),
            began=np.full(count, np.inf),
            block=np.full(count, -1, np.int64),
            blocks=np.zeros(count, np.float32),
            tails=Tails(**{name: np.zeros((TESTS, count), np.float32) for name in TAILS}),
            open=np.zeros(count, np.bool_),
            peak=np.zeros(count, np.float32),
            calm=np.zeros(count, np.int32),
        )

    @classmethod
    def new(cls, width: int, devices: Sequence[int], members: Sequence[Sequence[int]]) -> Self:
        """Return devices with their series alone; nothing else is known about them."""
        made = cls.empty(width, len(devices))
        made.devices[...] = devices
        for row, each in enumerate(members):
            made.members[row, : len(each)] = each
        return made

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return which places are those of a series."""
        return self.members >= 0

    def arrays(self) -> Iterator[NDArray[Any]]:
        """Yield all arrays in a fixed order."""
        for each in fields(self):
            value = getattr(self, each.name)
            yield from (getattr(value, name) for name in TAILS) if isinstance(value, Tails) else (value,)

    def take_over(self, row: int, old: "DeviceClass", at: int) -> None:
        """Copy what was learnt about a device, as far as its series are the same."""
        before = {series: place for place, series in enumerate(old.members[at].tolist()) if series >= 0}
        places = [(place, before[each]) for place, each in enumerate(self.members[row]) if each in before]
        count = int(self.present[row].sum())
        if len(places) < KEPT * max(count, len(before)):
            return
        here, there = (np.array(each, np.intp) for each in zip(*places, strict=True))
        self.correlation[row][np.ix_(here, here)] = old.correlation[at][np.ix_(there, there)]
        for name in ("ticks", "began", "block", "blocks", "open", "peak", "calm"):
            getattr(self, name)[row] = getattr(old, name)[at]
        for name in TAILS:
            getattr(self.tails, name)[:, row] = getattr(old.tails, name)[:, at]
        if np.array_equal(self.members[row], old.members[at]):
            for name in ("directions", "inside", "outside", "fitted"):
                getattr(self, name)[row] = getattr(old, name)[at]

    def fit(self, now: float) -> None:
        """Decompose the correlations of devices that are due, those that wait the longest first.

        Only as many as take about half a second: the others follow with the next steps. Until its first
        fit the distances of a device are 0.
        """
        due = np.flatnonzero(now - self.fitted >= FIT_EVERY_S)
        due = due[np.argsort(self.fitted[due], kind="stable")][: most_fits(self.members.shape[1])]
        self.fitted[due] = now
        for start in range(0, len(due), AT_ONCE):
            self._fit(due[start : start + AT_ONCE])

    def _fit(self, rows: NDArray[np.intp]) -> None:
        learnt = self.correlation[rows]
        variance = np.einsum("dii->di", learnt)
        scale = 1 / np.sqrt(np.maximum(variance, LEAST_VARIANCE))
        matrix = learnt * scale[:, :, None] * scale[:, None, :]
        matrix += RIDGE * np.eye(matrix.shape[1], dtype=np.float32)
        lengths, directions = np.linalg.eigh(matrix)
        lengths = np.maximum(lengths[:, ::-1], RIDGE)
        before = np.cumsum(lengths, axis=1) - lengths
        inside = before < EXPLAINED * lengths.sum(axis=1, keepdims=True)
        outside = ~inside
        mean = (lengths * outside).sum(axis=1) / np.maximum(outside.sum(axis=1), 1)
        share = 1 / np.maximum(inside.sum(axis=1), 1)
        rest = 1 / np.maximum(outside.sum(axis=1) * np.maximum(mean, RIDGE), RIDGE)
        self.directions[rows] = directions[:, :, ::-1] * scale[:, :, None]
        self.inside[rows] = inside * np.sqrt(share[:, None] / lengths)
        self.outside[rows] = outside * np.sqrt(rest)[:, None]

    def distances(self, deviations: Floats) -> tuple[Floats, Floats]:
        """Return T2 and SPE, as distances, of deviations of shape (devices, width)."""
        bounded = np.clip(deviations, -TEST_CLIP, TEST_CLIP)[:, None, :]
        along = (bounded @ self.directions)[:, 0]
        t2: Floats = np.sqrt(((along * self.inside) ** 2).sum(axis=1))
        spe: Floats = np.sqrt(((along * self.outside) ** 2).sum(axis=1))
        return t2, spe

    def contributions(self, row: int, deviations: Floats, *, is_outside: bool) -> Floats:
        """Return how much each series of a device contributes to SPE, or to T2."""
        weights = (self.outside if is_outside else self.inside)[row]
        root = self.directions[row] * weights
        bounded = np.clip(deviations, -TEST_CLIP, TEST_CLIP)
        result: Floats = np.abs(bounded * (root @ (bounded @ root)))
        return result

    def learn(self, deviations: Floats, tick_s: float) -> None:
        """Follow the correlation of clipped deviations."""
        self.ticks += 1
        gain = np.maximum(1 / self.ticks, np.float32(min(1.0, tick_s / MEMORY_S)))[:, None, None]
        clipped = np.clip(deviations, -LEARN_CLIP, LEARN_CLIP)
        for start in range(0, len(clipped), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            product = clipped[part, :, None] * clipped[part, None, :]
            product -= self.correlation[part]
            self.correlation[part] += gain[part] * product

    def end_blocks(self, now: float, block_s: float) -> None:
        """Learn the maxima of the blocks that ended; those of the first day are left out."""
        block = int(now // block_s)
        np.minimum(self.began, now, out=self.began)
        is_young = now - self.began < DAY_S
        self.tails.highest[:, is_young] = 0
        ended = np.flatnonzero(~is_young & (self.block != -1) & (self.block != block))
        if len(ended):
            old = Tails(**{name: getattr(self.tails, name)[:, ended] for name in TAILS})
            end_block(old, self.blocks[ended])
            for name in TAILS:
                getattr(self.tails, name)[:, ended] = getattr(old, name)
            self.blocks[ended] += 1
        self.block[...] = block


def most_fits(width: int) -> int:
    """Return how many devices of a width are decomposed in one step."""
    return max(1, MOST_WORK // width**3)
