"""Findings on people: times in which a schedule is unassigned, and people who cannot be notified."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from opsconductor.engine.routing.router import unreached_of
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.on_call import DutySpan, gaps
from opsconductor.model.people.target import TargetKind
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, warning
from opsconductor.selfcheck.doctor.quiet import judge_quiet_hours

AREA = "people"
AHEAD = timedelta(days=14)
MOST_GAPS = 5


def judge_people(
    directory: PeopleDirectory, rules: Iterable[NotificationRule], now: datetime
) -> list[DoctorFinding]:
    """Return findings on the schedules and persons that rules name, for the next two weeks."""
    rules = list(rules)
    targets = {target for rule in rules if rule.enabled for target in rule.targets}
    for policy in directory.policies.values():
        targets |= {target for step in policy.steps for target in step.targets}
    schedules = sorted({each.name for each in targets if each.kind is TargetKind.SCHEDULE})
    names = sorted({name for target in targets for name in directory.named_by(target)})
    return [
        *_gaps(directory, schedules, now),
        *_persons(directory, names),
        *_unreached(directory, rules),
        *judge_quiet_hours(directory, rules, now),
    ]


def unreadable_contacts(error: str) -> DoctorFinding:
    """Return the finding that contact methods cannot be decrypted."""
    remedy = "give the vault's key that encrypted them (secrets.key, or OPSCONDUCTOR__SECRETS__KEY) back"
    return bad(AREA, f"{error}; people whose contact methods cannot be read are not notified", remedy)


def _gaps(directory: PeopleDirectory, schedules: Iterable[str], now: datetime) -> Iterator[DoctorFinding]:
    for name in schedules:
        schedule = directory.schedules.get(name)
        if schedule is None:
            yield warning(AREA, f"schedule {name} does not exist, but is named", "declare it with apply")
            continue
        found = gaps(schedule, now, now + AHEAD)
        if found:
            shown = "; ".join(_shown(gap, schedule.zone) for gap in found[:MOST_GAPS])
            more = f"; and {len(found) - MOST_GAPS} more" if len(found) > MOST_GAPS else ""
            text = f"schedule {name} is unassigned: {shown}{more}"
            yield warning(AREA, text, "add a layer or an override; until then others are notified")


def _persons(directory: PeopleDirectory, names: Iterable[str]) -> Iterator[DoctorFinding]:
    for name in names:
        person = directory.people.get(name)
        if person is None:
            yield warning(
                AREA, f"person {name} does not exist, but is named", "declare the person with apply"
            )
        elif person.enabled and not person.methods:
            text = f"person {name} has no contact method and cannot be notified"
            yield warning(AREA, text, "declare contact_methods")


def _unreached(directory: PeopleDirectory, rules: Iterable[NotificationRule]) -> Iterator[DoctorFinding]:
    for rule in unreached_of(rules, directory):
        text = (
            f"rule {rule.name} reaches no one: all persons whom it names are disabled, or cannot be notified"
        )
        yield bad(AREA, text, "name someone else in the rule, or enable them: opsconductor users enable")


def _shown(gap: DutySpan, zone: str) -> str:
    begin, end = (moment.astimezone(ZoneInfo(zone)) for moment in (gap.begin, gap.end))
    return f"{begin:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M %Z}"
