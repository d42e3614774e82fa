"""Findings of the detector as anomalies: collected for two minutes, grouped, and told within the budget."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from opsconductor.app.detecting.admission import Admission
from opsconductor.app.detecting.by_rules import place_of_series
from opsconductor.app.detecting.episode import Episode, Peak, explained, restored
from opsconductor.config.detection_settings import DetectionSettings
from opsconductor.detect.channels import Stage
from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.feedback import Feedback
from opsconductor.detect.findings import Findings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.anomaly import AnomalyEnd, AnomalyNews
from opsconductor.thresholds.matching import WatchedSeries
from opsconductor.thresholds.monitor import Find, Floats, Ids, rounds

HOLD_S: Final = 120.0
"""Findings wait for as long, so that those that begin together are told together."""
SILENCE_EVERY_S: Final = 60.0
MOST_SIMILAR: Final = 50_000
HoldBack = Callable[[WatchedSeries], str]
"""Returns the name of the rule that holds back anomalies of a series; empty: none."""


class DetectorWatch:
    """The detector with its open findings, budget and feedback. Not safe for threads.

    Args of the constructor:
        find: Finds a series.
        config: Hyperparameters of the version in production.
    """

    def __init__(self, find: Find, settings: DetectionSettings, config: DetectorConfig) -> None:
        self._find = find
        self._detector = Detector(config)
        self._zone = ZoneInfo(config.zone)
        self._feedback = Feedback()
        self._open: dict[int, Episode] = {}
        self._admission = Admission(settings, self._open)
        self._similar: dict[tuple[int, str, str], float] = {}
        self._of_device: Counter[str] = Counter()
        self._met = np.zeros(1_024, np.bool_)
        self._silence_at = 0.0

    @property
    def known(self) -> int:
        """Return the number of series of which values are known."""
        return int(np.count_nonzero(self._detector.state.fields["count"]))

    def step(
        self, series: Ids, times: Floats, values: Floats, inventory: InventorySnapshot, held: HoldBack
    ) -> AnomalyNews:
        """Judge the points of a batch; tell what has waited long enough."""
        if not len(series):
            return AnomalyNews()
        self._meet(series)
        news = AnomalyNews()
        for part in rounds(series):
            found = self._detector.step(series[part], times[part], values[part])
            if len(found):
                exact = dict(zip(series[part].tolist(), values[part].tolist(), strict=True))
                found = replace(found, value=np.array([exact[each] for each in found.series.tolist()]))
                news = news.and_then(self._take(found, inventory, held))
        at = float(np.median(times))
        if at >= self._silence_at + SILENCE_EVERY_S:
            self._silence_at = at
            news = news.and_then(self._take(self._detector.silent(at), inventory, held))
        return news.and_then(self.tell(at))

    def judge(self, series: int, features: dict[str, object], *, is_true: bool) -> None:
        """Take what a person has said of an anomaly, with the features stored with it."""
        if is_true:
            self._feedback.true_positive(series)
            return
        rarities = np.array(features["rarities"], np.float32)
        directions = np.array(features["directions"], np.int8)
        hour = int(str(features["hour"]))
        self._feedback.false_positive(series, rarities, directions, hour, self._detector.times[0])

    def save(self) -> dict[str, bytes]:
        """Return the state in parts, to be stored."""
        document = {
            "open": [each.saved() for each in self._open.values()],
            "leaders": [each.saved() for each in self._admission.ended_leaders],
            "similar": [[*key, at] for key, at in self._similar.items()],
            "feedback": self._feedback.rows(),
            "silence_at": self._silence_at,
        }
        return {"detector": b"".join(save(self._detector)), "episodes": json.dumps(document).encode()}

    def restore(self, detector: bytes, episodes: bytes) -> None:
        """Take over a stored state.

        Raises:
            DecodeError: It is none of the detector, or has learnt by another clock; it begins anew.
            ValueError, TypeError, KeyError: The same of the episodes.
        """
        document = json.loads(episodes)
        found = [restored(each) for each in document["open"]]
        ended = [restored(each) for each in document["leaders"]]
        self._detector = load(detector, config=self._detector.config).detector
        self._open.clear()
        self._open.update({each.series: each for each in found})
        self._admission.restore((*found, *ended))
        self._similar = {(series, channel, way): at for series, channel, way, at in document["similar"]}
        self._feedback.restore(tuple(row) for row in document["feedback"])
        self._silence_at = document["silence_at"]

    def _meet(self, series: Ids) -> None:
        """Count the series of each device."""
        highest = int(series.max()) + 1
        if highest > len(self._met):
            longer = np.zeros(max(highest, 2 * len(self._met)), np.bool_)
            longer[: len(self._met)] = self._met
            self._met = longer
        for each in np.unique(series[~self._met[series]]).tolist():
            self._met[each] = True
            facts = self._find(each)
            if facts is not None:
                self._of_device[facts.device] += 1

    def _take(self, found: Findings, inventory: InventorySnapshot, held: HoldBack) -> AnomalyNews:
        news = AnomalyNews()
        for row in range(len(found)):
            stage, known = Stage(int(found.stage[row])), self._open.get(int(found.series[row]))
            if stage is Stage.END:
                news = news.and_then(self._end(known, float(found.time[row])))
            elif known is None:
                self._begin(found, row, inventory, held)
            else:
                news = news.and_then(self._rise(known, found, row))
        return news

    def _begin(self, found: Findings, row: int, inventory: InventorySnapshot, held: HoldBack) -> None:
        series, at = int(found.series[row]), float(found.time[row])
        facts = self._find(series)
        if facts is None:
            return
        hour = datetime.fromtimestamp(at, self._zone).hour
        peak = self._peak(found, row, hour)
        explanation = replace(peak.explanation, of_metrics=self._of_device[facts.device])
        kind = (series, explanation.channel, explanation.direction)
        self._open[series] = Episode(
            series=series,
            began_at=at,
            place=place_of_series(facts, inventory),
            rarity=peak.rarity,
            own_rarity=peak.own_rarity,
            judged=peak.judged,
            rarities=peak.rarities,
            directions=peak.directions,
            hour=hour,
            explanation=replace(explanation, last_similar_at=self._similar.get(kind)),
            held_by=held(facts),
        )
        if len(self._similar) >= MOST_SIMILAR:
            self._similar.clear()
        self._similar[kind] = at

    def _peak(self, found: Findings, row: int, hour: int) -> Peak:
        """Return what was found, and what of it nobody judged false."""
        rarities, directions, rarity = found.rarities[row], found.directions[row], float(found.rarity[row])
        own, judged = self._feedback.remaining(
            int(found.series[row]), rarities, directions, hour, float(found.time[row])
        )
        return Peak(
            rarity=rarity,
            own_rarity=rarity if judged is None else own,
            judged=judged is not None,
            rarities=[round(float(each), 4) for each in rarities],
            directions=[int(each) for each in directions],
            explanation=explained(found, row),
        )

    def _rise(self, known: Episode, found: Findings, row: int) -> AnomalyNews:
        """Keep the rarest moment; what was held back is offered again."""
        known.rise(self._peak(found, row, known.hour))
        if not known.is_decided:
            return AnomalyNews()
        if not known.is_admitted and not known.group and not known.held_by:
            known.reconsider()
            return AnomalyNews()
        return AnomalyNews(changed=[self._admission.change(known)])

    def _end(self, known: Episode | None, at: float) -> AnomalyNews:
        if known is None:
            return AnomalyNews()
        news = AnomalyNews()
        if not known.is_decided:
            news = self._admission.decide([known, *self._waiting_with(known)], at)
        del self._open[known.series]
        end = AnomalyEnd(
            id=known.id,
            detected_at=known.detected_at,
            ended_at=datetime.fromtimestamp(max(at, known.began_at), UTC),
        )
        return news.and_then(AnomalyNews(ended=[end]))

    def _waiting_with(self, known: Episode) -> list[Episode]:
        return [each for each in self._open.values() if not each.is_decided and each is not known]

    def tell(self, at: float) -> AnomalyNews:
        """Decide about everything that waits once the oldest has waited long enough.

        Args:
            at: Seconds since 1970: the time of the points, or the present one when no points come.
        """
        waiting = [each for each in self._open.values() if not each.is_decided]
        if not waiting or at < min(each.began_at for each in waiting) + HOLD_S:
            return AnomalyNews()
        return self._admission.decide(waiting, at)
