"""Periods of reports: whole days, weeks and months of a time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class ReportType(StrEnum):
    """Length of a report's period."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPeriod:
    """From `begin` up to `end`, aware; `zone` is the time zone whose midnights they are."""

    type: ReportType
    begin: datetime
    end: datetime
    zone: str

    @property
    def length(self) -> timedelta:
        """How long it is; a day with a change of the clock has 23 or 25 hours."""
        return self.end.astimezone(UTC) - self.begin.astimezone(UTC)

    def text(self) -> str:
        """Return the period for people: `23 to 29 November 2026`."""
        first = self.begin.astimezone(ZoneInfo(self.zone)).date()
        last = self.end.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        if first == last:
            return f"{first:%A}, {first.day} {first:%B %Y}"
        if (first.month, first.year) == (last.month, last.year):
            return f"{first.day} to {last.day} {last:%B %Y}"
        return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


def last_period(kind: ReportType, zone: str, now: datetime) -> ReportPeriod:
    """Return the latest period that is over: yesterday, the week from Monday, the month."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if kind is ReportType.DAILY:
        first, behind = today - timedelta(days=1), today
    elif kind is ReportType.WEEKLY:
        behind = today - timedelta(days=today.weekday())
        first = behind - timedelta(days=7)
    else:
        behind = today.replace(day=1)
        first = (behind - timedelta(days=1)).replace(day=1)
    return ReportPeriod(type=kind, begin=_midnight(first, zone), end=_midnight(behind, zone), zone=zone)


def due_at(period: ReportPeriod, at: time) -> datetime:
    """Return when the report of a period is to be made: at a time of the day after its end."""
    zone = ZoneInfo(period.zone)
    day = period.end.astimezone(zone).date()
    return datetime.combine(day, at, zone).astimezone(UTC)


def days_of(period: ReportPeriod) -> list[ReportPeriod]:
    """Return the days of a period."""
    zone = ZoneInfo(period.zone)
    first, behind = period.begin.astimezone(zone).date(), period.end.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((behind - first).days)]
    return [
        ReportPeriod(
            type=ReportType.DAILY,
            begin=_midnight(day, period.zone),
            end=_midnight(day + timedelta(days=1), period.zone),
            zone=period.zone,
        )
        for day in days
    ]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
