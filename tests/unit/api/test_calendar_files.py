"""On-call calendars as iCalendar files: what is written, and how hostile files are read."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from opsconductor.api.calendar_export import calendar_of
from opsconductor.api.calendar_import import MOST_EVENTS, ImportedCalendar, read_calendar
from opsconductor.model.people.on_call import spans
from opsconductor.model.people.person import ContactMethod, Person
from opsconductor.model.people.schedule import DutyOverride, Layer, Schedule

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = {
    "anna": Person(
        name="anna",
        display_name="Anna Berg",
        methods=(ContactMethod(channel="mail", recipient="Anna@example.net"),),
    ),
    "bob": Person(
        name="bob",
        methods=(
            ContactMethod(channel="mail", recipient="bob@example.net"),
            ContactMethod(channel="mail", recipient="noc@example.net"),
        ),
    ),
    "carl": Person(name="carl", methods=(ContactMethod(channel="mail", recipient="noc@example.net"),)),
}
SCHEDULE = Schedule(
    name="noc",
    zone="Europe/Berlin",
    layers=(Layer(name="weekly", starts=date(2026, 1, 5), handover=480, participants=("anna", "bob")),),
    overrides=(
        DutyOverride(
            person="carl", begin=datetime(2026, 3, 3, tzinfo=UTC), end=datetime(2026, 3, 4, tzinfo=UTC)
        ),
    ),
)


def calendar(*lines: str) -> str:
    """Write a file around the lines of its events."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "1", summary: str = "bob") -> str:
    """Write an event, on 28 March from 20:00 unless the lines say another time."""
    times = lines if any(line.startswith("DTSTART") for line in lines) else (*lines, *EVENING)
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *times, "END:VEVENT"])


EVENING = ("DTSTART;TZID=Europe/Berlin:20260328T200000", "DTEND;TZID=Europe/Berlin:20260329T080000")


def read(*events: str) -> ImportedCalendar:
    """Read a file with these events."""
    return read_calendar(calendar(*events), "Europe/Berlin", PEOPLE, NOW)


def fault_of(*events: str) -> str:
    """Return the only fault of a file in one line."""
    (fault,) = read(*events).faults
    return f"{fault['name']}: {fault['found']}; {fault['expected']}"


def test_a_schedule_is_written_as_events_that_name_the_persons() -> None:
    """Other programs read the same spans in UTC, with the names as people write them; UIDs stay."""
    begin, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC)
    written = calendar_of(SCHEDULE, PEOPLE, begin, end, now=NOW)
    events = Calendar.from_ical(written).walk("VEVENT")
    found = [(one["DTSTART"].dt, one["DTEND"].dt, str(one["SUMMARY"])) for one in events]
    names = {"anna": "Anna Berg"}
    wanted = [
        (one.begin, one.end, names.get(one.person or "", one.person)) for one in spans(SCHEDULE, begin, end)
    ]
    assert found == wanted
    assert datetime(2026, 3, 30, 6, tzinfo=UTC) in {one[0] for one in found}  # 08:00 CEST
    again = calendar_of(SCHEDULE, PEOPLE, begin, end + timedelta(days=1), now=NOW + timedelta(days=1))
    uids = [one["UID"] for one in Calendar.from_ical(again).walk("VEVENT")]
    assert uids[: len(events)] == [one["UID"] for one in events]


def test_gaps_are_no_events() -> None:
    """Before the first turn no person is on call, so there is no event."""
    before = datetime(2025, 12, 1, tzinfo=UTC)
    assert b"VEVENT" not in calendar_of(SCHEDULE, PEOPLE, before, before + timedelta(days=7), now=NOW)


def test_an_exported_file_can_be_imported() -> None:
    """The persons and times of an exported file are read as they were."""
    begin, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC)
    text = calendar_of(SCHEDULE, PEOPLE, begin, end, now=NOW).decode()
    imported = read_calendar(text, "UTC", PEOPLE, NOW)
    assert not imported.faults
    found = [(one.begin, one.end, one.person) for one in imported.overrides]
    assert found == [(one.begin, one.end, one.person) for one in spans(SCHEDULE, begin, end)]


