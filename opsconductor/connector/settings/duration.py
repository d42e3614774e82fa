"""Durations in configuration: `90`, `60s`, `5m`, `2h`, `1d`, `1h30m`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST = timedelta(days=3_650)
SHORTEST_ATTEMPT, LONGEST_ATTEMPT = timedelta(seconds=1), timedelta(seconds=55)
EXPECTED = "a length of time such as 90 (seconds), 60s, 5m, 2h, 1d or 1h30m"
PLAIN_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
PARTS = re.compile(
    r"(?:(?P<d>[0-9]{1,9})d)?(?:(?P<h>[0-9]{1,9})h)?(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9}(\.[0-9]{1,6})?)s)?"
)


def parse_duration(value: object) -> timedelta:
    """Parse a duration.

    Args:
        value: A number of seconds, a text of units from large to small, or a timedelta.

    Raises:
        ValueError: It is negative, longer than ten years, or ambiguous (`10M`, `1m30`); the message gives
            the expected form.
    """
    length = _length_of(value)
    if length < timedelta(0):
        raise ValueError(f"{EXPECTED}, not negative")
    if length > LONGEST:
        raise ValueError(f"{EXPECTED}, at most {LONGEST.days}d")
    return length


def format_duration(length: timedelta) -> str:
    """Format a duration as short text that `parse_duration` reads back: `1h30m`."""
    rest = length // timedelta(microseconds=1)
    text = ""
    for unit, seconds in UNITS.items():
        count, rest = divmod(rest, seconds * 1_000_000)
        if unit == "s" and rest:
            text += f"{count}.{rest:06d}".rstrip("0") + unit
        elif count:
            text += f"{count}{unit}"
    return text or "0s"


def _length_of(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(EXPECTED)  # noqa: TRY004 - pydantic reports ValueError, not TypeError
    if isinstance(value, str):
        return _length_of_text(value.strip())
    try:
        return timedelta(seconds=value)
    except (OverflowError, ValueError):  # beyond what a timedelta holds; not a number
        raise ValueError(f"{EXPECTED}, at most {LONGEST.days}d") from None


def _length_of_text(text: str) -> timedelta:
    if text.startswith("-"):
        raise ValueError(f"{EXPECTED}, not negative")
    if PLAIN_SECONDS.fullmatch(text):
        return timedelta(seconds=float(text))
    match = PARTS.fullmatch(text)
    if not text or match is None:
        raise ValueError(EXPECTED)
    return timedelta(seconds=sum(float(match[unit] or 0) * seconds for unit, seconds in UNITS.items()))


def _not_zero(length: timedelta) -> timedelta:
    if not length:
        raise ValueError(f"{EXPECTED}, more than zero")
    return length


def _fits_an_attempt(length: timedelta) -> timedelta:
    if not SHORTEST_ATTEMPT <= length <= LONGEST_ATTEMPT:
        raise ValueError("between 1s and 55s")
    return length


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=float | str),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
]
"""A timedelta in a pydantic model that is written `5m` in YAML and in JSON."""

PositiveDuration = Annotated[Duration, AfterValidator(_not_zero)]
"""A duration that must not be zero: timeouts, windows."""

AttemptTimeout = Annotated[Duration, AfterValidator(_fits_an_attempt)]
"""Time limit of one attempt of a channel to deliver a notification."""
