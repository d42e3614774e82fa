"""Who is on call at a time, and in a span of time; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from opsconductor.model.notifications.time_window import window_at
from opsconductor.model.people.schedule import Layer, Schedule

OVERRIDE = "override"
DISTANCE = 3
"""Turns that are looked at beside the estimated one: the clock is moved by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on call from a time on.

    Attributes:
        person: None: the schedule is unassigned, a gap.
        by: Name of the layer, or `override`; empty: neither.
        until: When it may change; None: never, as far as is known.
    """

    person: str | None
    by: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutySpan:
    """A span of time in which one person is on call, or the schedule is unassigned."""

    begin: datetime
    end: datetime
    person: str | None
    by: str = ""


def on_call(schedule: Schedule, at: datetime) -> Duty:
    """Return who is on call at a time: the latest override, else the last layer that names a person."""
    begun = [each for each in schedule.overrides if each.begin <= at < each.end]
    coming = [each.begin for each in schedule.overrides if each.begin > at]
    duties = [_duty_of(layer, schedule.zone, at) for layer in schedule.layers]
    ends = [each.end for each in begun] + coming + [each.until for each in duties if each.until is not None]
    until = min(ends, default=None)
    if begun:
        return Duty(person=max(begun, key=lambda each: each.number).person, by=OVERRIDE, until=until)
    found = next((each for each in reversed(duties) if each.person is not None), Duty(person=None))
    return Duty(person=found.person, by=found.by, until=until)


def spans(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[DutySpan]:
    """Yield who is on call in a span of time, gaps included; neighbours differ in person or layer."""
    last: DutySpan | None = None
    at = begin
    while at < end:
        duty = on_call(schedule, at)
        until = end if duty.until is None else min(duty.until, end)
        if last is not None and (last.person, last.by) == (duty.person, duty.by):
            last = DutySpan(begin=last.begin, end=until, person=last.person, by=last.by)
        else:
            if last is not None:
                yield last
            last = DutySpan(begin=at, end=until, person=duty.person, by=duty.by)
        at = until
    if last is not None:
        yield last


def gaps(schedule: Schedule, begin: datetime, end: datetime) -> list[DutySpan]:
    """Return the spans in which the schedule is unassigned."""
    return [span for span in spans(schedule, begin, end) if span.person is None]


def _duty_of(layer: Layer, zone_name: str, at: datetime) -> Duty:
    """Return whom a layer alone puts on call."""
    zone = ZoneInfo(zone_name)
    number, next_at = _turn_at(layer, zone, at)
    if number < 0 or not layer.participants:
        return Duty(person=None, until=next_at if layer.participants else None)
    ends = [next_at]
    is_open = not layer.restricted_to
    for window in layer.restricted_to:
        state = window_at(window, at)
        is_open = is_open or state.is_open
        ends += [state.until] if state.until is not None else []
    if not is_open:
        return Duty(person=None, until=min(ends[1:], default=None))
    person = layer.participants[number % len(layer.participants)]
    return Duty(person=person, by=layer.name, until=min(ends))


def _turn_at(layer: Layer, zone: ZoneInfo, at: datetime) -> tuple[int, datetime]:
    """Return the number of the turn at a time, negative before the first, and when the next one begins."""
    first = datetime.combine(layer.starts, time(layer.handover // 60, layer.handover % 60))
    passed = at.astimezone(zone).replace(tzinfo=None) - first
    number = max(passed // layer.every - DISTANCE, -1)
    while number >= 0 and _begin(first, layer, number, zone) > at:  # the clock has skipped a whole day
        number -= 1
    while _begin(first, layer, number + 1, zone) <= at:
        number += 1
    return number, _begin(first, layer, number + 1, zone)


def _begin(first: datetime, layer: Layer, number: int, zone: ZoneInfo) -> datetime:
    """Return when a turn begins.

    A time that the clock skips counts as if it had not been moved yet; of one that it shows twice, the first
    counts (RFC 5545, 3.3.5). Turns last an hour at least, so none begins before the one before it.
    """
    return (first + number * layer.every).replace(tzinfo=zone).astimezone(UTC)
