"""Points in time as people write them on a command line."""

import re
from datetime import UTC, date, datetime, time

import click

from opsconductor.connector.duration import parse_duration

EXPECTED = (
    "a time such as 2h (two hours ago), 1d, 14:30 (today), 2026-03-01, 2026-03-01T14:30, "
    "2026-03-01T14:30+02:00 or now"
)
AGO = re.compile(r"(?P<length>(?:[0-9.]+[dhms])+)(?: +ago)?")


class Moment(click.ParamType[datetime]):
    """A point in time: ISO 8601, or how long ago; without an offset in the local time zone."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a time; it comes out in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_moment(str(value), datetime.now(UTC))
        except ValueError:
            self.fail(f"{value!r} is not {EXPECTED}", param, ctx)


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a point in time.

    Args:
        now: To count back from.

    Returns:
        In UTC; what names no offset is taken as local time.

    Raises:
        ValueError: It cannot be read.
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
    """Write a time for people: local, with its offset."""
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")
