"""Parser for points in time on the command line."""

import re
from datetime import UTC, date, datetime, time

import click

from opsconductor.connector.settings.duration import parse_duration

EXPECTED = (
    "a time such as 2h (two hours ago), 1d, 14:30 (today), 2026-03-01, 2026-03-01T14:30, "
    "2026-03-01T14:30+02:00 or now"
)
AGO = re.compile(r"(?P<length>(?:[0-9.]+[dhms])+)(?: +ago)?")


class Moment(click.ParamType[datetime]):
    """Point in time: ISO 8601, or how long ago; local time unless it has an offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_moment(str(value), datetime.now(UTC))
        except ValueError:
            self.fail(f"{value!r} is not {EXPECTED}", param, ctx)


def parse_moment(text: str, now: datetime) -> datetime:
    """Parse a point in time.

    Args:
        now: Reference for relative times.

    Returns:
        The time in UTC; a time without offset is taken as local.

    Raises:
        ValueError: It cannot be parsed.
    """
    text = text.strip()
    if text == "now":
        return now
    if match := AGO.fullmatch(text):
        return now - parse_duration(match["length"])
    if ":" in text[:3]:
        local = datetime.combine(now.astimezone().date(), time.fromisoformat(text))
    elif len(text) == len("2026-03-01"):
        local = datetime.combine(date.fromisoformat(text), time())
    else:
        local = datetime.fromisoformat(text)
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def shown(moment: datetime) -> str:
    """Format a time for reading: local, with its offset."""
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")
