"""Rules and detector over all series: batches of points in, what began, changed and ended out."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from opsconductor.app.detecting.by_detector import DetectorWatch
from opsconductor.app.detecting.by_rules import RuleWatch
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from opsconductor.errors import DecodeError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.model.measured.anomaly import AnomalyNews
from opsconductor.thresholds.matching import WatchedSeries
from opsconductor.thresholds.monitor import Find, Floats, Ids


class MeasurementWatch:
    """Everything that is known of the series. Not safe for threads: one caller at a time.

    Args of the constructor:
        find: Finds a series.
        config: Hyperparameters of the detector.

    Attributes:
        sequence: The last batch that was taken; 0: none.
        at: Time of the newest points, in seconds since 1970; 0: there were none.
    """

    def __init__(self, find: Find, settings: DetectionSettings, config: DetectorConfig) -> None:
        self._find = find
        self._inventory = InventorySnapshot()
        self._rules = RuleWatch((), find, self._inventory)
        self._detector = DetectorWatch(find, settings, config) if settings.enabled else None
        self.sequence = 0
        self.at = 0.0

    @property
    def known(self) -> int:
        """Return the number of series that the detector knows; 0: it is switched off."""
        return self._detector.known if self._detector else 0

    def configure(self, rules: Sequence[AlertRule], inventory: InventorySnapshot) -> AnomalyNews:
        """Use other rules or devices from the next batch on; return what has ended by that."""
        self._inventory = inventory
        self._rules, news = self._rules.reconfigured(rules, inventory, self.at)
        return news

    def adopt(self, config: DetectorConfig) -> AnomalyNews:
        """Continue with other hyperparameters; return what has ended by that."""
        if self._detector is None:
            return AnomalyNews()
        self._detector, news = self._detector.reconfigured(config)
        return news

    def take(self, sequence: int, series: Ids, times: Floats, values: Floats) -> AnomalyNews:
        """Take a batch; points of one series are in order of time."""
        self.sequence = sequence
        if not len(series):
            return AnomalyNews()
        self.at = max(self.at, float(times.max()))
        news = self._rules.step(series, times, values)
        if self._detector is None:
            return news
        return news.and_then(self._detector.step(series, times, values, self._inventory, self._held_back_by))

    def open_ids(self) -> set[UUID]:
        """Return the anomalies that last, after `configure`."""
        found = self._detector.open_ids() if self._detector else set()
        return self._rules.open_ids() | found

    def report_due(self, now: float) -> AnomalyNews:
        """Return what has waited long enough by the clock: the next points may come late, or be older."""
        return AnomalyNews() if self._detector is None else self._detector.report_by_clock(now)

    def judge(self, series: int, features: dict[str, object], *, is_true: bool) -> None:
        """Record a person's judgement of an anomaly of the detector.

        Args:
            series: 0: it is about a whole device.
        """
        if self._detector is not None and features:
            self._detector.judge(series, features, is_true=is_true)

    def save(self) -> dict[str, bytes]:
        """Return the state in parts, to be stored."""
        parts = {"watch": json.dumps({"at": self.at}).encode(), "rules": self._rules.save()}
        return {**parts, **(self._detector.save() if self._detector else {})}

    def restore(self, sequence: int, parts: Mapping[str, bytes]) -> list[str]:
        """Take over a stored state, before `configure`; return what begins anew, and why."""
        damaged = []
        try:
            self.at = float(json.loads(parts["watch"])["at"])
            self._rules = self._rules.primed(parts["rules"])
            self.sequence = sequence
        except (KeyError, ValueError, TypeError) as error:
            damaged.append(f"rules: {error!r}")
        try:
            if self._detector is not None:
                damaged += self._detector.restore(parts)
        except DecodeError as error:
            damaged.append(f"detector: {error}")
        except (KeyError, ValueError, TypeError) as error:
            damaged.append(f"detector: {error!r}")
        return damaged

    def _held_back_by(self, series: WatchedSeries, at: float) -> str:
        rule = self._rules.held_back_by(series, at)
        return "" if rule is None else rule.name
