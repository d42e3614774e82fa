"""How a rule combines the messages about several alerts into one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from opsconductor.model.notifications.time_window import DAY, FARTHEST, moment_at


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTimes:
    """Set times at which everything since the last one is sent in one message.

    Attributes:
        zone: Name in the IANA time zone database (`Europe/Berlin`).
        at: Minutes after midnight, ascending.
        days: Days of the week, 0 is Monday.
    """

    zone: str
    at: tuple[int, ...]
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageGrouping:
    """How the messages of a rule are combined.

    Attributes:
        by: What alerts of one group have in common: `device`, `site`, `cause`, `category`, `alert_type`,
            `severity`, or the name of a custom field; empty: nothing, all are in one group.
        wait: Time for which the first message of a group waits for more alerts.
        interval: Minimum time between two messages of a group.
        repeat: Time after which a group with unacknowledged open alerts is sent again; None: never.
        digest: Set times in place of wait and interval; None: none.
    """

    by: tuple[str, ...] = ()
    wait: timedelta = timedelta(seconds=30)
    interval: timedelta = timedelta(minutes=5)
    repeat: timedelta | None = None
    digest: DigestTimes | None = field(default=None)


def next_digest(times: DigestTimes, after: datetime) -> datetime:
    """Return the first set time after a time.

    A time that the local clock skips counts as if it had not been moved yet; of one that it shows twice the
    first counts.
    """
    zone = ZoneInfo(times.zone)
    today = after.astimezone(zone).date()
    for number in range(FARTHEST):
        day = today + number * DAY
        if day.weekday() in times.days:
            for minutes in times.at:
                at = moment_at(day, minutes, zone, is_second=False)
                if at > after:
                    return at
    return after + FARTHEST * DAY
