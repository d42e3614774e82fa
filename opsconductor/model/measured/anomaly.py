"""Anomalies: what is out of the ordinary in measured values, with begin and end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from opsconductor.model.enums import Category

IDS = UUID("b0c1c0de-7d1c-4c56-9a3f-0b6f6d1f3a11")
"""Namespace of the ids of anomalies."""

DRAWN_BEFORE, DRAWN_AFTER, LONGEST_DRAWN = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
"""What a plot shows of the time around an anomaly."""


class AnomalySeverity(StrEnum):
    """How much an anomaly matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AnomalyStatus(StrEnum):
    """What people, or its end, have made of an anomaly."""

    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"


class AlertState(StrEnum):
    """How far the alert of an anomaly follows it."""

    NONE = "none"
    """It has none: it was held back, or is a member of another."""

    RAISE = "raise"
    """To be reported to the pipeline."""

    RAISED = "raised"
    CLEAR = "clear"
    """To be reported as over."""

    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyPlace:
    """What an anomaly is about.

    Attributes:
        series_id: None: an expression, or a whole device.
        device_key: Key of the device as in alerts.
        site: Of the device in the inventory; empty: unknown.
    """

    series_id: int | None = None
    device_key: str
    device_name: str = ""
    site: str = ""
    metric: str = ""
    resource: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """An anomaly as it began.

    Attributes:
        id: Made of subject and time, so that it is the same when the log is read again after a crash.
        subject: What can be open only once.
        anomaly_type: Alert type of its alert.
        algorithm: `threshold`, `expression`, `detector` or `device_test`.
        channel: In what the value is out of the ordinary.
        score: 0..1, the share of ordinary values that are less unusual; None: a limit was reached.
        distance: Of the value from what was expected, or from the limit.
        threshold: Limit that was reached.
        group_id: The anomaly whose alert it is part of.
        admission: Why it became an alert, or why it was held back.
        explanation: JSON-ready: `title`, `sentences` and the facts they are made of.
        features: What feedback needs: rarity and direction by channel.
    """

    id: UUID
    subject: str
    detected_at: datetime
    place: AnomalyPlace
    anomaly_type: str
    category: Category
    algorithm: str
    severity: AnomalySeverity
    value: float | None
    explanation: Mapping[str, object]
    rule_id: UUID | None = None
    rule_violations: Sequence[str] = ()
    channel: str = ""
    direction: str = ""
    hour_bucket: int | None = None
    score: float | None = None
    confidence: float | None = None
    distance: float | None = None
    threshold: float | None = None
    expected: float | None = None
    group_id: UUID | None = None
    members: int = 0
    is_admitted: bool = False
    admission: str = ""
    features: Mapping[str, object] = field(default_factory=dict)
    calculated_metrics: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyChange:
    """What has changed of an open anomaly; None: as before.

    Attributes:
        detected_at: As in the anomaly: with the id it names the row.
        is_admitted: True: it becomes an alert now.
    """

    id: UUID
    detected_at: datetime
    severity: AnomalySeverity | None = None
    value: float | None = None
    threshold: float | None = None
    explanation: Mapping[str, object] | None = None
    features: Mapping[str, object] | None = None
    group_id: UUID | None = None
    members: int | None = None
    is_admitted: bool | None = None
    admission: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyEnd:
    """The end of an anomaly."""

    id: UUID
    detected_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyNews:
    """What points have begun, changed and ended; to be stored in this order."""

    begun: Sequence[Anomaly] = ()
    changed: Sequence[AnomalyChange] = ()
    ended: Sequence[AnomalyEnd] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.changed or self.ended)

    def and_then(self, later: "AnomalyNews") -> "AnomalyNews":
        """Return both, one after another."""
        return AnomalyNews(
            begun=(*self.begun, *later.begun),
            changed=(*self.changed, *later.changed),
            ended=(*self.ended, *later.ended),
        )


def anomaly_id(subject: str, at_s: float) -> UUID:
    """Return the id of the anomaly of a subject that began at a time."""
    return uuid5(IDS, f"{subject}@{at_s:.3f}")


def drawn_span(detected_at: datetime, ended_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when the values of an anomaly are drawn: with the day before it, until it ends."""
    end = min(ended_at or now, detected_at + LONGEST_DRAWN)
    return detected_at - DRAWN_BEFORE, end + DRAWN_AFTER


def drawn_series(series_id: int | None, explanation: Mapping[str, Any]) -> int | None:
    """Return the series that is drawn for an anomaly: its own, or that which contributes most; None: none."""
    if series_id is not None:
        return series_id
    metrics = explanation.get("metrics") or ()
    return metrics[0]["series"] if metrics else None
