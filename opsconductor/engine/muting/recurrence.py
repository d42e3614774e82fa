"""Occurrences of a recurring maintenance window, by RFC 5545; local times also when the clock is moved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from opsconductor.engine.clock import later
from opsconductor.model.notifications.maintenance import Recurrence

DAY = timedelta(days=1)
FARTHEST = timedelta(days=3_653)
"""How far the next occurrence is searched."""
STEPS = {"DAILY": DAY, "WEEKLY": 7 * DAY}
"""Periods by which the first occurrence may be moved without a change of the others."""


def occurrences(
    recurrence: Recurrence, start_at: datetime, at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield begin and end of the occurrences that are not over at a time, in order.

    A local time that the clock skips counts as if it had not been moved yet (RFC 5545, 3.3.5); of one that it
    shows twice the first begins an occurrence. Its length is that of a stopwatch.

    Args:
        start_at: The rule begins then, and its local time is that of the occurrences.
    """
    zone = ZoneInfo(recurrence.zone)
    first = start_at.astimezone(zone).replace(tzinfo=None, fold=0)
    looked_from = at.astimezone(zone).replace(tzinfo=None) - recurrence.duration - DAY
    first = _moved(first, looked_from, recurrence)
    until = max(first, looked_from) + FARTHEST
    rule = rrulestr(f"RRULE:{recurrence.rule};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=first)
    for local in rule.xafter(looked_from, inc=True):
        begin = local.replace(tzinfo=zone).astimezone(UTC)
        end = later(begin, recurrence.duration)
        if end > at and begin >= start_at:
            yield begin, end


def _moved(first: datetime, looked_from: datetime, recurrence: Recurrence) -> datetime:
    """Return a later first occurrence after which all are the same, so that years are not walked through."""
    parts = dict(part.split("=") for part in recurrence.rule.split(";"))
    step = STEPS.get(parts["FREQ"])
    if step is None or looked_from <= first:
        return first
    step *= int(parts.get("INTERVAL", "1"))
    return first + (looked_from - first) // step * step
