"""Violations of rules as anomalies: what begins, gets worse and ends."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from opsconductor.app.detecting.wording.anomalies import rule_sentences, rule_title
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.alert_rule import AlertRule, LimitSide
from opsconductor.model.measured.anomaly import (
    Anomaly,
    AnomalyChange,
    AnomalyEnd,
    AnomalyNews,
    AnomalyPlace,
    AnomalySeverity,
    anomaly_id,
)
from opsconductor.thresholds.limits import CRITICAL, NONE
from opsconductor.thresholds.matching import WatchedSeries
from opsconductor.thresholds.monitor import Find, Floats, Ids, RuleMonitor, RuleSubject, Violation

VERSION = 1


class OpenViolation(NamedTuple):
    """An anomaly that lasts."""

    id: str
    detected_at: float


class RuleWatch:
    """Rules over measured values, with the anomalies that they have open. Not safe for threads.

    Args of the constructor:
        rules: Enabled ones.
        find: Finds a series.
        inventory: Devices and their facts.
        primed: A stored state that is for the rules of the next configuration; empty: none.
    """

    def __init__(
        self, rules: Iterable[AlertRule], find: Find, inventory: InventorySnapshot, primed: bytes = b""
    ) -> None:
        self._rules = tuple(rules)
        self._find = find
        self._inventory = inventory
        self._monitor = RuleMonitor(self._rules, find, inventory.device_at)
        self._open: dict[str, OpenViolation] = {}
        self._primed = primed

    def open_ids(self) -> set[UUID]:
        """Return the anomalies that last."""
        return {UUID(each.id) for each in self._open.values()}

    def held_back_by(self, series: WatchedSeries, at: float) -> AlertRule | None:
        """Return the rule that holds back the anomalies of a series that begin at a time, or None."""
        return self._monitor.book.is_held_back(series, at)

    def step(self, series: Ids, times: Floats, values: Floats) -> AnomalyNews:
        """Compare the points of a batch."""
        return self._news(self._monitor.step(series, times, values))

    def reconfigured(
        self, rules: Iterable[AlertRule], inventory: InventorySnapshot, at: float
    ) -> tuple["RuleWatch", AnomalyNews]:
        """Return a watch of other rules or devices that continues from here, and what has ended by that."""
        new = RuleWatch(rules, self._find, inventory)
        return new, new.restore(self.save(), at)

    def primed(self, saved: bytes) -> "RuleWatch":
        """Return a watch that takes over a stored state when it gets its rules.

        Raises:
            ValueError, KeyError: It is not such a state.
        """
        json.loads(json.loads(saved)["monitor"])["pairs"]
        return RuleWatch((), self._find, self._inventory, saved)

    def save(self) -> bytes:
        """Return the state, to be stored."""
        if self._primed:
            return self._primed
        document = {
            "version": VERSION,
            "monitor": self._monitor.save().decode(),
            "open": {subject: list(known) for subject, known in self._open.items()},
        }
        return json.dumps(document).encode()

    def restore(self, saved: bytes, at: float) -> AnomalyNews:
        """Take over a stored state; return what has ended because its rule or series is gone.

        Args:
            at: Time of these ends, in seconds since 1970.

        Raises:
            ValueError: It is not such a state.
        """
        document = json.loads(saved)
        self._open = {subject: OpenViolation(*known) for subject, known in document["open"].items()}
        return self._news(self._monitor.restore(document["monitor"].encode(), at))

    def _news(self, violations: Iterable[Violation]) -> AnomalyNews:
        news = AnomalyNews()
        for violation in violations:
            news = news.and_then(self._of(violation))
        return news

    def _of(self, violation: Violation) -> AnomalyNews:
        subject = name_of_subject(violation.subject)
        known = self._open.get(subject)
        if violation.level == NONE:
            return AnomalyNews() if known is None else AnomalyNews(ended=[self._end(subject, violation.at)])
        rule, value = violation.rule, violation.value
        assert rule is not None
        assert value is not None
        if known is None:
            begun = self._begin(subject, violation, rule, value)
            return AnomalyNews() if begun is None else AnomalyNews(begun=[begun])
        limit = limit_of(rule, violation.level)
        place = self._place(violation.subject)
        change = AnomalyChange(
            id=UUID(known.id),
            detected_at=datetime.fromtimestamp(known.detected_at, UTC),
            severity=severity_of(violation.level),
            value=value,
            threshold=limit,
            explanation=None if place is None else explanation_of(rule, place, value, limit),
        )
        return AnomalyNews(changed=[change])

    def _begin(self, subject: str, violation: Violation, rule: AlertRule, value: float) -> Anomaly | None:
        place = self._place(violation.subject)
        if place is None:
            return None
        limit = limit_of(rule, violation.level)
        found = anomaly_id(subject, violation.at)
        self._open[subject] = OpenViolation(str(found), violation.at)
        return Anomaly(
            id=found,
            subject=subject,
            detected_at=datetime.fromtimestamp(violation.at, UTC),
            place=place,
            anomaly_type=rule.alert_type,
            category=rule.category,
            algorithm=algorithm_of(rule),
            severity=severity_of(violation.level),
            value=value,
            expected=rule.baseline.expected if rule.baseline else None,
            threshold=limit,
            distance=abs(value - limit),
            direction="up" if rule.direction is LimitSide.ABOVE else "down",
            channel="threshold",
            rule_id=rule.id,
            rule_violations=(rule.name,),
            explanation=explanation_of(rule, place, value, limit),
            is_admitted=True,
            admission="rules always alert",
        )

    def _end(self, subject: str, at: float) -> AnomalyEnd:
        known = self._open.pop(subject)
        return AnomalyEnd(
            id=UUID(known.id),
            detected_at=datetime.fromtimestamp(known.detected_at, UTC),
            ended_at=datetime.fromtimestamp(max(at, known.detected_at), UTC),
        )

    def _place(self, subject: RuleSubject) -> AnomalyPlace | None:
        if subject.series:
            series = self._find(subject.series)
            return None if series is None else place_of_series(series, self._inventory)
        device = self._inventory.device_at(subject.device)
        return AnomalyPlace(
            device_key=subject.device,
            device_name=device.name if device else subject.device,
            site=(device.site or "") if device else "",
            resource=subject.resource,
        )


def place_of_series(series: WatchedSeries, inventory: InventorySnapshot) -> AnomalyPlace:
    """Return what an anomaly of a series is about."""
    device = inventory.device_at(series.device)
    return AnomalyPlace(
        series_id=series.id,
        device_key=series.device,
        device_name=device.name if device else series.device_name or series.device,
        site=(device.site or "") if device else "",
        metric=series.metric,
        resource=series.resource,
        unit=series.unit,
    )


def severity_of(level: int) -> AnomalySeverity:
    """Return the severity of a level."""
    return AnomalySeverity.CRITICAL if level == CRITICAL else AnomalySeverity.MEDIUM


def algorithm_of(rule: AlertRule) -> str:
    """Return the method by which a rule finds anomalies."""
    if rule.baseline is not None:
        return "baseline"
    return "expression" if rule.expression else "threshold"


def limit_of(rule: AlertRule, level: int) -> float:
    """Return the limit of a level."""
    limit = rule.critical if level == CRITICAL else rule.warning
    assert limit is not None
    return limit


def explanation_of(rule: AlertRule, place: AnomalyPlace, value: float, limit: float) -> dict[str, object]:
    """Return the explanation of a violation, JSON-ready."""
    return {
        "title": rule_title(rule, place.metric, value, limit, place.unit),
        "sentences": rule_sentences(rule, value, limit, place.unit),
        "rule": rule.name,
        "value": value,
        "limit": limit,
    }


def name_of_subject(subject: RuleSubject) -> str:
    """Return the subject as text, as it is stored."""
    if subject.series:
        return f"rule:{subject.rule}:{subject.series}"
    return f"rule:{subject.rule}:{subject.device}:{subject.resource}"
