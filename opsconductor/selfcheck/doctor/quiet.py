"""Findings on rules that reach no one at some time of the week, as all their persons are in quiet hours."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from opsconductor.engine.recipients.resolving import shown_at
from opsconductor.engine.routing.router import parts_of
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.notifications.time_window import window_at
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.on_call import spans
from opsconductor.model.people.person import Person
from opsconductor.model.people.target import PeopleTarget, TargetKind
from opsconductor.selfcheck.doctor.finding import DoctorFinding, warning

AREA = "people"
WEEK = timedelta(days=7)
MOST_SPANS = 3


class QuietSpan(NamedTuple):
    """A span of time in which no person is notified at once.

    Attributes:
        is_held: Quiet hours of a person hold messages; else a schedule is unassigned; others are notified.
    """

    begin: datetime
    end: datetime
    is_held: bool = True


QuietOf = Callable[[PeopleTarget], tuple[QuietSpan, ...]]


def judge_quiet_hours(
    directory: PeopleDirectory, rules: Iterable[NotificationRule], now: datetime
) -> Iterator[DoctorFinding]:
    """Yield a finding for each rule that notifies no one of a critical alert at some time of a week.

    Rules with a channel or a time of their own, and those that no critical alert meets, are left out. A
    method with `priority_through` counts as one that is used.
    """

    @cache
    def quiet_of(target: PeopleTarget) -> tuple[QuietSpan, ...]:
        return tuple(_quiet_of(directory, target, now, quiet_of))

    for rule in rules:
        if not _is_judged(directory, rule):
            continue
        found = [each for each in _common(map(quiet_of, rule.targets)) if each.is_held]
        if found:
            yield _finding(rule, _joined(found), directory)


def _is_judged(directory: PeopleDirectory, rule: NotificationRule) -> bool:
    severities = rule.conditions.severity
    if not rule.enabled or rule.fault or rule.channels or not rule.targets:
        return False
    if severities and Severity.CRITICAL not in severities:
        return False
    if any(part.time for part in parts_of(rule.conditions)):
        return False
    escalations = [each.name for each in rule.targets if each.kind is TargetKind.ESCALATION]
    policies = [directory.policies[name] for name in escalations if name in directory.policies]
    return not any(step.channels for policy in policies for step in policy.steps)


def _quiet_of(
    directory: PeopleDirectory, target: PeopleTarget, begin: datetime, quiet_of: QuietOf
) -> Iterator[QuietSpan]:
    """Yield when no person of a target is notified at once; `quiet_of` answers for other targets."""
    whole = [QuietSpan(begin, begin + WEEK, is_held=False)]
    match target.kind:
        case TargetKind.PERSON:
            person = directory.people.get(target.name)
            yield from whole if person is None else _quiet_hours(person, begin)
        case TargetKind.TEAM:
            team = directory.teams.get(target.name)
            members = _persons(team.members if team is not None else ())
            yield from _common(map(quiet_of, members)) if members else whole
        case TargetKind.SCHEDULE:
            schedule = directory.schedules.get(target.name)
            for span in spans(schedule, begin, begin + WEEK) if schedule is not None else ():
                here = (QuietSpan(span.begin, span.end, is_held=False),)
                if span.person is None:
                    yield from here
                else:
                    yield from _common([here, quiet_of(_persons([span.person])[0])])
        case TargetKind.ESCALATION:
            policy = directory.policies.get(target.name)
            named = [each for step in policy.steps for each in step.targets] if policy is not None else []
            yield from _common(map(quiet_of, named)) if named else whole


def _persons(names: Iterable[str]) -> list[PeopleTarget]:
    return [PeopleTarget(kind=TargetKind.PERSON, name=name) for name in names]


def _quiet_hours(person: Person, begin: datetime) -> Iterator[QuietSpan]:
    """Yield the spans of a week in which all methods of a person are in quiet hours."""
    if not person.enabled or not person.methods:
        yield QuietSpan(begin, begin + WEEK, is_held=False)
        return
    if any(not each.quiet_hours or each.priority_through is not None for each in person.methods):
        return
    at, end = begin, begin + WEEK
    while at < end:
        methods = [[window_at(each, at) for each in method.quiet_hours] for method in person.methods]
        changes = [state.until for states in methods for state in states if state.until is not None]
        until = min([*changes, end])
        if all(any(state.is_open for state in states) for states in methods):
            yield QuietSpan(at, until)
        at = until


def _common(each_quiet: Iterable[Iterable[QuietSpan]]) -> list[QuietSpan]:
    """Return the times that are in a span of every one; held if one of those spans is."""
    common: list[QuietSpan] | None = None
    for quiet in each_quiet:
        if common is None:
            common = list(quiet)
            continue
        common = [
            QuietSpan(max(one.begin, two.begin), min(one.end, two.end), one.is_held or two.is_held)
            for one in common
            for two in quiet
            if max(one.begin, two.begin) < min(one.end, two.end)
        ]
    return common or []


def _joined(found: Iterable[QuietSpan]) -> list[QuietSpan]:
    """Return spans in order, those that touch as one."""
    joined: list[QuietSpan] = []
    for span in sorted(found):
        if joined and span.begin <= joined[-1].end:
            joined[-1] = QuietSpan(joined[-1].begin, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _finding(rule: NotificationRule, found: list[QuietSpan], directory: PeopleDirectory) -> DoctorFinding:
    names = [name for target in rule.targets for name in directory.named_by(target)]
    zone = next((directory.people[name].zone for name in names if name in directory.people), "UTC")
    shown = "; ".join(
        f"{shown_at(each.begin, zone)} to {shown_at(each.end, zone)}" for each in found[:MOST_SPANS]
    )
    more = f"; and {len(found) - MOST_SPANS} more" if len(found) > MOST_SPANS else ""
    text = f"by rule {rule.name} a critical alert waits, as all its persons are in quiet hours: {shown}{more}"
    return warning(AREA, text, "set priority_through on a contact method, or name a person or a channel more")
