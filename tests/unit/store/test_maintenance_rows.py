"""Rows of maintenance windows as the database has them: what cannot be used mutes nothing, and says why."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from opsconductor.engine.muting.schedule import state_at
from opsconductor.store.maintenance import Row, window_of

START = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
RECURRING = {"rule": "FREQ=WEEKLY;BYDAY=TU", "zone": "UTC", "duration": "3h"}


def row(**recurring: str) -> Row:
    """Return a row of a window that recurs."""
    missing = dict.fromkeys(("reason", "behind", "end_at", "announce"))
    return {
        "id": UUID(int=1),
        "name": "patch night",
        "mode": "mute",
        "start_at": START,
        "conditions": {},
        "recurring": RECURRING | recurring,
        **missing,
    }


def test_a_row_becomes_a_window_that_recurs() -> None:
    """It is active in its first occurrence."""
    window = window_of(row())
    assert not window.fault
    assert state_at(window, START).is_open


@pytest.mark.parametrize(
    ("recurring", "reason"),
    [
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "has no occurrence within ten years"),
        ({"rule": "FREQ=HOURLY"}, "FREQ=HOURLY is not possible"),
        ({"rule": "every Tuesday"}, "a recurrence rule such as"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
    ],
)
def test_a_row_that_cannot_be_used_mutes_nothing(recurring: dict[str, str], reason: str) -> None:
    """Another program has written it: the fault is shown, and the window is never active."""
    window = window_of(row(**recurring))
    assert reason in window.fault
    assert not state_at(window, START).is_open