@pytest.mark.parametrize(
    ("lines", "begin", "hours"),
    [
        (EVENING, "2026-03-28T19:00", 11),
        (("DTSTART:20260328T200000", "DTEND:20260329T080000"), "2026-03-28T19:00", 11),
        (("DTSTART:20260328T200000Z", "DTEND:20260329T080000Z"), "2026-03-28T20:00", 12),
        (("DTSTART;VALUE=DATE:20260329",), "2026-03-28T23:00", 23),
        (("DTSTART;VALUE=DATE:20260328", "DTEND;VALUE=DATE:20260330"), "2026-03-27T23:00", 47),
        (("DTSTART:20260328T200000", "DURATION:PT12H"), "2026-03-28T19:00", 12),
        (("DTSTART:20260328T200000", "DURATION:P1D"), "2026-03-28T19:00", 23),
        (
            (
                "DTSTART;TZID=W. Europe Standard Time:20261024T200000",
                "DTEND;TZID=W. Europe Standard Time:20261025T080000",
            ),
            "2026-10-24T18:00",
            13,
        ),
    ],
)
def test_times_are_read_in_their_zone(lines: tuple[str, ...], begin: str, hours: int) -> None:
    """The nights of the clock change have 11 and 13 hours; times without zone are in the schedule's zone."""
    (found,) = read(event(*lines)).overrides
    assert found.begin == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert found.end - found.begin == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("summary", "attendees", "person"),
    [
        ("bob", (), "bob"),
        ("ANNA BERG", (), "anna"),
        ("On call: Anna Berg", (), "anna"),
        ("anna@example.net has the phone.", (), "anna"),
        ("night shift", ("ATTENDEE;CN=Someone:MAILTO:bob@example.net",), "bob"),
        ("night shift", ("ATTENDEE;CN=Anna Berg:mailto:x@example.org",), "anna"),
        ("bob for anna", ("ATTENDEE:mailto:bob@example.net",), "bob"),
        ("carl", ("ATTENDEE:mailto:bob@example.net", "ATTENDEE:mailto:anna@example.net"), "carl"),
    ],
)
def test_a_person_is_found(summary: str, attendees: tuple[str, ...], person: str) -> None:
    """By name, display name or e-mail address, in the summary or among the attendees."""
    (found,) = read(event(*attendees, summary=summary)).overrides
    assert found.person == person


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ((event(summary="dora"),), "event 1 'dora' (UID 1): no known person in 'dora'"),
        ((event(summary="bob or anna"),), "anna, bob; the name or the e-mail address of one person"),
        ((event(summary="noc@example.net"),), "bob, carl; the name"),
        ((event(), event()), "event 2 'bob' (UID 1): a second event with UID 1"),
        ((event(uid=""),), "event 1 'bob': no UID"),
        ((event("RRULE:FREQ=WEEKLY"),), "RRULE: it recurs"),
        ((event("DTSTART;TZID=../../etc/passwd:20260328T200000"),), "in time zone ../../etc/passwd"),
        (
            (event("DTSTART;TZID=Europe:20260328T200000"),),
            "event 1 'bob' (UID 1): an unknown time zone; a time",
        ),
        (
            (event(f"DTSTART;TZID={'A' * 300}:20260328T200000"),),
            "event 1 'bob' (UID 1): an unknown time zone; a time",
        ),
        ((event(f"DTSTART;TZID={'A/' * 2000}B:20260328T200000"),), "a time zone of the IANA database"),
        ((event(f"RRULE:FREQ=SECONDLY;BYSECOND={'1,' * 9000}1"),), "at most 4096 characters in a line"),
        ((event(*["ATTENDEE:mailto:bob@example.net"] * 2000),), "at most 1000 lines"),
        (
            (event("ATTENDEE;VALUE=a,b:x"),),
            "event 1 'bob' (UID 1): a property that cannot be read",
        ),
        ((event("DTSTART:rubbish"),), "event 1 'bob' (UID 1): "),
        ((event("DTSTART:20260328T200000"),), "no DTEND and no DURATION"),
        ((event("DTSTART:20260328T200000Z", "DTEND:20260328T200000Z"),), "an end after the begin"),
        ((event("DTSTART:20260328T200000Z", "DTEND:99991231T235959"),), "within 366 days"),
        ((event("DTSTART:00010101T000000", "DTEND:20260328T200000Z"),), "between the years 1 and 9999"),
        ((event("DTSTART;VALUE=PERIOD:20260328T200000Z/PT1H"),), "a date, or a date with a time"),
        ((event("DTSTART:20260328T200000Z", "DTSTART:20260328T200000Z"),), "2 times DTSTART"),
    ],
)
def test_a_fault_names_the_event(events: tuple[str, ...], wanted: str) -> None:
    """The message names the event, the value found and the value expected."""
    assert wanted in fault_of(*events)


