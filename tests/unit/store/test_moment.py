"""Points in time on a command line."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from opsconductor.cli.terminal.moment import parse_moment, shown

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a time zone that is an hour ahead in winter."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("2h", NOW - timedelta(hours=2)),
        (" 1d ago", NOW - timedelta(days=1)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("14:30", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-02-28", datetime(2026, 2, 27, 23, 0, tzinfo=UTC)),
        ("2026-02-28T14:30", datetime(2026, 2, 28, 13, 30, tzinfo=UTC)),
        ("2026-07-01 14:30:15", datetime(2026, 7, 1, 12, 30, 15, tzinfo=UTC)),
        ("2026-02-28T14:30+05:30", datetime(2026, 2, 28, 9, 0, tzinfo=UTC)),
        ("2026-02-28T14:30Z", datetime(2026, 2, 28, 14, 30, tzinfo=UTC)),
    ],
)
def test_times_as_people_write_them(text: str, expected: datetime) -> None:
    """ISO 8601, a time of today, or how long ago; local unless an offset is given."""
    assert parse_moment(text, NOW) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "90", "-2h", "2h5", "1m30", "25:00", "2026-13-01", "2026-02-30", "2x", "99999d"]
)
def test_other_texts_are_refused(text: str) -> None:
    """Text with two readings, or none, is no time."""
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text, NOW)


def test_times_are_shown_with_their_offset() -> None:
    """The zone is always visible."""
    assert shown(NOW) == "2026-03-01 13:30:00+01:00"
