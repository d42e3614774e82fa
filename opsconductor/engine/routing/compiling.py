"""Compilation of the conditions of a rule into tests."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from opsconductor.engine.clock import later
from opsconductor.engine.routing.checks import EveryTest, FactTest, NoTest, RuleTest, SomeTest, TimedTest
from opsconductor.engine.routing.patterns import TextPatterns, address_patterns
from opsconductor.engine.routing.situation import (
    Situation,
    begun_at,
    field_of,
    role_of,
    site_of,
    spelled,
    status_of,
    tags_of,
    waiting_since,
)
from opsconductor.model.enums import SEVERITY_RANK, Severity
from opsconductor.model.notifications.rule import Conditions
from opsconductor.model.notifications.time_window import DAYS, RecurringWindow, WindowState, window_at

Text = Callable[[Situation], str | None]
EVERY_DAY = 7


def compile_conditions(conditions: Conditions) -> EveryTest:
    """Compile conditions, all of which must be met."""
    return EveryTest(tuple(_tests(conditions)))


def _tests(conditions: Conditions) -> Iterator[RuleTest]:
    yield from _words(conditions)
    yield from _patterns(conditions)
    yield from _amounts(conditions)
    if conditions.time:
        yield _within(conditions.time)
    yield from (compile_conditions(part) for part in conditions.all)
    if conditions.any:
        yield SomeTest([compile_conditions(part) for part in conditions.any])
    if conditions.none:
        yield NoTest([compile_conditions(part) for part in conditions.none])


def _words(conditions: Conditions) -> Iterator[RuleTest]:
    for name in ("severity", "category", "source_system", "priority"):
        if allowed := getattr(conditions, name):
            yield _among(name, attrgetter(f"alert.{name}"), allowed)
    if conditions.event:
        yield _among("event", attrgetter("event"), conditions.event)
    if conditions.minimum_severity is not None:
        yield _at_least(conditions.minimum_severity)


def _patterns(conditions: Conditions) -> Iterator[RuleTest]:
    given: Sequence[tuple[str, Text, tuple[str, ...]]] = (
        ("alert_type", attrgetter("alert.alert_type"), conditions.alert_type),
        ("device_name", attrgetter("alert.device_name"), conditions.device_name),
        ("site", site_of, conditions.site),
        ("role", role_of, conditions.role),
        ("device_status", status_of, conditions.device_status),
    )
    for name, text, patterns in given:
        if patterns:
            yield _like(name, text, patterns)
    if conditions.device_ip_pattern:
        yield _addressed(conditions.device_ip_pattern)
    if conditions.device_tags:
        yield _one_like("device_tags", tags_of, conditions.device_tags)
    for name, patterns in conditions.custom_fields:
        yield _one_like(f"custom_fields.{name}", _field(name), patterns)


def _amounts(conditions: Conditions) -> Iterator[RuleTest]:
    if conditions.minimum_occurrences > 1:
        yield _often(conditions.minimum_occurrences)
    if conditions.is_cause is not None:
        yield _causing(is_wanted=conditions.is_cause)
    if conditions.minimum_age:
        yield _old("minimum_age", "the problem has lasted for", conditions.minimum_age, begun_at)
    if conditions.unacknowledged_for:
        yield _old(
            "unacknowledged_for",
            "it has been unacknowledged for",
            conditions.unacknowledged_for,
            waiting_since,
        )


def _field(name: str) -> Callable[[Situation], tuple[str, ...]]:
    return lambda situation: field_of(situation, name)


def _among(name: str, value: Text, allowed: Iterable[str]) -> FactTest:
    members, expected = frozenset(allowed), ", ".join(allowed)
    return FactTest(
        holds=lambda situation: value(situation) in members,
        met=lambda situation: f"{name} is {value(situation)}",
        unmet=lambda situation: f"{name} is {value(situation)}, not {expected}",
    )


def _at_least(severity: Severity) -> FactTest:
    lowest = SEVERITY_RANK[severity]
    return FactTest(
        holds=lambda situation: SEVERITY_RANK[situation.alert.severity] >= lowest,
        met=lambda situation: f"severity is {situation.alert.severity}",
        unmet=lambda situation: f"severity is {situation.alert.severity}, below {severity}",
    )


def _like(name: str, text: Text, patterns: Sequence[str]) -> FactTest:
    matches, expected = TextPatterns(patterns).match, ", ".join(patterns)

    def holds(situation: Situation) -> bool:
        found = text(situation)
        return found is not None and matches(found)

    def unmet(situation: Situation) -> str:
        found = text(situation)
        if found is None:
            return f"the device has no {name.removeprefix('device_')}, {name} requires {expected}"
        return f"{name} {found} does not match {expected}"

    return FactTest(holds=holds, met=lambda situation: f"{name} is {text(situation)}", unmet=unmet)


def _one_like(name: str, texts: Callable[[Situation], tuple[str, ...]], patterns: Sequence[str]) -> FactTest:
    matches, expected = TextPatterns(patterns).match, ", ".join(patterns)

    def found(situation: Situation) -> str:
        return ", ".join(texts(situation)) or "nothing"

    return FactTest(
        holds=lambda situation: any(matches(text) for text in texts(situation)),
        met=lambda situation: f"{name} is {found(situation)}",
        unmet=lambda situation: f"{name} is {found(situation)}, not {expected}",
    )


def _addressed(patterns: Sequence[str]) -> FactTest:
    addresses, expected = address_patterns(patterns), ", ".join(patterns)

    def unmet(situation: Situation) -> str:
        if situation.alert.device_ip is None:
            return f"the device has no address, device_ip_pattern requires {expected}"
        return f"device_ip {situation.alert.device_ip} is not in {expected}"

    return FactTest(
        holds=lambda situation: (
            situation.alert.device_ip is not None and addresses.matches(situation.alert.device_ip)
        ),
        met=lambda situation: f"device_ip is {situation.alert.device_ip}",
        unmet=unmet,
    )


def _often(least: int) -> FactTest:
    return FactTest(
        holds=lambda situation: situation.alert.occurrence_count >= least,
        met=lambda situation: f"it has occurred {situation.alert.occurrence_count} times",
        unmet=lambda situation: (
            f"it has occurred {situation.alert.occurrence_count} times, minimum_occurrences is {least}"
        ),
    )


def _causing(*, is_wanted: bool) -> FactTest:
    def found(situation: Situation) -> str:
        amount = situation.alert.impacted
        return f"it is the cause of {amount or 'no'} other alert{'' if amount == 1 else 's'}"

    return FactTest(
        holds=lambda situation: (situation.alert.impacted > 0) is is_wanted,
        met=found,
        unmet=lambda situation: f"{found(situation)}, is_cause is {str(is_wanted).lower()}",
    )


def _old(name: str, words: str, least: timedelta, since: Callable[[Situation], datetime | None]) -> TimedTest:
    def age(situation: Situation) -> timedelta | None:
        at = since(situation)
        return None if at is None else situation.at - at

    def holds(situation: Situation) -> bool:
        found = age(situation)
        return found is not None and found >= least

    def met(situation: Situation) -> str:
        return f"{words} {spelled(age(situation) or timedelta(0))}"

    def unmet(situation: Situation) -> str:
        found = age(situation)
        if found is None:
            return f"it is {situation.alert.status}, {name} requires that it is active"
        return f"{words} {spelled(found)}, {name} is {spelled(least)}"

    def next_at(situation: Situation) -> datetime | None:
        at = since(situation)
        due = None if at is None else later(at, least)
        return due if due is not None and due > situation.at else None

    return TimedTest(holds=holds, met=met, unmet=unmet, next_at=next_at, is_final=True)


def _within(windows: Sequence[RecurringWindow]) -> TimedTest:
    calendars = [WindowCalendar(window) for window in windows]
    expected = " or ".join(shown_window(window) for window in windows)

    def local(situation: Situation) -> str:
        return f"{situation.at.astimezone(calendars[0].zone):%a %Y-%m-%d %H:%M %Z}"

    def next_at(situation: Situation) -> datetime | None:
        times = [each.state(situation.at).until for each in calendars]
        return min((at for at in times if at is not None), default=None)

    return TimedTest(
        holds=lambda situation: any(each.state(situation.at).is_open for each in calendars),
        met=lambda situation: f"the time is {local(situation)}",
        unmet=lambda situation: f"the time is {local(situation)}, outside {expected}",
        next_at=next_at,
    )


class WindowCalendar:
    """A window with its last state, which is valid for hours."""

    def __init__(self, window: RecurringWindow) -> None:
        self.zone = ZoneInfo(window.zone)
        self._window = window
        self._state = WindowState(is_open=False, since=datetime.max.replace(tzinfo=UTC), until=None)

    def state(self, at: datetime) -> WindowState:
        """Return the state of the window at a time."""
        state = self._state
        if not (state.since <= at and state.until is not None and at < state.until):
            state = self._state = window_at(self._window, at)
        return state


def shown_window(window: RecurringWindow) -> str:
    """Return a window as text: `mon, tue 08:00-18:00 Europe/Berlin`."""
    days = ", ".join(DAYS[day] for day in sorted(window.days)) if len(window.days) < EVERY_DAY else "daily"
    begin, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.begin, window.end))
    holidays = f", holidays {window.on_holidays}" if window.holidays else ""
    return f"{days} {begin}-{end} {window.zone}{holidays}".strip()
