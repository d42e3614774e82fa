"""`Retry-After` of a web server: seconds, or an HTTP date (RFC 9110 section 10.2.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.connector.http import failure_of, wait_of
from opsconductor.errors import Unreachable

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("31536000", 31_536_000),
        ("Wed, 04 Mar 2026 05:08:07 GMT", 120),
        ("Wednesday, 04-Mar-26 05:08:07 GMT", 120),
        ("Wed Mar  4 05:08:07 2026", 120),
        ("Wed, 04 Mar 2026 05:00:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_understood(value: str, seconds: int) -> None:
    """Seconds and the three forms of an HTTP date; a date that has passed asks for no wait."""
    assert wait_of(value, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1.5", "1234567890", "Wed, 99 Mar 2026 05:08:07 GMT", "1 Jan 99999999999999999999"],
)
def test_an_unknown_header_is_no_wait(value: str) -> None:
    """The channel's own pauses apply instead."""
    assert wait_of(value, NOW) is None


@given(st.text(max_size=60))
def test_any_header_is_harmless(value: str) -> None:
    """Any header results in no wait or in a wait that is not negative."""
    wait = wait_of(value, NOW)
    assert wait is None or wait >= timedelta(0)


def test_a_date_reaches_the_channel() -> None:
    """A 503 with a date in the future asks for a wait."""
    failure = failure_of("https://hook", 503, "", "Fri, 31 Dec 2100 23:59:59 GMT")
    assert isinstance(failure, Unreachable)
    assert failure.retry_after is not None
    assert failure.retry_after > timedelta(days=365)
