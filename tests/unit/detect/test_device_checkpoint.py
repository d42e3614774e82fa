"""The tests of devices continue bit-equal from their checkpoint, also as devices and series change."""

from collections.abc import Iterable

import numpy as np
import pytest

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.device_checkpoint import load_devices, save_devices
from opsconductor.detect.devices import DeviceFinding, DeviceTest, DeviceTests
from opsconductor.errors import DecodeError
from tests.unit.detect.feeds import START_S
from tests.unit.detect.test_devices import DAYS, PER_DAY, together

CONFIG = DetectorConfig()


def feed(
    detector: Detector, tests: DeviceTests, values: np.ndarray, columns: Iterable[int]
) -> list[DeviceFinding]:
    """Feed some columns of the samples; return the findings."""
    rows, found = np.arange(len(values), dtype=np.int32), []
    for column in columns:
        time = START_S + column * 900
        detector.step(rows, np.full(len(rows), time), values[:, column])
        found += tests.step(detector, time)
    return found


def test_findings_go_on_bit_equal() -> None:
    """Tests that were stored and read find the same, with the same numbers, as those that never stopped."""
    values, end = together(), DAYS * PER_DAY
    values[3, -60:] = 100 - values[3, -60:]
    detector, tests = Detector(CONFIG), DeviceTests(CONFIG)
    tests.assign(np.array([0] * 6 + [1] * 6, np.int32))
    feed(detector, tests, values, range(end - 50))
    stored = save_devices(tests, CONFIG)
    restored = load_devices(stored, CONFIG)
    assert save_devices(restored, CONFIG) == stored
    found = feed(detector, tests, values, range(end - 50, end))
    again = Detector(CONFIG)
    feed(again, DeviceTests(CONFIG), values, range(end - 50))
    assert feed(again, restored, values, range(end - 50, end)) == found
    assert found
    assert save_devices(restored, CONFIG) == save_devices(tests, CONFIG)


def test_an_invalid_checkpoint_is_refused() -> None:
    """Damage, another version and blocks of another length are named; nothing is restored."""
    stored = bytearray(save_devices(DeviceTests(CONFIG), CONFIG))
    with pytest.raises(DecodeError, match="too short"):
        load_devices(bytes(stored[:5]), CONFIG)
    with pytest.raises(DecodeError, match="block_s was 21600"):
        load_devices(bytes(stored), DetectorConfig(block_s=3600))
    for place, expected in (
        (8, "found version 2"),
        (25, r"header is damaged"),
        (len(stored), "it is damaged"),
    ):
        damaged = bytearray(stored) + b"\0"
        damaged[place] ^= 3
        with pytest.raises(DecodeError, match=expected):
            load_devices(bytes(damaged), CONFIG)


def test_a_device_that_comes_later_learns_before_it_is_judged() -> None:
    """It does not use what other devices have learned; their findings go on."""
    values, day = together(), PER_DAY
    detector, tests = Detector(CONFIG), DeviceTests(CONFIG)
    tests.assign(np.array([0] * 6, np.int32))
    feed(detector, tests, values[:6], range(3 * day))
    tests.assign(np.array([0] * 6 + [1] * 6, np.int32))
    assert not feed(detector, tests, values, range(3 * day, 5 * day))
    group = tests.classes[0]
    assert group.blocks.tolist() == [16, 4]
    assert group.ticks.tolist() == [5 * day, 2 * day]


def test_an_added_series_does_not_make_a_device_new() -> None:
    """Tails and correlations of the remaining series are kept in wider matrices; a quarter is too few."""
    values, day = together(), PER_DAY
    detector, tests = Detector(CONFIG), DeviceTests(CONFIG)
    tests.assign(np.array([0] * 8 + [-1] * 4, np.int32))
    feed(detector, tests, values, range(3 * day))
    before = tests.classes[0]
    tests.assign(np.array([0] * 9 + [-1] * 3, np.int32))
    after = tests.classes[0]
    assert (before.members.shape, after.members.shape) == ((1, 8), (1, 16))
    assert np.array_equal(after.correlation[0, :8, :8], before.correlation[0])
    assert after.correlation[0, 8].tolist() == np.eye(16)[8].tolist()
    assert after.blocks.tolist() == before.blocks.tolist() != [0]
    assert np.array_equal(after.tails.mean, before.tails.mean)
    tests.assign(np.array([-1] * 6 + [0] * 6, np.int32))
    assert tests.classes[0].blocks.tolist() == [0]
    tests.assign(np.full(12, -1, np.int32))
    assert not tests.classes
    assert not tests.step(detector, START_S + 1e6)


def test_the_share_counts_all_series_of_a_device() -> None:
    """Series beyond the 64 whose correlation is learned count, too."""
    rng = np.random.default_rng(3)
    values = 50 + rng.normal(size=(100, 3 * PER_DAY))
    values[70:, -2:] += 40
    detector, tests = Detector(CONFIG), DeviceTests(CONFIG)
    tests.assign(np.zeros(100, np.int32))
    feed(detector, tests, values, range(3 * PER_DAY))
    assert tests.classes[0].members.shape == (1, 64)
    assert tests.classes[0].tails.highest[DeviceTest.SHARE, 0] >= 3 * 30 / 10