def test_cancelled_and_past_events_have_ended() -> None:
    """Cancelled and past events end the override imported before, and need no known person."""
    over = event("DTSTART:20260101T000000Z", "DTEND:20260102T000000Z", uid="over", summary="dora")
    found = read(event("STATUS:CANCELLED", uid="cancelled", summary="dora"), over, event())
    assert (found.ended, len(found.overrides), found.faults) == (("cancelled", "over"), 1, ())


def test_definitions_of_time_zones_are_not_read() -> None:
    """A zone that a file defines itself, nested or folded, is refused and does not affect the next file."""
    zone = ("BEGIN:VTIMEZONE", "TZID:Mine", "BEGIN:STANDARD", "DTSTART:19700101T000000")
    zone += ("TZOFFSETFROM:+0100", "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIME\r\n ZONE")
    mine = ("DTSTART;TZID=Mine:20260328T200000", "DTEND;TZID=Mine:20260329T080000")
    for lines in ((*zone, event(*mine)), (event(*zone, *mine),), (event(*mine),)):
        assert "in time zone Mine" in fault_of(*lines)


@pytest.mark.parametrize(
    "text", ["", "x", "BEGIN:VCALENDAR", calendar(event())[:-20], "\n" * 500_000, "BEGIN:VEVENT\n" * 40_000]
)
def test_a_file_that_is_no_calendar_is_refused_at_once(text: str) -> None:
    """Truncated and very large files are refused, too."""
    (fault,) = read_calendar(text, "UTC", PEOPLE, NOW).faults
    assert "from BEGIN:VCALENDAR to END:VCALENDAR" in fault["expected"]


def test_a_file_is_bounded() -> None:
    """The allowed number of events is read quickly; one more is refused."""
    begun = time.monotonic()
    assert len(read(*(event(uid=str(number)) for number in range(MOST_EVENTS))).overrides) == MOST_EVENTS
    assert time.monotonic() - begun < 10
    assert "1001 events; at most 1000 events" in fault_of(
        *(event(uid=str(n)) for n in range(MOST_EVENTS + 1))
    )


@given(st.lists(st.sampled_from(["BEGIN:VEVENT", "END:VEVENT", "DTSTART:", "DTEND;", "UID:a", '\x00:;="\\'])))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    """Any lines become overrides or faults."""
    assert read(*lines).overrides == ()


@given(st.text(max_size=60), st.sampled_from(["DTSTART", "DTEND", "SUMMARY", "ATTENDEE", "RRULE", "STATUS"]))
def test_any_value_is_read_or_refused(text: str, key: str) -> None:
    """Any value becomes an override or a fault."""
    read(event(f"{key}:{text}", f"{key};TZID={text}:20260328T200000"))
