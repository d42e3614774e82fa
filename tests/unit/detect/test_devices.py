"""The tests of a device find what no series of it shows alone."""

import numpy as np

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.devices import DeviceFinding, DeviceTest, DeviceTests
from tests.unit.detect.feeds import START_S

PER_DAY = 96
DAYS = 6


def run(values: np.ndarray, device_of: list[int]) -> list[DeviceFinding]:
    """Feed all samples; return the findings of the devices on the last day."""
    detector = Detector(DetectorConfig())
    tests = DeviceTests(detector.config)
    tests.assign(np.array(device_of, dtype=np.int32))
    rows = np.arange(len(values), dtype=np.int32)
    found = []
    for column in range(values.shape[1]):
        time = START_S + column * 900
        detector.step(rows, np.full(len(rows), time), values[:, column])
        each = tests.step(detector, time)
        if column >= (DAYS - 1) * PER_DAY:
            found += each
    return found


def together(seed: int = 2) -> np.ndarray:
    """Return two devices of six series each that vary together."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=(2, DAYS * PER_DAY)), 6, axis=0)
    return 50 + 3 * shared + 0.3 * rng.normal(size=shared.shape)


def test_a_metric_that_leaves_the_others_is_found_by_spe() -> None:
    """Each value of the series stays in its usual range; that it no longer follows the others is rare."""
    values = together()
    values[3, -60:] = 100 - values[3, -60:]
    found = [each for each in run(values, [0] * 6 + [1] * 6) if not each.ends]
    assert {each.device for each in found} == {0}
    assert found[0].test is DeviceTest.SPE
    assert found[0].series[0] == 3
    assert found[0].of_series == 6
    assert found[0].rarity == max(found[0].rarities)
    assert abs(found[0].deviations[0]) > 0


def test_usual_days_of_a_device_are_no_finding() -> None:
    """Series that vary together as before are not reported."""
    assert [each for each in run(together(), [0] * 6 + [1] * 6) if each.rarity > 3] == []


def test_devices_of_two_series_are_left_to_the_series() -> None:
    """A correlation of two series is not tested."""
    values = together()[:2]
    values[1, -60:] = 100 - values[1, -60:]
    assert run(values, [0, 0]) == []
