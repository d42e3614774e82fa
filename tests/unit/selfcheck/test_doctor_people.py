"""Findings on people who are named and cannot be notified."""

from datetime import UTC, datetime

from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.person import Person
from opsconductor.selfcheck.doctor.oncall import judge_people
from tests.support.people_scene import directory, layer, paging, schedule

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEKDAYS = RecurringWindow(zone="UTC", days=frozenset(range(5)))


def test_gaps_of_named_schedules_are_found_in_advance() -> None:
    """Two weekends of the next two weeks; a schedule that no rule names is left alone."""
    week = schedule("noc", layer("anna", restricted_to=(WEEKDAYS,)))
    known = directory("anna", schedules=[week, schedule("other")])
    (finding,) = judge_people(known, [paging("schedule noc")], NOW)
    assert finding.text.startswith(
        "nobody is on call in noc: Sat 2026-03-07 00:00 to Mon 2026-03-09 00:00 UTC"
    )
    assert finding.text.count("Sat") == 2


def test_those_who_cannot_be_notified_are_found() -> None:
    """A person without contact method, and names that nothing has."""
    known = directory(Person(name="bob"))
    found = judge_people(known, [paging("person bob", "person carl", "schedule noc")], NOW)
    assert [finding.text for finding in found] == [
        "schedule noc does not exist, but is named",
        "person bob has no contact method and cannot be notified",
        "person carl does not exist, but is named",
    ]
