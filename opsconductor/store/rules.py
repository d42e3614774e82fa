"""Notification rules from their rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg

from opsconductor.connector.duration import parse_duration
from opsconductor.model.enums import AlertEvent, Category, Priority, Severity
from opsconductor.model.notifications.grouping import DigestTimes, MessageGrouping
from opsconductor.model.notifications.rule import NO_TIME, Conditions, Failover, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import DAYS, MINUTES_A_DAY, OnHolidays, RecurringWindow
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("configuration")

Document = Mapping[str, Any]


async def load_rules(pool: asyncpg.Pool) -> list[NotificationRule]:
    """Return the notification rules in order of evaluation, disabled ones included."""
    with translated():
        rows: list[Mapping[str, Any]] = await pool.fetch(SQL["rules"])
    return [rule_of(row) for row in rows]


def rule_of(row: Mapping[str, Any]) -> NotificationRule:
    """Convert a row of `notification_rules`; one with conditions that cannot be read never fires.

    To ignore a condition would notify of too much.
    """
    fault, conditions, grouping = "", Conditions(), None
    try:
        conditions = conditions_of(row["conditions"])
        grouping = grouping_of(row)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        fault = f"its conditions cannot be read: {error}"
    return NotificationRule(
        id=row["id"],
        name=row["name"],
        enabled=row["enabled"],
        priority=row["priority"],
        stop=row["stop"],
        conditions=conditions,
        channels=tuple(_channel_of(channel) for channel in row["channels"]),
        throttle=timedelta(minutes=row["throttle_minutes"]),
        grouping=grouping,
        last_triggered_at=row.get("last_triggered_at"),
        changed_at=row.get("changed_at"),
        fault=fault,
    )


def conditions_of(document: Document) -> Conditions:
    """Convert `notification_rules.conditions`: of lists one value may stand alone, a missing key matches all.

    Raises:
        ValueError: A key or value is not known.
    """
    if unknown := document.keys() - KEYS:
        raise ValueError(f"unknown conditions: {', '.join(sorted(unknown))}")
    lowest = document.get("minimum_severity")
    return Conditions(
        severity=tuple(Severity(word) for word in _listed(document.get("severity"))),
        minimum_severity=Severity(lowest) if lowest else None,
        category=tuple(Category(word) for word in _listed(document.get("category"))),
        priority=tuple(Priority(word) for word in _listed(document.get("priority"))),
        event=tuple(AlertEvent(word) for word in _listed(document.get("event"))),
        custom_fields=tuple(
            (name, tuple(str(each) for each in _listed(given)))
            for name, given in sorted((document.get("custom_fields") or {}).items())
        ),
        minimum_occurrences=document.get("minimum_occurrences") or 0,
        minimum_age=_length(document.get("minimum_age")),
        unacknowledged_for=_length(document.get("unacknowledged_for")),
        is_cause=document.get("is_cause"),
        time=tuple(window_of(each) for each in _parts(document.get("time"))),
        all=tuple(conditions_of(each) for each in _parts(document.get("all"))),
        any=tuple(conditions_of(each) for each in _parts(document.get("any"))),
        none=tuple(conditions_of(each) for each in _parts(document.get("not"))),
        **{name: _listed(document.get(name)) for name in TEXTS},
    )


def grouping_of(row: Document) -> MessageGrouping | None:
    """Convert the columns of a rule that combine its messages; None: each alert has its own.

    Raises:
        ValueError: A value is not known.
    """
    if digest := row.get("digest"):
        window = window_of({"zone": digest["zone"], "days": digest.get("days")})
        at = tuple(sorted(_minutes(each, 0) for each in _listed(digest["at"])))
        return MessageGrouping(digest=DigestTimes(zone=window.zone, at=at, days=window.days))
    by = _listed(row.get("group_by"))
    if not by:
        return None
    usual = MessageGrouping()
    return MessageGrouping(
        by=() if by == ("all",) else by,
        wait=_length(row.get("group_wait")) or usual.wait,
        interval=_length(row.get("group_interval")) or usual.interval,
        repeat=_length(row.get("repeat_interval")) or None,
    )


TEXTS = (
    "device_ip_pattern",
    "alert_type",
    "source_system",
    "device_name",
    "site",
    "role",
    "device_tags",
    "device_status",
)
"""Conditions that are lists of text."""
KEYS = {field for field in Conditions.__dataclass_fields__ if field != "none"} | {"not"}


def window_of(document: Document) -> RecurringWindow:
    """Convert one entry of the condition `time`."""
    days = _listed(document.get("days"))
    return RecurringWindow(
        zone=document["zone"],
        days=frozenset(DAYS.index(day) for day in days) if days else frozenset(range(len(DAYS))),
        begin=_minutes(document.get("from"), 0),
        end=_minutes(document.get("to"), MINUTES_A_DAY),
        holidays=frozenset(date.fromisoformat(each) for each in _listed(document.get("holidays"))),
        on_holidays=OnHolidays(document.get("on_holidays", OnHolidays.EXCLUDED)),
    )


def _channel_of(document: Document) -> RuleChannel:
    recipients = _listed(document.get("recipients"))
    return RuleChannel(
        channel=document["channel"],
        recipients=recipients or ("",),
        failover=_failover_of(document.get("failover")),
    )


def _failover_of(document: Document | None) -> Failover | None:
    if document is None:
        return None
    return Failover(channel=document["channel"], recipients=_listed(document.get("recipients")) or ("",))


def _minutes(clock: str | None, otherwise: int) -> int:
    if clock is None:
        return otherwise
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)


def _length(value: object) -> timedelta:
    return NO_TIME if value is None else parse_duration(value)


def _parts(value: Document | Iterable[Document] | None) -> tuple[Document, ...]:
    """Return a list of mappings, of which one may stand alone."""
    if value is None:
        return ()
    return (value,) if isinstance(value, Mapping) else tuple(value)


def _listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
