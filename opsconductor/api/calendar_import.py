"""Overrides of a schedule from an iCalendar file (RFC 5545), which is not trusted.

Each event is read alone. Definitions of time zones in the file are not read: their rules could take a long
time, and the library would keep them for all later files. Zones are known by their names (IANA, Windows).
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event

from opsconductor.model.people.person import Person
from opsconductor.model.text import printable
from opsconductor.store.people.overrides import ImportedOverride

MOST_EVENTS = 1000
LONGEST_OVERRIDE = timedelta(days=366)
LONGEST_UID = 255
LONGEST_SHOWN = 80
LONGEST_SUMMARY = 500
LONGEST_NAME_WORDS = 4
MOST_LINES = 1000
LONGEST_LINE = 4096
MOST_SLASHES = 10
FAILURES = (ValueError, OSError, AttributeError)
"""Raised by the library: OSError for a zone that is a folder, AttributeError for a list as parameter."""
FOLD = re.compile(r"\r?\n[ \t]")
BRACKET = re.compile(r"(BEGIN|END)[;:]", re.IGNORECASE)
READ = re.compile(
    r"(UID|DTSTART|DTEND|DURATION|SUMMARY|ATTENDEE|STATUS|RRULE|RDATE|RECURRENCE-ID)[;:]", re.IGNORECASE
)
"""Properties that are read; all others are left out before the library sees them."""
WORD = re.compile(r"[\w.@+'-]+")
ZONE = "a time zone of the IANA database"
PERSON = "the name or the e-mail address of one person in SUMMARY or ATTENDEE"

CalendarFault = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCalendar:
    """What a file says.

    Attributes:
        ended: UIDs of events that are cancelled or over.
        faults: If there are any, nothing is imported.
    """

    overrides: tuple[ImportedOverride, ...] = ()
    ended: tuple[str, ...] = ()
    faults: tuple[CalendarFault, ...] = ()


class _Unusable(Exception):
    """Raised when an event cannot become an override."""

    def __init__(self, found: object, expected: str) -> None:
        self.found, self.expected = printable(str(found))[:LONGEST_SHOWN], expected
        super().__init__(expected)


def read_calendar(text: str, zone: str, people: Mapping[str, Person], now: datetime) -> ImportedCalendar:
    """Return the overrides in a file; times without a zone are in the zone of the schedule."""
    blocks = _blocks(text)
    if blocks is None:
        expected = "an iCalendar file, from BEGIN:VCALENDAR to END:VCALENDAR"
        return ImportedCalendar(
            faults=(
                {"name": "calendar", "found": printable(text.strip()[:LONGEST_SHOWN]), "expected": expected},
            )
        )
    if len(blocks) > MOST_EVENTS:
        expected = f"at most {MOST_EVENTS} events"
        return ImportedCalendar(
            faults=({"name": "calendar", "found": f"{len(blocks)} events", "expected": expected},)
        )
    known = _known(people.values())
    overrides: list[ImportedOverride] = []
    ended: list[str] = []
    taken: set[str] = set()
    faults: list[CalendarFault] = []
    for number, block in enumerate(blocks, 1):
        try:
            _check(block)
            event: Any = Event.from_ical("\r\n".join(block))
            uid = _uid(event, taken)
            taken.add(uid)
            override = _override(event, uid, zone, known, now)
        except (_Unusable, *FAILURES) as error:
            faults.append(_fault(number, block, error))
            continue
        if override is None:
            ended.append(uid)
        else:
            overrides.append(override)
    return ImportedCalendar(overrides=tuple(overrides), ended=tuple(ended), faults=tuple(faults))


def _blocks(text: str) -> list[list[str]] | None:
    """Return the lines of each event, without what is nested in it; None: it is no complete calendar."""
    lines = [line for line in re.split(r"\r?\n", FOLD.sub("", text.removeprefix("\ufeff"))) if line.strip()]
    ends = [line.strip().upper() for line in (lines[:1] + lines[-1:])]
    if ends != ["BEGIN:VCALENDAR", "END:VCALENDAR"]:
        return None
    blocks: list[list[str]] = []
    nested: list[str] = []
    for line in lines:
        bracket = BRACKET.match(line)
        if bracket is None:
            if nested == ["VCALENDAR", "VEVENT"] and READ.match(line):
                blocks[-1].insert(-1, line)
        elif bracket[1].upper() == "END":
            if nested:
                nested.pop()
        else:
            nested.append(line[bracket.end() :].strip().upper())
            if nested == ["VCALENDAR", "VEVENT"]:
                blocks.append(["BEGIN:VEVENT", "END:VEVENT"])
    return blocks


def _check(block: Sequence[str]) -> None:
    """Refuse what is too long to be meant: each part of the name of a zone is looked up as a package."""
    if len(block) > MOST_LINES:
        raise _Unusable(f"{len(block)} lines", f"at most {MOST_LINES} lines")
    for line in block:
        if len(line) > LONGEST_LINE:
            raise _Unusable(line, f"at most {LONGEST_LINE} characters in a line")
        if "TZID=" in line.upper() and line.count("/") > MOST_SLASHES:
            raise _Unusable(line, ZONE)


def _override(
    event: Event, uid: str, zone: str, known: Mapping[str, set[str]], now: datetime
) -> ImportedOverride | None:
    """Return the override of an event; None: it is cancelled or over."""
    if str(_one(event, "STATUS") or "").upper() == "CANCELLED":
        return None
    for key in ("RRULE", "RDATE", "RECURRENCE-ID"):
        if key in event:
            raise _Unusable(f"{key}: it recurs", "an event that does not recur: one for each time")
    begin, end = _times(event, ZoneInfo(zone))
    if end <= now:
        return None
    return ImportedOverride(uid=uid, person=_person(event, known), begin=begin, end=end)


def _times(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts = _time(event, "DTSTART", zone)
    if starts is None:
        raise _Unusable("no DTSTART", "the time at which it begins")
    try:
        ends = _time(event, "DTEND", zone) or _end_by_length(event, starts)
        begin, end = starts.astimezone(UTC), ends.astimezone(UTC)
    except OverflowError:
        raise _Unusable(starts, "a time between the years 1 and 9999") from None
    if not timedelta(0) < end - begin <= LONGEST_OVERRIDE:
        raise _Unusable(
            f"{begin.isoformat()} to {end.isoformat()}", "an end after the begin, within 366 days"
        )
    return begin, end


def _time(event: Event, key: str, zone: ZoneInfo) -> datetime | None:
    given = _one(event, key)
    if given is None:
        return None
    moment = getattr(given, "dt", None)
    if isinstance(moment, datetime):
        named = given.params.get("TZID")
        if moment.tzinfo is None and named is not None:
            raise _Unusable(f"{key} in time zone {named}", ZONE)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    if isinstance(moment, date):
        return datetime.combine(moment, time(0), zone)
    raise _Unusable(f"{key} {given}", "a date, or a date with a time")


def _end_by_length(event: Event, begin: datetime) -> datetime:
    """Return the end of an event without DTEND: days are counted on the clock, hours as they pass."""
    length = getattr(_one(event, "DURATION"), "dt", None)
    if isinstance(length, timedelta):
        days = timedelta(days=length.days)
        return (begin + days).astimezone(UTC) + (length - days)
    if isinstance(getattr(_one(event, "DTSTART"), "dt", None), datetime):
        raise _Unusable("no DTEND and no DURATION", "the time at which it ends")
    return begin + timedelta(days=1)  # a date alone is the whole day


def _person(event: Event, known: Mapping[str, set[str]]) -> str:
    """Return the name of the person: by the summary if it names exactly one, else by those who attend."""
    summary = str(_one(event, "SUMMARY") or "")[:LONGEST_SUMMARY]
    named = known.get(summary.strip().casefold()) or {
        name for text in _parts(summary.casefold()) for name in known.get(text, ())
    }
    if len(named) != 1:
        named = {name for text in _attendees(event) for name in known.get(text, ())} or named
    if len(named) != 1:
        found = ", ".join(sorted(named)) or f"no known person in {summary or 'an event without SUMMARY'!r}"
        raise _Unusable(found, PERSON)
    return next(iter(named))


def _parts(text: str) -> Iterator[str]:
    """Yield the words of a text, alone and with those that follow them."""
    words = [word.strip(".-'") for word in WORD.findall(text)]
    for start in range(len(words)):
        for count in range(1, LONGEST_NAME_WORDS + 1):
            yield " ".join(words[start : start + count])


def _attendees(event: Event) -> Iterator[str]:
    given: Any = event.get("ATTENDEE", ())
    for each in given if isinstance(given, list) else [given]:
        yield str(each).casefold().removeprefix("mailto:").strip()
        yield str(getattr(each, "params", {}).get("CN", "")).strip().casefold()


def _known(people: Iterable[Person]) -> dict[str, set[str]]:
    """Return the names of persons by what may stand for them: names and e-mail addresses."""
    known: dict[str, set[str]] = {}
    for person in people:
        addresses = [each.recipient for each in person.methods if "@" in each.recipient]
        for text in (person.name, person.display_name, *addresses):
            if text:
                known.setdefault(text.strip().casefold(), set()).add(person.name)
    return known


def _uid(event: Event, taken: Container[str]) -> str:
    uid = str(_one(event, "UID") or "").strip()
    if not uid or len(uid) > LONGEST_UID or not uid.isprintable():
        raise _Unusable(uid or "no UID", f"a UID of at most {LONGEST_UID} printable characters")
    if uid in taken:
        raise _Unusable(f"a second event with UID {uid}", "one event for each UID")
    return uid


def _one(event: Event, key: str) -> Any:
    """Return a property that may be there once."""
    given = event.get(key)
    if isinstance(given, list):
        raise _Unusable(f"{len(given)} times {key}", f"{key} once")
    return given


def _fault(number: int, block: Sequence[str], error: Exception) -> CalendarFault:
    """Return the fault of an event, named by its place in the file, its summary and its UID."""
    summary, uid = (_shown(block, key) for key in ("SUMMARY", "UID"))
    name = f"event {number}" + (f" {summary!r}" if summary else "") + (f" (UID {uid})" if uid else "")
    if isinstance(error, _Unusable):
        return {"name": name, "found": error.found, "expected": error.expected}
    if isinstance(error, OSError):
        return {"name": name, "found": "an unknown time zone", "expected": ZONE}
    found = str(error) if isinstance(error, ValueError) else "a property that cannot be read"
    return {"name": name, "found": printable(found)[:200], "expected": "an event as in RFC 5545"}


def _shown(block: Sequence[str], key: str) -> str:
    """Return the text of a property as it stands in the file, also of an event that cannot be read."""
    given = next((line for line in block if re.match(rf"{key}[;:]", line, re.IGNORECASE)), "")
    return printable(given.partition(":")[2][:LONGEST_SHOWN]).strip()
