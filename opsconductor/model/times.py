"""Validation of times from senders, the same for all connectors.

Senders write year 1 (the zero time of Go and .NET), 1970 (a clock without battery) or a year far ahead.
None of these is when a fault occurred, and some are invalid in PostgreSQL or in other time zones.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from opsconductor.model.normalized import NormalizedAlert, Snapshot

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""Maximum that a sender's clock may be ahead of ours."""
IMPLAUSIBLE_TIME = "implausible_time"
"""Key of `custom_fields` that holds the replaced time."""


def is_believable(moment: datetime, received_at: datetime) -> bool:
    """Return True if a time has a zone and lies between the year 2000 and a day after reception."""
    return moment.tzinfo is not None and moment >= EARLIEST and moment - received_at <= AHEAD


def bounded(
    said: Sequence[NormalizedAlert] | Snapshot, received_at: datetime
) -> Sequence[NormalizedAlert] | Snapshot:
    """Return the time of occurrence, at most the time of reception; replace an implausible one.

    A clock that is a little ahead is corrected silently. An implausible time is replaced by the time of
    reception, and the report is marked.
    """
    if not isinstance(said, Snapshot):
        return _alerts(said, received_at)
    taken_at = said.taken_at if is_believable(said.taken_at, received_at) else received_at
    alerts = tuple(_alerts(said.alerts, received_at))
    if alerts == said.alerts and taken_at is said.taken_at:
        return said
    return replace(said, alerts=alerts, taken_at=taken_at)


def _alerts(alerts: Sequence[NormalizedAlert], received_at: datetime) -> Sequence[NormalizedAlert]:
    for alert in alerts:
        at = alert.occurred_at
        if at is not received_at and not (is_believable(at, received_at) and at <= received_at):
            return [_bounded(each, received_at) for each in alerts]
    return alerts


def _bounded(alert: NormalizedAlert, received_at: datetime) -> NormalizedAlert:
    at = alert.occurred_at
    if at == received_at:
        return alert
    if is_believable(at, received_at):
        return alert._replace(occurred_at=min(at, received_at))
    note = f"{at.isoformat()} (the time of receipt is used)"
    return alert._replace(
        occurred_at=received_at, custom_fields={**(alert.custom_fields or {}), IMPLAUSIBLE_TIME: note}
    )


def utc_text(moment: datetime) -> str:
    """Return a time as people read it: `2026-03-01 12:00:30 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
