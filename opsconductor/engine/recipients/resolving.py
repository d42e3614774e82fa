"""Recipients that targets stand for at a time, and who is left out, with the reason; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from opsconductor.model.alert import Alert
from opsconductor.model.enums import Priority
from opsconductor.model.notifications.time_window import window_at
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.on_call import OVERRIDE, on_call
from opsconductor.model.people.person import ContactMethod, Person
from opsconductor.model.people.target import PeopleTarget, TargetKind

URGENCY = {priority: number for number, priority in enumerate(Priority)}
MOST_WINDOWS = 100


class ReachedRecipient(NamedTuple):
    """A recipient, and why it is one: `bob is on call in noc-primary (weekly)`."""

    channel: str
    recipient: str
    person: str
    why: str


class LeftOut(NamedTuple):
    """A contact method that is not used.

    Attributes:
        until: When the message is sent, if quiet hours hold it; None: it is not sent.
    """

    person: str
    channel: str
    recipient: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What targets stand for.

    Attributes:
        unreached: Why a target has no person at that time, or a person cannot be reached.
    """

    reached: tuple[ReachedRecipient, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unreached: tuple[str, ...] = ()

    @property
    def remarks(self) -> list[str]:
        """Return why recipients are notified, who is left out, and which targets have no person."""
        whys = dict.fromkeys(each.why for each in self.reached if each.why)
        return [*whys, *(shown_left_out(each) for each in self.left_out), *self.unreached]


def shown_left_out(left: LeftOut) -> str:
    """Return a method that is not used as text: `anna not over sms: ...`."""
    word = "later" if left.until is not None else "not"
    return f"{left.person} {word} over {left.channel}: {left.reason}"


def resolve(
    directory: PeopleDirectory, targets: Iterable[PeopleTarget], alert: Alert, at: datetime
) -> Resolution:
    """Return the recipients of targets at a time; each method of each person once."""
    names: dict[str, str] = {}
    unreached: list[str] = []
    for target in targets:
        found, reason = _persons(directory, target, at)
        for name, why in found:
            names.setdefault(name, why)
        if reason:
            unreached.append(reason)
    return _reach(directory, names.items(), alert, at, unreached)


def resolve_all(
    directory: PeopleDirectory, targets: Iterable[PeopleTarget], alert: Alert, at: datetime
) -> Resolution:
    """Return the recipients of all persons whom targets can stand for at any time: the last resort."""
    names = dict.fromkeys(name for target in targets for name in directory.named_by(target))
    why = "as no other person can be notified"
    return _reach(directory, [(name, f"{name}, {why}") for name in names], alert, at, [])


def _persons(
    directory: PeopleDirectory, target: PeopleTarget, at: datetime
) -> tuple[list[tuple[str, str]], str]:
    """Return the names that a target stands for, each with the reason; or why it has none."""
    match target.kind:
        case TargetKind.PERSON:
            return [(target.name, "")], ""
        case TargetKind.TEAM:
            return _members(directory, target.name)
        case TargetKind.SCHEDULE:
            return _on_call(directory, target.name, at)
        case _:
            return [], f"{target} has steps of its own"


def _members(directory: PeopleDirectory, name: str) -> tuple[list[tuple[str, str]], str]:
    team = directory.teams.get(name)
    if team is None or not team.members:
        return [], f"team {name} {'does not exist' if team is None else 'has no members'}"
    return [(member, f"{member} is in team {name}") for member in team.members], ""


def _on_call(directory: PeopleDirectory, name: str, at: datetime) -> tuple[list[tuple[str, str]], str]:
    schedule = directory.schedules.get(name)
    if schedule is None:
        return [], f"schedule {name} does not exist"
    duty = on_call(schedule, at)
    if duty.person is None:
        return [], f"schedule {name} is unassigned at {shown_at(at, schedule.zone)}"
    by = "by an override" if duty.by == OVERRIDE else f"layer {duty.by}"
    return [(duty.person, f"{duty.person} is on call in {name} ({by})")], ""


def _reach(
    directory: PeopleDirectory,
    names: Iterable[tuple[str, str]],
    alert: Alert,
    at: datetime,
    unreached: list[str],
) -> Resolution:
    reached: dict[tuple[str, str], ReachedRecipient] = {}
    left_out: dict[tuple[str, str], LeftOut] = {}
    for name, why in names:
        person = directory.people.get(name)
        if reason := _unreachable(person):
            unreached.append(f"{name} {reason}")
            continue
        assert person is not None
        for each in _methods(person, why, alert, at):
            found = reached if isinstance(each, ReachedRecipient) else left_out
            found.setdefault((each.channel, each.recipient), each)  # type: ignore[arg-type]
    left = tuple(each for target, each in left_out.items() if target not in reached)
    return Resolution(tuple(reached.values()), left, tuple(unreached))


def _unreachable(person: Person | None) -> str:
    if person is None:
        return "does not exist"
    if not person.enabled:
        return "is disabled"
    return "" if person.methods else "has no contact method"


def _methods(person: Person, why: str, alert: Alert, at: datetime) -> Iterator[ReachedRecipient | LeftOut]:
    for method in person.methods:
        lowest = method.minimum_severity
        if lowest is not None and alert.severity.rank < lowest.rank:
            reason = f"minimum_severity is {lowest}, the alert is {alert.severity}"
            yield LeftOut(person.name, method.channel, method.recipient, reason)
            continue
        until = None if _passes(method, alert) else quiet_until(method, at)
        if until is None:
            yield ReachedRecipient(method.channel, method.recipient, person.name, why)
        else:
            reason = f"quiet hours until {shown_at(until, person.zone)}"
            yield LeftOut(person.name, method.channel, method.recipient, reason, until)


def _passes(method: ContactMethod, alert: Alert) -> bool:
    least = method.priority_through
    return least is not None and URGENCY[alert.priority] <= URGENCY[least]


def quiet_until(method: ContactMethod, at: datetime) -> datetime | None:
    """Return when the quiet hours of a method are over; None: there are none now."""
    until = at
    for _ in range(MOST_WINDOWS):
        states = [window_at(window, until) for window in method.quiet_hours]
        ends = [state.until for state in states if state.is_open and state.until is not None]
        if not ends:
            break
        until = max(ends)
    return until if until > at else None


def shown_at(at: datetime, zone: str) -> str:
    """Return a time as text: `Sat 2026-03-07 02:00 CET`."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"
