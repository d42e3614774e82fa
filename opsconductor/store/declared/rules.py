"""Notification rules from their rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg

from opsconductor.connector.settings.duration import parse_duration
from opsconductor.model.enums import AlertEvent, Category, Priority, Severity
from opsconductor.model.notifications.grouping import DigestTimes, MessageGrouping
from opsconductor.model.notifications.rule import NO_TIME, Conditions, Failover, NotificationRule, RuleChannel
from opsconductor.model.notifications.time_window import DAYS, MINUTES_A_DAY, OnHolidays, RecurringWindow
from opsconductor.model.people.target import PeopleTarget, TargetKind
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
        channels=channels_of(row["channels"]),
        targets=targets_of(row["channels"]),
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
        severity=tuple(Severity(word) for word in listed(document.get("severity"))),
        minimum_severity=Severity(lowest) if lowest else None,
        category=tuple(Category(word) for word in listed(document.get("category"))),
        priority=tuple(Priority(word) for word in listed(document.get("priority"))),
        event=tuple(AlertEvent(word) for word in listed(document.get("event"))),
        custom_fields=tuple(
            (name, tuple(str(each) for each in listed(given)))
            for name, given in sorted((document.get("custom_fields") or {}).items())
        ),
        minimum_occurrences=document.get("minimum_occurrences") or 0,
        minimum_age=length_of(document.get("minimum_age")),
        unacknowledged_for=length_of(document.get("unacknowledged_for")),
        is_cause=document.get("is_cause"),
        time=tuple(window_of(each) for each in parts_of(document.get("time"))),
        all=tuple(conditions_of(each) for each in parts_of(document.get("all"))),
        any=tuple(conditions_of(each) for each in parts_of(document.get("any"))),
        none=tuple(conditions_of(each) for each in parts_of(document.get("not"))),
        **{name: listed(document.get(name)) for name in TEXTS},
    )


def grouping_of(row: Document) -> MessageGrouping | None:
    """Convert the columns of a rule that combine its messages; None: each alert has its own.

    Raises:
        ValueError: A value is not known.
    """
    if digest := row.get("digest"):
        window = window_of({"zone": digest["zone"], "days": digest.get("days")})
        at = tuple(sorted(minutes_of(each, 0) for each in listed(digest["at"])))
        return MessageGrouping(digest=DigestTimes(zone=window.zone, at=at, days=window.days))
    by = listed(row.get("group_by"))
    if not by:
        return None
    usual = MessageGrouping()
    return MessageGrouping(
        by=() if by == ("all",) else by,
        wait=length_of(row.get("group_wait")) or usual.wait,
        interval=length_of(row.get("group_interval")) or usual.interval,
        repeat=length_of(row.get("repeat_interval")) or None,
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
    days = listed(document.get("days"))
    return RecurringWindow(
        zone=document["zone"],
        days=frozenset(DAYS.index(day) for day in days) if days else frozenset(range(len(DAYS))),
        begin=minutes_of(document.get("from"), 0),
        end=minutes_of(document.get("to"), MINUTES_A_DAY),
        holidays=frozenset(date.fromisoformat(each) for each in listed(document.get("holidays"))),
        on_holidays=OnHolidays(document.get("on_holidays", OnHolidays.EXCLUDED)),
    )


def channels_of(documents: Iterable[Document]) -> tuple[RuleChannel, ...]:
    """Return the connectors with recipients among the channels of a rule, or of a step of a policy."""
    return tuple(
        RuleChannel(
            channel=each["channel"],
            recipients=listed(each.get("recipients")) or ("",),
            failover=_failover_of(each.get("failover")),
        )
        for each in documents
        if "channel" in each
    )


def _failover_of(document: Document | None) -> Failover | None:
    if document is None:
        return None
    return Failover(channel=document["channel"], recipients=listed(document.get("recipients")) or ("",))


def targets_of(documents: Iterable[Document]) -> tuple[PeopleTarget, ...]:
    """Return the persons, teams, schedules and policies among the channels of a rule, or of a step."""
    return tuple(
        PeopleTarget(kind=kind, name=each[kind]) for each in documents for kind in TargetKind if kind in each
    )


def minutes_of(clock: str | None, otherwise: int) -> int:
    """Convert a time of day to minutes after midnight."""
    if clock is None:
        return otherwise
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)


def length_of(value: object) -> timedelta:
    """Convert a duration; None: no time."""
    return NO_TIME if value is None else parse_duration(value)


def parts_of(value: Document | Iterable[Document] | None) -> tuple[Document, ...]:
    """Return a list of mappings; a single one may stand without a list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, Mapping) else tuple(value)


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a list of texts; a single one may stand without a list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
