"""Maintenance windows that recur: local times at clock changes, and ends before their time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from opsconductor.engine.muting.schedule import state_at
from opsconductor.model.notifications.maintenance import MaintenanceWindow, Recurrence
from tests.support.engine.pipeline_scene import START, Scene

LEAF = "10.1.2.3"
HOUR = timedelta(hours=1)


def window(
    rule: str, start: str, *, hours: float = 3, zone: str = "Europe/Berlin", **values: object
) -> MaintenanceWindow:
    """Declare a window that recurs."""
    return MaintenanceWindow(
        id=UUID(int=5),
        name="patch night",
        start_at=datetime.fromisoformat(start),
        recurrence=Recurrence(rule=rule, zone=zone, duration=hours * HOUR),
        **({"end_at": None} | values),  # type: ignore[arg-type]
    )


def spans(recurring: MaintenanceWindow, at: str, amount: int) -> list[tuple[str, str]]:
    """List begin and end of the next occurrences in UTC, as the engine gets them."""
    now, found = datetime.fromisoformat(at), []
    while len(found) < amount:
        state = state_at(recurring, now)
        assert state.until is not None
        if state.is_open:
            found.append((f"{state.since:%m-%d %H:%M}", f"{state.until:%m-%d %H:%M}"))
        now = state.until
    return found


def test_local_times_count_over_the_night_in_which_the_clock_goes_back() -> None:
    """Two o'clock in Berlin is 00:00 UTC in summer and 01:00 in winter; three hours are three hours."""
    tuesdays = window("FREQ=WEEKLY;BYDAY=TU,SU", "2026-10-01T02:00:00+02:00")
    assert spans(tuesdays, "2026-10-20T12:00:00+00:00", 3) == [
        ("10-25 00:00", "10-25 03:00"),  # shown twice that night: the first two o'clock
        ("10-27 01:00", "10-27 04:00"),
        ("11-01 01:00", "11-01 04:00"),
    ]


def test_a_time_that_the_clock_skips_counts_as_before_it_was_moved() -> None:
    """Half past two does not exist on 29 March 2026 in Berlin: it is 01:30 UTC, shown as half past three."""
    nightly = window("FREQ=DAILY", "2026-03-01T02:30:00+01:00", hours=1)
    assert spans(nightly, "2026-03-28T00:00:00+00:00", 3) == [
        ("03-28 01:30", "03-28 02:30"),
        ("03-29 01:30", "03-29 02:30"),
        ("03-30 00:30", "03-30 01:30"),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", ["03-10", "04-14"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["03-31", "04-30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", ["03-07", "03-21"]),
        ("FREQ=DAILY;INTERVAL=10", ["03-07", "03-17"]),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", ["05-01", "05-01"]),
    ],
)
def test_rules_of_rfc_5545_are_understood_years_after_their_start(rule: str, expected: list[str]) -> None:
    """The second Tuesday, the last working day, every other Saturday: found without walking through years."""
    recurring = window(rule, "2021-01-02T01:00:00+00:00", zone="UTC")
    found = spans(recurring, "2026-03-01T12:00:00+00:00", 2)
    assert [begin[:5] for begin, _ in found] == expected


def test_the_next_occurrence_is_looked_for_in_ten_years_only() -> None:
    """The next Monday that is a 29 February is in 2044."""
    state = state_at(
        window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2026-01-01T00:00:00+00:00"),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert (state.is_open, state.until) == (False, None)


def test_the_series_ends_and_one_occurrence_is_cut() -> None:
    """No occurrence begins at `end_at` or later; one that was ended early does not come back."""
    cut_at = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    end_at = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
    recurring = window("FREQ=WEEKLY", "2026-03-03T01:00:00+00:00", zone="UTC", cut_at=cut_at, end_at=end_at)
    assert spans(recurring, "2026-03-01T00:00:00+00:00", 1) == [("03-03 01:00", "03-03 02:00")]
    assert not state_at(recurring, cut_at).is_open
    assert state_at(recurring, end_at).until is None


def test_states_follow_one_another_without_gap_over_a_year() -> None:
    """Each state holds until its end, at every change of the clock."""
    recurring = window("FREQ=DAILY", "2026-01-01T02:30:00+01:00", hours=1)
    now, states = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(730):
        states.append(state_at(recurring, now))
        until = states[-1].until
        assert until is not None
        assert until > now
        now = until
    assert all(one.is_open is not other.is_open for one, other in pairwise(states))


def test_an_alert_is_held_for_one_occurrence_after_the_other() -> None:
    """The engine wakes for begin and end of each; a fault in one is sent at its end."""
    nightly = window("FREQ=DAILY", f"{START:%Y-%m-%d}T13:00:00+00:00", hours=1, zone="UTC")
    scene = Scene(windows=[nightly])
    for day in range(2):
        scene.wait(3_600 + 600)
        scene.problem(LEAF, resource=f"ifIndex={day}")
        assert len(scene.sent()) == day
        assert scene.engine.next_due() == START + timedelta(days=day, hours=2)
        scene.wait(3_000)
        assert scene.sent() == [f"problem {LEAF}"] * (day + 1)
        scene.wait(22 * 3_600)
