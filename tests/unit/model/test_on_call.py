"""Who is on call: turns, layers, overrides, gaps, and nights with a clock change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.model.people.on_call import gaps, on_call, spans
from opsconductor.model.people.schedule import DutyOverride
from tests.support.engine.people_scene import HOUR, layer, schedule

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def berlin(*parts: int) -> datetime:
    """Return a local time in Berlin."""
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc,arg-type]


WEEKLY = schedule("noc", layer("anna", "bob", "carl"), zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "person"),
    [
        (berlin(2026, 2, 23, 7, 59), None),
        (berlin(2026, 2, 23, 8, 0), "anna"),
        (berlin(2026, 3, 2, 7, 59), "anna"),
        (berlin(2026, 3, 2, 8, 0), "bob"),
        (berlin(2026, 3, 9, 8, 0), "carl"),
        (berlin(2026, 3, 16, 8, 0), "anna"),
    ],
)
def test_participants_take_turns_in_order(at: datetime, person: str | None) -> None:
    """Before the first turn no person is on call; then each one for a week, from handover to handover."""
    assert on_call(WEEKLY, at).person == person


@pytest.mark.parametrize("day", [(2026, 3, 30), (2026, 10, 26)])
def test_a_handover_stays_at_its_local_time(day: tuple[int, int, int]) -> None:
    """Over a change of the clock the handover is at 08:00, in both directions."""
    handover = berlin(*day, 8, 0)
    before, after = on_call(WEEKLY, handover - timedelta(seconds=1)), on_call(WEEKLY, handover)
    assert before.person != after.person
    assert before.until == handover


@pytest.mark.parametrize(
    ("begin", "hours"), [(berlin(2026, 3, 28, 20, 0), 11), (berlin(2026, 10, 24, 20, 0), 13)]
)
def test_the_night_in_which_the_clock_is_moved_is_one_turn(begin: datetime, hours: int) -> None:
    """A night shift from 20:00 to 08:00 lasts 11 hours in spring and 13 in autumn."""
    shifts = layer("day", "night", starts=date(2026, 1, 1), handover=8 * 60, every=12 * HOUR)
    at = begin.astimezone(UTC)
    duty = on_call(schedule("shifts", shifts, zone="Europe/Berlin"), at)
    assert duty.person == "night"
    assert duty.until is not None
    assert duty.until - at == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", (2026, 3, 29)),
        ("Europe/Berlin", (2026, 10, 25)),
        ("Australia/Lord_Howe", (2026, 10, 4)),
        ("Pacific/Apia", (2011, 12, 29)),
    ],
)
def test_turns_leave_no_gap_when_the_clock_is_moved(zone: str, day: tuple[int, int, int]) -> None:
    """Hourly turns follow each other in nights with an hour more, less, half of one, and without a day."""
    hourly = layer("a", "b", starts=date(2011, 1, 1), handover=30, every=HOUR)
    begin = datetime(*day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = list(spans(schedule("hours", hourly, zone=zone), begin, begin + 2 * DAY))
    assert all(one.end == two.begin for one, two in pairwise(found))
    assert all(span.person is not None and span.begin < span.end for span in found)
    assert (found[0].begin, found[-1].end) == (begin, begin + 2 * DAY)


def test_a_later_layer_goes_before_an_earlier_one_in_its_windows() -> None:
    """Outside the windows of the later layer the earlier one applies; `until` is when it changes."""
    office = RecurringWindow(zone="Europe/Berlin", days=frozenset(range(5)), begin=8 * 60, end=18 * 60)
    both = schedule(
        "noc", layer("anna"), layer("dora", name="office", restricted_to=(office,)), zone="Europe/Berlin"
    )
    morning, evening = berlin(2026, 3, 4, 9, 0), berlin(2026, 3, 4, 19, 0)
    assert (on_call(both, morning).person, on_call(both, morning).by) == ("dora", "office")
    assert on_call(both, morning).until == berlin(2026, 3, 4, 18, 0)
    assert (on_call(both, evening).person, on_call(both, evening).by) == ("anna", "weekly")


def test_the_latest_override_goes_before_all_layers() -> None:
    """Of two that overlap the later one applies; their limits are limits of the answer."""
    swaps = (
        DutyOverride(person="dora", begin=berlin(2026, 3, 4, 0, 0), end=berlin(2026, 3, 5, 0, 0), number=1),
        DutyOverride(person="emil", begin=berlin(2026, 3, 4, 12, 0), end=berlin(2026, 3, 4, 14, 0), number=2),
    )
    both = schedule("noc", layer("anna"), zone="Europe/Berlin", overrides=swaps)
    found = [
        (span.person, span.end - span.begin)
        for span in spans(both, berlin(2026, 3, 3, 12, 0), berlin(2026, 3, 5, 12, 0))
    ]
    assert found == [
        ("anna", 12 * HOUR),
        ("dora", 12 * HOUR),
        ("emil", 2 * HOUR),
        ("dora", 10 * HOUR),
        ("anna", 12 * HOUR),
    ]


def test_gaps_are_found() -> None:
    """A layer that is restricted to weekdays leaves the weekend unattended."""
    weekdays = RecurringWindow(zone="UTC", days=frozenset(range(5)))
    week = schedule("noc", layer("anna", restricted_to=(weekdays,)))
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    found = gaps(week, begin, begin + 7 * DAY)
    assert [(span.begin, span.end) for span in found] == [(begin + 5 * DAY, begin + 7 * DAY)]
