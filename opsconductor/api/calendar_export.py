"""A schedule as an iCalendar file (RFC 5545): an event for each span in which a person is on call."""

from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event

from opsconductor.model.people.on_call import DutySpan, spans
from opsconductor.model.people.person import Person
from opsconductor.model.people.schedule import Schedule
from opsconductor.model.text import printable

PRODUCT = "-//OpsConductor//on-call//EN"


def calendar_of(
    schedule: Schedule, people: Mapping[str, Person], begin: datetime, end: datetime, *, now: datetime
) -> bytes:
    """Return who is on call in a span of time as an iCalendar file; a gap is no event."""
    calendar = Calendar()
    for key, value in (
        ("prodid", PRODUCT),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", printable(f"on call: {schedule.name}")),
        ("x-wr-timezone", schedule.zone),
    ):
        calendar.add(key, value)
    for span in spans(schedule, begin, end):
        if span.person is not None:
            person = people.get(span.person)
            shown = (person.display_name if person is not None else "") or span.person
            calendar.add_component(_event(schedule, span, printable(shown), now))
    written: bytes = calendar.to_ical()
    return written


def _event(schedule: Schedule, span: DutySpan, shown: str, now: datetime) -> Event:
    """Return the event of a span; its UID stays the same as long as it begins at the same time."""
    event = Event()
    key = f"{schedule.name}\n{span.begin.isoformat()}\n{span.by}"
    event.add("uid", f"{uuid5(NAMESPACE_URL, key)}@opsconductor")
    event.add("dtstamp", now)
    event.add("dtstart", span.begin)
    event.add("dtend", span.end)
    event.add("summary", shown)
    event.add("description", printable(f"on call in {schedule.name} ({span.by})"))
    return event
