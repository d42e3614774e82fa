"""Anomalies from findings of the detector: collected for two minutes, grouped, and reported by budget."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from opsconductor.app.detecting.admission import Admission
from opsconductor.app.detecting.by_device import DeviceWatch, HoldBack
from opsconductor.app.detecting.by_rules import place_of_series
from opsconductor.app.detecting.episode import Episode, Peak, restored
from opsconductor.app.detecting.peaks import peak_of_device, peak_of_series
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.channels import Stage
from opsconductor.detect.checkpoint import load, save
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.feedback import Feedback
from opsconductor.detect.findings import Findings
from opsconductor.errors import DecodeError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.anomaly import AnomalyEnd, AnomalyNews, AnomalyPlace
from opsconductor.thresholds.monitor import Find, Floats, Ids, rounds

log = logging.getLogger(__name__)

HOLD_S: Final = 120.0
"""Time for which a finding waits, so that findings that begin together are reported together."""
SILENCE_EVERY_S: Final = 60.0
MOST_SIMILAR: Final = 50_000


class DetectorWatch:
    """The detector with its open findings, budget and feedback. Not safe for threads.

    Args of the constructor:
        find: Finds a series.
        config: Hyperparameters of the version in production.
    """

    def __init__(self, find: Find, settings: DetectionSettings, config: DetectorConfig) -> None:
        self._find = find
        self._settings = settings
        self._detector = Detector(config)
        self._zone = ZoneInfo(config.zone)
        self._feedback = Feedback()
        self._open: dict[int, Episode] = {}
        self._admission = Admission(settings, self._open)
        self._similar: dict[tuple[int, str, str], float] = {}
        self._devices = DeviceWatch(find, config)
        self._silence_at = 0.0

    @property
    def known(self) -> int:
        """Return the number of series with known values."""
        return int(np.count_nonzero(self._detector.state.fields["count"]))

    def step(
        self, series: Ids, times: Floats, values: Floats, inventory: InventorySnapshot, held: HoldBack
    ) -> AnomalyNews:
        """Judge the points of a batch; return what has waited long enough."""
        if not len(series):
            return AnomalyNews()
        self._devices.meet(series)
        news = AnomalyNews()
        for part in rounds(series):
            found = self._detector.step(series[part], times[part], values[part])
            if len(found):
                exact = dict(zip(series[part].tolist(), values[part].tolist(), strict=True))
                found = replace(found, value=np.array([exact[each] for each in found.series.tolist()]))
                news = news.and_then(self._take(found, inventory, held))
        at = self._detector.moment(times)
        if at is None:
            return news  # history alone: it says nothing of the present
        if at >= self._silence_at + SILENCE_EVERY_S:
            self._silence_at = at
            news = news.and_then(self._take(self._detector.silent(at), inventory, held))
        if self._devices.is_due(at):
            news = news.and_then(self._take_devices(at, inventory, held))
        return news.and_then(self.report_due(at))

    def judge(self, series: int, features: Mapping[str, Any], *, is_true: bool) -> None:
        """Record a person's judgement of an anomaly, with the features stored with it.

        Args:
            series: 0: it is about a whole device.
        """
        subject = series or self._key_of(str(features.get("device", "")))
        if subject is None:
            return
        if is_true:
            self._feedback.true_positive(subject)
            return
        rarities = np.array(features["rarities"], np.float32)
        directions = np.array(features["directions"], np.int8)
        hour = int(features["hour"])
        self._feedback.false_positive(subject, rarities, directions, hour, self._detector.times[0])

    def open_ids(self) -> set[UUID]:
        """Return the anomalies that last, reported or not."""
        return {each.id for each in self._open.values()}

    def save(self) -> dict[str, bytes]:
        """Return the state in parts, to be stored."""
        document = {
            "open": [each.saved() for each in self._open.values()],
            **self._admission.saved(),
            "similar": [[*key, at] for key, at in self._similar.items()],
            "feedback": self._feedback.rows(),
            "silence_at": self._silence_at,
        }
        episodes = json.dumps(document).encode()
        return {"detector": b"".join(save(self._detector)), "episodes": episodes, **self._devices.save()}

    def restore(self, parts: Mapping[str, bytes]) -> list[str]:
        """Take over a stored state; return what begins anew, and why.

        Raises:
            DecodeError: It is not a state of the detector, or has learnt by another clock; it begins anew.
            ValueError, TypeError, KeyError: The same of the episodes.
        """
        document = json.loads(parts["episodes"])
        self._similar = {(series, channel, way): at for series, channel, way, at in document["similar"]}
        self._feedback.restore(tuple(row) for row in document["feedback"])
        self._silence_at = document["silence_at"]
        try:
            learnt = load(parts["detector"], config=self._detector.config)
        except DecodeError:
            self._admission.restore(document, [])  # the budget stays
            raise
        found = [restored(each) for each in document["open"]]
        found = [each for each in found if not learnt.is_damaged(each.series)]
        self._admission.restore(document, found)
        self._detector = learnt.detector
        self._open.clear()
        self._open.update({each.series: each for each in found})
        anew = [f"series {first} to {last}: their block is damaged" for first, last in learnt.damaged]
        if "devices" not in parts:
            return anew  # of a release without these tests, or damaged: then the checkpoint says so
        try:
            self._devices.restore(parts["devices"], parts["device_keys"])
        except (DecodeError, KeyError) as error:
            anew.append(f"tests of devices: {error}")
        return anew

    def reconfigured(self, config: DetectorConfig) -> tuple["DetectorWatch", AnomalyNews]:
        """Return a watch that continues with other hyperparameters, and what has ended by that.

        What was learnt is kept, unless blocks have another length: then the detector begins anew, with its
        budget and people's judgements.
        """
        fresh = DetectorWatch(self._find, self._settings, config)
        try:
            fresh.restore(self.save())
        except DecodeError as error:
            log.warning("the detector begins to learn anew", extra={"reason": str(error)})
        lost = [each for each in self._open.values() if each.series not in fresh._open]
        at = self._detector.times[0]
        return fresh, AnomalyNews(ended=[_ended(each, at) for each in lost])

    def _key_of(self, device: str) -> int | None:
        """Return the number by which findings of a whole device are kept, beside those of series."""
        number = self._devices.number_of(device)
        return None if number is None else ~number

    def _take(self, found: Findings, inventory: InventorySnapshot, held: HoldBack) -> AnomalyNews:
        news = AnomalyNews()
        for row in range(len(found)):
            stage, known = Stage(int(found.stage[row])), self._open.get(int(found.series[row]))
            if stage is Stage.END:
                news = news.and_then(self._end(known, float(found.time[row])))
            elif known is None:
                self._begin(found, row, inventory, held)
            else:
                news = news.and_then(
                    self._rise(known, peak_of_series(found, row, known.hour, self._feedback))
                )
        return news

    def _begin(self, found: Findings, row: int, inventory: InventorySnapshot, held: HoldBack) -> None:
        series, at = int(found.series[row]), float(found.time[row])
        facts = self._find(series)
        if facts is None:
            return
        hour = self._hour(at)
        peak = peak_of_series(found, row, hour, self._feedback)
        of_metrics = self._devices.amount_of(facts.device)
        peak = replace(peak, explanation=replace(peak.explanation, of_metrics=of_metrics))
        self._add(series, (at, hour), place_of_series(facts, inventory), peak, held(facts, at))

    def _add(self, key: int, when: tuple[float, int], place: AnomalyPlace, peak: Peak, held_by: str) -> None:
        """Add what has begun.

        Args:
            when: Time, and hour of the wall clock.
        """
        kind = (key, peak.explanation.channel, peak.explanation.direction)
        self._open[key] = Episode(
            series=key,
            began_at=when[0],
            place=place,
            rarity=peak.rarity,
            own_rarity=peak.own_rarity,
            judged=peak.judged,
            rarities=peak.rarities,
            directions=peak.directions,
            hour=when[1],
            explanation=replace(peak.explanation, last_similar_at=self._similar.get(kind)),
            held_by=held_by,
            metrics=peak.metrics,
        )
        if len(self._similar) >= MOST_SIMILAR:
            self._similar.clear()
        self._similar[kind] = when[0]

    def _take_devices(self, at: float, inventory: InventorySnapshot, held: HoldBack) -> AnomalyNews:
        """Judge whole devices; end what lasts of devices that are not judged any more."""
        news = AnomalyNews()
        for found in self._devices.step(self._detector, at, inventory):
            key = ~found.device
            known = self._open.get(key)
            if found.ends:
                news = news.and_then(self._end(known, at))
                continue
            hour = self._hour(at) if known is None else known.hour
            peak = peak_of_device(found, hour, self._devices.metrics(found, inventory), self._feedback)
            if known is None:
                place = self._devices.place(found, inventory)
                held_by = self._devices.held_by(found, at, held)
                self._add(key, (at, hour), place, peak, held_by)
            else:
                news = news.and_then(self._rise(known, peak))
        lasting = {~each for each in self._devices.open_devices()}
        for key in [each for each in self._open if each < 0 and each not in lasting]:
            news = news.and_then(self._end(self._open[key], at))
        return news

    def _hour(self, at: float) -> int:
        return datetime.fromtimestamp(at, self._zone).hour

    def _rise(self, known: Episode, peak: Peak) -> AnomalyNews:
        """Keep the rarest moment; what was held back is offered again."""
        known.rise(peak)
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
        return news.and_then(AnomalyNews(ended=[_ended(known, at)]))

    def _waiting_with(self, known: Episode) -> list[Episode]:
        return [each for each in self._open.values() if not each.is_decided and each is not known]

    def report_by_clock(self, now: float) -> AnomalyNews:
        """Decide about what has waited long enough at the present time; follow a clock that was set back."""
        self._detector.not_beyond(now)
        self._silence_at = min(self._silence_at, now)
        self._devices.not_beyond(now)
        return self.report_due(now)

    def report_due(self, at: float) -> AnomalyNews:
        """Decide about everything that waits once the oldest has waited long enough.

        Args:
            at: Seconds since 1970.
        """
        waiting = [each for each in self._open.values() if not each.is_decided]
        if not waiting or at < min(each.began_at for each in waiting) + HOLD_S:
            return AnomalyNews()
        return self._admission.decide(waiting, at)


def _ended(known: Episode, at: float) -> AnomalyEnd:
    return AnomalyEnd(
        id=known.id,
        detected_at=known.detected_at,
        ended_at=datetime.fromtimestamp(max(at, known.began_at), UTC),
    )
