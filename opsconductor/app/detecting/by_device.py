"""The tests of whole devices: which series belong together, when they are judged, and the anomalies found."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from opsconductor.app.detecting.by_rules import place_of_series
from opsconductor.app.detecting.wording.devices import LeadingMetric
from opsconductor.detect.channels import CHANNELS
from opsconductor.detect.config import DAY_S, DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.device_checkpoint import load_devices, save_devices
from opsconductor.detect.devices import DeviceFinding, DeviceTest, DeviceTests
from opsconductor.detect.explain import Explanation
from opsconductor.errors import DecodeError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.anomaly import AnomalyPlace
from opsconductor.thresholds.matching import WatchedSeries
from opsconductor.thresholds.monitor import Find, Ids

EVERY_S: Final = 300.0
"""Interval at which the devices are judged, by the time of the values."""
LOOKED_UP_AFTER_S: Final = DAY_S
"""The devices of all series are looked up again, as series move and are deleted."""
NOTHING: Final = -9.0
TEXTS: Final = {
    DeviceTest.T2: "all its metrics together, in the way in which they usually vary",
    DeviceTest.SPE: "metrics that no longer go with the others",
    DeviceTest.SHARE: "how many of its metrics are out of the ordinary at once",
}
TAKES_PART: Final = 1.0
"""Rarity from which a test is named beside the rarest."""
HoldBack = Callable[[WatchedSeries, float], str]
"""Returns the name of the rule that holds back anomalies of a series; empty: none."""


class DeviceWatch:
    """Numbers the devices of series, and runs their tests. Not safe for threads.

    Args of the constructor:
        find: Finds a series.
    """

    def __init__(self, find: Find, config: DetectorConfig) -> None:
        self._find = find
        self._config = config
        self._tests = DeviceTests(config)
        self._keys: list[str] = []
        self._numbers: dict[str, int] = {}
        self._met = np.zeros(0, np.bool_)
        self._amounts: Counter[str] = Counter()
        self._fresh: list[int] = []
        self._inventory: InventorySnapshot | None = None
        self._looked_up_at = 0.0

    def meet(self, series: Ids) -> None:
        """Note which series there are."""
        highest = int(series.max()) + 1
        if highest > len(self._met):
            longer = np.zeros(max(highest, 2 * len(self._met)), np.bool_)
            longer[: len(self._met)] = self._met
            self._met = longer
        fresh = np.unique(series[~self._met[series]])
        self._met[fresh] = True
        self._fresh += fresh.tolist()
        for each in fresh.tolist():
            facts = self._find(each)
            if facts is not None:
                self._amounts[facts.device] += 1

    def amount_of(self, device: str) -> int:
        """Return the number of series of a device."""
        return self._amounts[device]

    def number_of(self, device: str) -> int | None:
        """Return the number of a device, or None."""
        return self._numbers.get(device)

    def open_devices(self) -> set[int]:
        """Return the numbers of the devices with a finding that lasts."""
        return self._tests.open_devices()

    def is_due(self, at: float) -> bool:
        """Return True if the devices are to be judged at a time."""
        return at >= self._tests.last + EVERY_S

    def not_beyond(self, now: float) -> None:
        """Follow a clock that was set back."""
        self._tests.not_beyond(now)
        self._looked_up_at = min(self._looked_up_at, now)

    def step(self, detector: Detector, at: float, inventory: InventorySnapshot) -> list[DeviceFinding]:
        """Judge all devices by the last values of their series."""
        if inventory is not self._inventory or at >= self._looked_up_at + LOOKED_UP_AFTER_S:
            self._inventory, self._looked_up_at = inventory, at
            self._assign(np.full(0, -1, np.int32), np.flatnonzero(self._met).tolist())
        elif self._fresh:
            self._assign(self._tests.device_of, self._fresh)
        self._fresh = []
        return self._tests.step(detector, at)

    def place(self, found: DeviceFinding, inventory: InventorySnapshot) -> AnomalyPlace:
        """Return the device as the place of an anomaly."""
        key = self._keys[found.device]
        known = inventory.device_at(key)
        names = (facts.device_name for facts in self._series(found) if facts.device_name)
        return AnomalyPlace(
            device_key=key,
            device_name=known.name if known else next(names, key),
            site=(known.site or "") if known else "",
        )

    def metrics(self, found: DeviceFinding, inventory: InventorySnapshot) -> tuple[LeadingMetric, ...]:
        """Return the metrics that contribute most to a finding, most first."""
        deviations = dict(zip(found.series, found.deviations, strict=True))
        return tuple(
            LeadingMetric(place=place_of_series(facts, inventory), deviation=deviations[facts.id])
            for facts in self._series(found)
        )

    def _series(self, found: DeviceFinding) -> Sequence[WatchedSeries]:
        return [facts for each in found.series if (facts := self._find(each)) is not None]

    def held_by(self, found: DeviceFinding, at: float, held: HoldBack) -> str:
        """Return the name of the rule that holds back all metrics of a finding; empty: none does."""
        rules = [held(facts, at) for facts in self._series(found)]
        return rules[0] if rules and all(rules) else ""

    def save(self) -> dict[str, bytes]:
        """Return the state in parts, to be stored."""
        document = {
            "keys": self._keys,
            "met": np.packbits(self._met).tobytes().hex(),
            "fresh": self._fresh,
            "looked_up_at": self._looked_up_at,
        }
        return {
            "devices": save_devices(self._tests, self._config),
            "device_keys": json.dumps(document).encode(),
        }

    def restore(self, devices: bytes, keys: bytes) -> None:
        """Take over a stored state.

        Raises:
            DecodeError: It is not such a state; the devices begin anew.
        """
        try:
            document = json.loads(keys)
            met = np.unpackbits(np.frombuffer(bytes.fromhex(document["met"]), np.uint8)).astype(np.bool_)
            fresh, looked_up_at = list(document["fresh"]), float(document["looked_up_at"])
            names = [str(each) for each in document["keys"]]
        except (KeyError, ValueError, TypeError) as error:
            raise DecodeError(f"Checkpoint of the tests of devices: {error!r}") from error
        self._tests = load_devices(devices, self._config)
        self._keys, self._numbers = names, {key: number for number, key in enumerate(names)}
        self._met, self._fresh, self._looked_up_at = met, fresh, looked_up_at
        found = (self._find(each) for each in np.flatnonzero(met).tolist())
        self._amounts = Counter(facts.device for facts in found if facts is not None)

    def _assign(self, known: NDArray[np.int32], series: Sequence[int]) -> None:
        """Look up the devices of series; those of others are known."""
        size = max(len(known), max(series, default=-1) + 1)
        device_of = np.full(size, -1, np.int32)
        device_of[: len(known)] = known
        for each in series:
            facts = self._find(each)
            device_of[each] = -1 if facts is None else self._number(facts.device)
        self._tests.assign(device_of)

    def _number(self, key: str) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._keys)
            self._keys.append(key)
        return number


def explained_test(found: DeviceFinding) -> Explanation:
    """Return the facts about a finding of a device."""
    also = [
        test.name.lower() for test in DeviceTest if test != found.test and found.rarities[test] >= TAKES_PART
    ]
    return Explanation(
        value=found.statistic,
        expected=found.usual,
        band=0.0,
        season="",
        low=None,
        high=None,
        seen_days=(found.time - found.since) / DAY_S,
        channel=found.test.name.lower(),
        what=TEXTS[found.test],
        direction="up",
        once_in_days=10.0**found.rarity,
        also=tuple(also),
        agreeing=found.firing,
        of_metrics=found.of_series,
        last_similar_at=None,
        admitted=False,
        reason="",
    )


def rarities_of(found: DeviceFinding) -> NDArray[np.float32]:
    """Return the rarities by channel: those of the tests stand behind the channels of series."""
    return np.array([NOTHING] * CHANNELS + list(found.rarities), np.float32)
